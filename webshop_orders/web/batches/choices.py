"""What can be done with a batch, by the name that a button of the list's selection sends."""

from typing import NamedTuple

from flask import url_for

from webshop_orders.models import Batch, BatchAction
from webshop_orders.text.languages import Sentence
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.auth.authorization import may
from webshop_orders.web.batches import sentences

LIST = "list"  # the batch is only kept


class Job(NamedTuple):
    """An action that the worker carries out; whoever may do the same to one order, by `endpoint`, may do it to many."""

    action: BatchAction
    endpoint: str
    icon: str


class Place(NamedTuple):
    """Another page that works with a batch, by its endpoint."""

    endpoint: str
    label: Sentence
    icon: str


class Choice(NamedTuple):
    name: str
    label: Sentence
    icon: str
    url: str


JOBS = {
    "ship": Job(BatchAction.SHIP, "shipments.set_status", "truck"),
    "confirmation": Job(BatchAction.SEND_CONFIRMATION, "confirmations.send", "mail"),
    "backorder_notice": Job(BatchAction.SEND_BACKORDER_NOTICE, "backorder_notices.send", "mail"),
    "status": Job(BatchAction.SET_STATUS, "shipments.set_status", "clock-alert"),
    "cancel": Job(BatchAction.CANCEL, "cancellations.cancel", "x"),
}
PRINTINGS = {
    "pick_list": Place("pick_lists.show", _l("Print pick list"), "printer"),
    "packing_slips": Place("packing_slips.show", _l("Print packing slips"), "printer"),
    "labels": Place("labels.show", _l("Print address labels"), "printer"),
}
# Where a batch is worked on by hand, as long as it is open.
WORK = {
    "pack": Place("packing.index", _l("Pack"), "package-plus"),
    "tracking": Place("tracking_files.index", _l("Read in tracking codes"), "download"),
}
NAMES = {LIST, *JOBS, *PRINTINGS}


def url_of(name: str, batch_id: int) -> str:
    """Where something is done with a batch."""
    if name in PRINTINGS:
        return url_for(PRINTINGS[name].endpoint, batch_id=batch_id)
    return url_for("batches.show", batch_id=batch_id, do=name if name in JOBS else None)


def jobs(batch: Batch) -> list[Choice]:
    """What the worker can be told to do with a batch."""
    return [
        Choice(name, sentences.ACTIONS[job.action], job.icon, url_of(name, batch.id))
        for name, job in JOBS.items()
        if may(job.endpoint)
    ]


def places(batch: Batch) -> list[Choice]:
    """The other pages that work with a batch; a closed one can only be printed."""
    printings = [Choice(name, place.label, place.icon, url_of(name, batch.id)) for name, place in PRINTINGS.items()]
    if batch.closed_at is not None:
        return printings
    work = [
        Choice(name, place.label, place.icon, url_for(place.endpoint, batch=batch.id)) for name, place in WORK.items()
    ]
    return [*printings, *work]
