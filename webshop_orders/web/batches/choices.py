"""What can be done with a batch, by the name that a button of the list's selection sends."""

from typing import NamedTuple

from flask import current_app, url_for

from webshop_orders.models import Batch, BatchAction
from webshop_orders.text.languages import Sentence
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.auth.authorization import may

LIST = "list"  # the batch is only kept


class Job(NamedTuple):
    """An action that the worker carries out; whoever may do the same to one order, by `endpoint`, may do it to many."""

    action: BatchAction
    endpoint: str
    label: Sentence
    icon: str


class Printing(NamedTuple):
    """A page that prints something of all orders, by the endpoint that shows it and what that takes."""

    endpoint: str
    arguments: dict[str, str]
    label: Sentence


class Choice(NamedTuple):
    name: str
    label: Sentence
    icon: str
    url: str


JOBS = {
    "ship": Job(BatchAction.SHIP, "shipments.set_status", _l("Mark the orders as shipped"), "truck"),
    "confirmation": Job(
        BatchAction.SEND_CONFIRMATION, "confirmations.send", _l("Send the order confirmations"), "mail"
    ),
    "status": Job(BatchAction.SET_STATUS, "shipments.set_status", _l("Set the delivery status"), "clock-alert"),
    "cancel": Job(BatchAction.CANCEL, "cancellations.cancel", _l("Cancel the orders"), "x"),
}
PRINTINGS = {
    "pick_list": Printing("pick_lists.show", {}, _l("Print pick list")),
    "packing_slips": Printing("packing_slips.show", {}, _l("Print packing slips")),
    "labels": Printing("packing_slips.show", {"as": "labels"}, _l("Print address labels")),
}
NAMES = {LIST, *JOBS, *PRINTINGS}


def url_of(name: str, batch_id: int) -> str:
    """Where something is done with a batch."""
    if name in PRINTINGS and _is_there(PRINTINGS[name].endpoint):
        printing = PRINTINGS[name]
        return url_for(printing.endpoint, batch_id=batch_id, **printing.arguments)  # type: ignore[arg-type]
    return url_for("batches.show", batch_id=batch_id, do=name if name in JOBS else None)


def jobs(batch: Batch) -> list[Choice]:
    """What the worker can be told to do with a batch."""
    return [
        Choice(name, job.label, job.icon, url_of(name, batch.id)) for name, job in JOBS.items() if may(job.endpoint)
    ]


def places(batch: Batch) -> list[Choice]:
    """The other pages that work with a batch."""
    printings = [
        Choice(name, printing.label, "printer", url_of(name, batch.id))
        for name, printing in PRINTINGS.items()
        if _is_there(printing.endpoint)
    ]
    pages = [
        Choice(name, label, icon, url_for(endpoint, batch=batch.id))
        for name, endpoint, label, icon in PAGES
        if _is_there(endpoint) and may(endpoint)
    ]
    return [*printings, *pages] if batch.closed_at is None else printings


PAGES = (
    ("pack", "packing.index", _l("Pack"), "package-plus"),
    ("tracking", "tracking_files.index", _l("Read in tracking codes"), "download"),
)


def _is_there(endpoint: str) -> bool:
    return endpoint in current_app.view_functions
