from flask import Blueprint, render_template

from webshop_orders import shop_settings
from webshop_orders.operations import products
from webshop_orders.web.arguments import words

blueprint = Blueprint("products", __name__)


@blueprint.get("/products")
def search() -> str:
    shop, typed = shop_settings.current(), words("q")
    found = products.search(typed, words("currency") or shop.currency) if typed else []
    return render_template("orders/_products.html", words=typed, products=found, shop=shop)
