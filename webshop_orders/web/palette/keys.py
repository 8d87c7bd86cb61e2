"""The keys of the order desk, which the page gets when they are asked for."""

from flask import Blueprint

from webshop_orders import rendering

blueprint = Blueprint("keys", __name__)


@blueprint.get("/keys")
def show() -> str:
    return rendering.render("palette/keys.html")
