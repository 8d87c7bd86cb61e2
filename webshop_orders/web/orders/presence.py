"""Who else has an order open, asked for by its page and by the list every 15 seconds."""

import re
from contextlib import suppress
from datetime import datetime
from hashlib import sha256

from flask import Blueprint, Response, g, request
from flask_babel import gettext as _

from webshop_orders import rendering
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import Busy
from webshop_orders.models import Place
from webshop_orders.operations.orders import presence
from webshop_orders.operations.orders.presence import Present
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.orders.page import TABS

blueprint = Blueprint("presence", __name__, url_prefix="/orders")
PLACE = re.compile(r"(line|shipment)-([1-9][0-9]{0,17})|customer|comment|product")
NUMBER = re.compile(r"[1-9][0-9]{0,17}")
LOCK_WAIT_MS = 50
MAX_ORDERS = 200


@blueprint.put("/<number:number>/presence")
def enter(number: str) -> Response:
    """Note that the user has the order open, and say who else has.

    Where the database is busy with a change, it is noted the next time: nobody waits for this.
    """
    on_sqlite = db.engine.dialect.name == "sqlite"  # elsewhere a user's own row is not locked by any change
    with suppress(Busy), writing(lock_wait=LOCK_WAIT_MS if on_sqlite else None):
        presence.enter(number, g.user.id, *_place(request.form.get("place", "")))
    version = request.form.get("version", "")
    found = presence.around(number, g.user.id, int(version) if NUMBER.fullmatch(version) else 0)
    if found is None:
        return Response(status=404)
    tab = request.form.get("tab")
    return _unless_shown(
        rendering.render(
            "orders/_presence.html",
            number=number,
            around=found,
            tab=tab if tab in TABS else "summary",
            sentence=_sentence,
            seconds_ago=_seconds_ago,
        ),
        request.form.get("shown"),
    )


@blueprint.get("/presence")
def of_list() -> Response:
    """Who has which of the orders open that the list shows."""
    ids = [int(word) for word in request.args.get("orders", "").split("-")[:MAX_ORDERS] if NUMBER.fullmatch(word)]
    names = presence.of_orders(ids, g.user.id) if ids else {}
    return _unless_shown(
        rendering.render("orders/_list_presence.html", names=names, initials=_initials), request.args.get("shown")
    )


def _sentence(present: Present, number: str) -> str:
    """What someone does with the order."""
    names = {"name": present.name}
    match present.place:
        case Place.LINE if present.place_name:
            return _("%(name)s is editing %(what)s", **names, what=present.place_name)
        case Place.SHIPMENT:
            return _("%(name)s is editing %(what)s", **names, what=f"{number}-{present.place_name}")
        case Place.CUSTOMER:
            return _("%(name)s is editing customer and addresses", **names)
        case Place.COMMENT:
            return _("%(name)s is writing a comment", **names)
        case Place.PRODUCT:
            return _("%(name)s is adding a product", **names)
    return _("%(name)s has the order open", **names)


def _seconds_ago(seen_at: datetime) -> str:
    """In tens of seconds, so that what is shown stays the same while a page asks."""
    seconds = int((now() - seen_at).total_seconds()) // 10 * 10
    return _("%(seconds)s s ago", seconds=seconds) if seconds > 0 else _("just now")


def _initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper() if words else "?"


def _place(text: str) -> tuple[Place | None, int | None]:
    match = PLACE.fullmatch(text)
    if match is None:
        return None, None
    kind, number = match.groups()
    return Place(kind or text), int(number) if number else None


def _unless_shown(html: str, shown: str | None) -> Response:
    """The fragment, or nothing where the page shows it already."""
    digest = sha256(html.encode()).hexdigest()[:16]
    if digest == shown:
        return Response(status=204)
    return Response(html, headers={"X-Shown": digest})
