"""What pages say of what is paused: why, until when, and by whom."""

from collections.abc import Iterable
from datetime import datetime
from textwrap import shorten

from webshop_orders.models import Hold, HoldReason
from webshop_orders.text.languages import gettext as _
from webshop_orders.web.http.formatting import day, relative_time

MAX_SHOWN = 40  # characters of a note beside other things


def reasons(holds: Iterable[Hold]) -> str:
    """Why something is held, each reason once; where none of them is, what was noted instead."""
    return ", ".join(dict.fromkeys(map(_reason, holds)))


def _reason(hold: Hold) -> str:
    is_noted_alone = hold.reason is HoldReason.OTHER and hold.rule is None and hold.note
    return shorten(hold.note or "", MAX_SHOWN, placeholder=" …") if is_noted_alone else hold.label


def details(hold: Hold) -> str:
    """Who made a hold and when, and the day on which it ends by itself, if it does."""
    values = {"name": hold.by, "time": relative_time(datetime.fromisoformat(hold.at))}
    if hold.ends_on:
        return _("until %(day)s, by %(name)s %(time)s", day=day(hold.ends_on), **values)
    return _("until it is released, by %(name)s %(time)s", **values)


def sentences(holds: Iterable[Hold], number: str) -> str:
    """What is held of the order with this number: everything about each hold, for where only the reasons are seen."""
    return " ".join(_sentence(hold, number) for hold in holds)


def what(hold: Hold, number: str) -> str:
    """The number of the order that is held, or the reference of the shipment."""
    return number if hold.shipment is None else f"{number}-{hold.shipment}"


def why(hold: Hold) -> str:
    """The reason of a hold, and what was noted of it."""
    return f"{hold.label}, «{hold.note}»" if hold.note else hold.label


def _sentence(hold: Hold, number: str) -> str:
    return f"{what(hold, number)}: {why(hold)}, {details(hold)}."


TEMPLATE_FILTERS = {"hold_details": details, "hold_reasons": reasons, "hold_why": why}
TEMPLATE_GLOBALS = {"hold_sentences": sentences}
