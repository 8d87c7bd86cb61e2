"""The pick list of a batch."""

from functools import partial

from flask import Blueprint, Response, url_for

from webshop_orders.clock import now
from webshop_orders.models.event_facts import Document
from webshop_orders.operations.printing import pick_lists, printed, selection
from webshop_orders.operations.printing.selection import Selection
from webshop_orders.web.printing import page

blueprint = Blueprint("pick_lists", __name__, url_prefix="/pick-lists")


@blueprint.get("/<id:batch_id>")
def show(batch_id: int) -> Response:
    return _render(batch_id, selection.of_batch(batch_id))


@blueprint.post("/<id:batch_id>")
def print_batch(batch_id: int) -> Response:
    return page.note(
        lambda actor: printed.record_batch(batch_id, Document.PICK_LIST, by=actor),
        partial(_render, batch_id),
        lambda _selected: _noted_url(batch_id),
    )


def _render(batch_id: int, selected: Selection, is_noted: bool | None = None) -> Response:
    return page.render(
        "printing/pick_list.html",
        selected,
        noted_url=_noted_url(batch_id),
        is_noted=is_noted,
        pick_list=pick_lists.of(selected),
        printed_at=now(),
    )


def _noted_url(batch_id: int) -> str:
    return url_for("pick_lists.show", batch_id=batch_id, noted=1)
