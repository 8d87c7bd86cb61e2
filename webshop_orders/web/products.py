from flask import Blueprint, render_template, request

from webshop_orders import shop_settings
from webshop_orders.operations import products

blueprint = Blueprint("products", __name__)


@blueprint.get("/products")
def search() -> str:
    words = request.args.get("q", "").replace("\0", "")[:200].strip()
    currency = request.args.get("currency", shop_settings.current().currency)[:3]
    found = products.search(words, currency) if words else []
    return render_template("orders/_products.html", words=words, products=found, shop=shop_settings.current())
