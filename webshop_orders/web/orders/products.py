from flask import Blueprint

from webshop_orders import rendering, shop_settings
from webshop_orders.operations.stock import products
from webshop_orders.web.http.query_args import text_arg

blueprint = Blueprint("products", __name__)


@blueprint.get("/products")
def search() -> str:
    shop, words = shop_settings.current(), text_arg("q")
    found = (
        products.search(words, text_arg("currency") or shop.currency, limit=products.MAX_RESULTS + 1) if words else []
    )
    return rendering.render(
        "orders/_products.html",
        words=words,
        products=found[: products.MAX_RESULTS],
        has_more=len(found) > products.MAX_RESULTS,
        selected_product=None,
        is_list_box=True,
        shop=shop,
    )
