"""The stock of a product: so many units more or less, and counts of it."""

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.operations.stock import counts
from webshop_orders.operations.stock.counts import Count
from webshop_orders.text.formatting import integer
from webshop_orders.text.languages import current as current_language
from webshop_orders.web.orders.forms.base import actor_of_form
from webshop_orders.web.stock import product
from webshop_orders.web.stock.product_forms import CountForm, MovementForm

blueprint = Blueprint("product_stock", __name__, url_prefix="/products/<sku_path:sku>")


@blueprint.post("/movements")
def move(sku: str) -> Response:
    form = MovementForm()

    def carry_out() -> str:
        movement = counts.adjust(sku, form.quantity.data, form.chosen_reason, note=form.note.data, by=actor_of_form())
        return _("There are %(stock)s in stock now.", stock=_integer(movement.stock or 0))

    return product.carry_out_form(sku, form, "movement", carry_out)


@blueprint.post("/counts")
def count(sku: str) -> Response:
    form = CountForm()

    def carry_out() -> str:
        by = actor_of_form()
        return said_of(counts.count(sku, form.counted.data, form.version("stock_version"), note=form.note.data, by=by))

    return product.carry_out_form(sku, form, "count", carry_out)


def said_of(count: Count) -> str:
    """What a count came to: what is in stock now, how that differs from what was expected, and what moved meanwhile."""
    stock = count.movement.stock or 0
    sentences = [_("There are %(stock)s in stock now.", stock=_integer(stock))]
    difference = count.movement.quantity if count.expected is not None else 0
    if difference > 0:
        sentences.append(
            ngettext(
                "%(units)s more than expected.", "%(units)s more than expected.", difference, units=_integer(difference)
            )
        )
    elif difference < 0:
        sentences.append(
            ngettext(
                "%(units)s less than expected.",
                "%(units)s less than expected.",
                -difference,
                units=_integer(-difference),
            )
        )
    if count.moved_since < 0:
        sentences.append(
            ngettext(
                "%(units)s pc left stock since you began to count, and is taken off.",
                "%(units)s pcs left stock since you began to count, and are taken off.",
                -count.moved_since,
                units=_integer(-count.moved_since),
            )
        )
    elif count.moved_since > 0:
        sentences.append(
            ngettext(
                "%(units)s pc came in since you began to count, and is added.",
                "%(units)s pcs came in since you began to count, and are added.",
                count.moved_since,
                units=_integer(count.moved_since),
            )
        )
    return " ".join(sentences)


def _integer(number: int) -> str:
    return integer(number, current_language())
