"""The page of a product: its fields, each edited in place, its stock, who holds it, and its history."""

from collections.abc import Callable
from typing import Any

from flask import Response, g, request, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.errors import AlreadyDone, DomainError, NoChange, NotFound, RuleViolation
from webshop_orders.models import Product
from webshop_orders.operations.stock import holders, incoming, movements, product_history, products
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth.authorization import may
from webshop_orders.web.http.fields import INCOMPLETE
from webshop_orders.web.http.query_args import cursor_arg, id_arg, text_arg
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.orders.forms.base import request_keys
from webshop_orders.web.orders.products import blueprint
from webshop_orders.web.stock import words
from webshop_orders.web.stock.product_forms import (
    FIELDS,
    PRICE_FIELDS,
    CountForm,
    MovementForm,
    ProductForm,
    VersionedForm,
)

# The form of stock that the page shows, by its name in the address.
STOCK_FORMS: dict[str, type[VersionedForm]] = {"movement": MovementForm, "count": CountForm}
# Which endpoint takes a field.
ENDPOINTS = {**dict.fromkeys(FIELDS, "products.change"), **dict.fromkeys(PRICE_FIELDS, "products.change_price")}
SHOWN_FIELDS = ("shelf_place", "barcode", "price", "vat_rate", "backorderable", "active", "name")


@blueprint.get("/products/<sku_path:sku>")
def show(sku: str) -> Response:
    product, edited = products.get(sku), text_arg("edit")
    form: VersionedForm | None = None
    if edited in ENDPOINTS and may(ENDPOINTS[edited]):
        form = ProductForm.of_field(product, edited)
    elif edited in STOCK_FORMS and may("product_stock.move"):
        form = STOCK_FORMS[edited].blank()
    return render(product, form, edited=edited)


@blueprint.post("/products/<sku_path:sku>")
def change(sku: str) -> Response:
    return _change(sku, FIELDS)


@blueprint.post("/products/<sku_path:sku>/price")
def change_price(sku: str) -> Response:
    return _change(sku, PRICE_FIELDS)


def _change(sku: str, allowed: tuple[str, ...]) -> Response:
    product, form = products.get(sku), ProductForm.of_submitted(allowed)
    edited = next(iter(form._fields), "")
    if not edited:
        form.add_error(RuleViolation(INCOMPLETE))
        return render(product, form, edited=edited, status=422)

    def carry_out() -> str:
        locked = products.get_for_update(sku)
        products.change_fields(locked, form.values(locked), version=form.version(), by=g.user.actor)
        return _("%(field)s is saved.", field=words.field(edited))

    return carry_out_form(sku, form, edited, carry_out)


def carry_out_form(sku: str, form: VersionedForm, edited: str, carry_out: Callable[[], str]) -> Response:
    """Carry out a form of a product in one transaction, and show the page with the sentence that it returns."""
    if not form.validate():
        return render(products.get(sku), form, edited=edited, status=422)
    try:
        with writing():
            sentence = carry_out()
    except NotFound:
        raise
    except (AlreadyDone, NoChange) as nothing:
        sentence = str(nothing)
    except DomainError as error:
        form.add_error(error)
        return render(products.get(sku), form, edited=edited, status=int(error.status))
    flash_message(sentence)
    return render(products.get(sku)) if wants_fragment() else see_other(url_for("products.show", sku=sku))


def render(product: Product, form: VersionedForm | None = None, *, edited: str = "", status: int = 200) -> Response:
    """The page of a product, with the form that is open: of the field or of the stock that is `edited`."""
    shop = shop_settings.current()
    is_read = request.method == "GET"
    moved_before = id_arg("moved_before") if is_read else None
    changed_before = id_arg("changed_before") if is_read else None
    after = cursor_arg("after") if is_read else None
    return render_region(
        "stock/product.html",
        status=status,
        product=product,
        shop=shop,
        margin=shop.stock_safety_margin,
        form=form,
        edited=edited,
        fields=SHOWN_FIELDS,
        endpoints=ENDPOINTS,
        product_url=_url_builder(product.sku),
        same_barcode=products.with_same_barcode(product),
        holders=holders.page(product, after=after),
        moved=movements.page(product, before=moved_before),
        changed=product_history.page(product, before=changed_before),
        deliveries=incoming.of_product(product) if product.is_tracked else [],
        counted_on=form.version("stock_version") if isinstance(form, CountForm) and not is_read else None,
        request_key=request_keys(),
        after=after,
        moved_before=moved_before,
        changed_before=changed_before,
    )


def _url_builder(sku: str) -> Callable[..., str]:
    def product_url(**arguments: Any) -> str:
        return url_for("products.show", sku=sku, **{name: value for name, value in arguments.items() if value})

    return product_url
