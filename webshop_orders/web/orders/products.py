from flask import Blueprint, render_template

from webshop_orders import shop_settings
from webshop_orders.operations.stock import products
from webshop_orders.web.http.query_args import text_arg

blueprint = Blueprint("products", __name__)


@blueprint.get("/products")
def search() -> str:
    shop, typed = shop_settings.current(), text_arg("q")
    found = products.search(typed, text_arg("currency") or shop.currency) if typed else []
    return render_template("orders/_products.html", words=typed, products=found, shop=shop)
