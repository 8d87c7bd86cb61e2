"""The page of a product: where it stands, and its barcode. All else of it comes from the shop and the ERP."""

from flask import Response, g, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.errors import NoChange
from webshop_orders.models import Product
from webshop_orders.operations.stock import products
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.orders.forms.products import ProductForm
from webshop_orders.web.orders.products import blueprint


@blueprint.get("/products/<sku:sku>")
def show(sku: str) -> Response:
    product = products.get(sku)
    return _render(product, ProductForm(obj=product))


@blueprint.post("/products/<sku:sku>")
def change(sku: str) -> Response:
    form = ProductForm()
    if not form.validate():
        return _render(products.get(sku), form, status=422)
    try:
        with writing():
            values = {"shelf_place": form.shelf_place.data, "barcode": form.barcode.data}
            products.change_fields(products.get_for_update(sku), values, by=g.user.actor)
        flash_message(_("%(name)s is saved.", name=sku))
    except NoChange as nothing:
        flash_message(str(nothing))
    if not wants_fragment():
        return see_other(url_for("products.show", sku=sku))
    product = products.get(sku)
    return _render(product, ProductForm.blank(obj=product))


def _render(product: Product, form: ProductForm, status: int = 200) -> Response:
    return render_region(
        "orders/product.html",
        status=status,
        product=product,
        form=form,
        same_barcode=products.with_same_barcode(product),
        margin=shop_settings.current().stock_safety_margin,
    )
