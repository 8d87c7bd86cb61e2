"""What the pages to print have in common: printing is noted first, and then the page is printed."""

from collections.abc import Callable
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from webshop_orders.models import Actor
from webshop_orders.operations.printing.selection import Selection
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.orders.forms.base import actor_of_form, request_keys


def render(
    template: str,
    selected: Selection,
    *,
    noted_url: str,
    is_noted: bool | None = None,
    **context: Any,
) -> Response:
    """Render a page to print, whose form is posted to its own address; once that is noted, its button only prints."""
    return render_region(
        template,
        batch=selected.batch,
        references=selected.references,
        held=selected.held,
        print_url=noted_url.partition("?")[0],
        noted_url=noted_url,
        is_noted="noted" in request.args if is_noted is None else is_noted,
        request_key=request_keys(),
        **context,
    )


def address(selected: Selection, of_batch: str, of_shipments: str, **arguments: Any) -> str:
    """The address of the page about a batch or else about single shipments, given the endpoints of both."""
    if selected.batch is not None:
        return url_for(of_batch, batch_id=selected.batch.id, **arguments)
    return url_for(of_shipments, shipment=list(selected.references), **arguments)


def note(
    record: Callable[[Actor], Selection],
    show: Callable[[Selection, bool], Response],
    noted_url: Callable[[Selection], str],
) -> Response:
    """Note that something is printed, and show it; without JavaScript, on the page that the browser can print then."""
    with writing():
        printed = record(actor_of_form())
    flash_message(_("The printing is noted in the history of each order."))
    return show(printed, True) if wants_fragment() else see_other(noted_url(printed))
