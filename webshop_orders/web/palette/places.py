"""The pages that the palette leads to: the list, the tabs of an order, the user's account, Konfiguration."""

from collections.abc import Iterator
from typing import NamedTuple

from flask import current_app, url_for

from webshop_orders.models import Order
from webshop_orders.text.languages import Sentence
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.auth.authorization import may
from webshop_orders.web.orders.page import TABS
from webshop_orders.web.palette import matching
from webshop_orders.web.settings.parts import PARTS

MAX_OFFERED = 6


class Place(NamedTuple):
    """A page by its label; `within` says of what it is a part, and `words` are others by which it is meant."""

    label: Sentence
    within: Sentence | str
    url: str
    words: Sentence | str = ""


def offer(order: Order | None, typed: list[str]) -> list[Place]:
    """The places that the typed words mean and the user may open, those of the order first; at most `MAX_OFFERED`."""
    meant = (place for place in _places(order) if matching.means(typed, place.label, place.within, place.words))
    return [place for place, _ in zip(meant, range(MAX_OFFERED), strict=False)]


def _places(order: Order | None) -> Iterator[Place]:
    if order is not None:
        for tab in TABS.values():
            yield Place(tab.label, order.number, url_for("order.tab", number=order.number, tab=tab.name))
    yield Place(_l("Today"), "", url_for("today.show"), _l("start figures charts waiting age"))
    yield Place(_l("Orders"), "", url_for("orders.index"), _l("list search"))
    if may("inbox.index"):
        words = _l("needs attention errors what to do put aside")
        yield Place(_l("Inbox"), "", url_for("inbox.index"), words)
    yield Place(_l("Paused orders"), "", url_for("orders.index", held="1"), _l("hold list"))
    if may("batches.index"):
        yield Place(_l("Batches"), "", url_for("batches.index"), _l("selected many pick list"))
    if may("packing.index"):
        yield Place(_l("Pack"), "", url_for("packing.index"), _l("packing scan slip parcels warehouse"))
    yield Place(_l("Products"), "", url_for("stock.index"), _l("stock shelf place catalogue articles count"))
    yield Place(
        _l("Backorder radar"),
        _l("Products"),
        url_for("backorders.index"),
        _l("backordered waiting out of stock lacking"),
    )
    words = _l("receive goods expected delivery supplier purchase stock")
    yield Place(_l("Incoming deliveries"), _l("Products"), url_for("incoming.index"), words)
    if may("tracking_files.index"):
        words = _l("tracking codes file import csv xlsx carrier paste")
        yield Place(_l("Read in tracking codes"), "", url_for("tracking_files.index"), words)
    if may("product_files.show_import"):
        words = _l("products stock file import export csv xlsx prices")
        yield Place(_l("Read in products"), "", url_for("product_files.show_import"), words)
    yield Place(_l("Withdrawals"), "", url_for("withdrawals.index"), _l("withdraw regret purchase statement"))
    yield Place(_l("My account"), "", url_for("account.show"), _l("password"))
    yield Place(_l("Two-step verification"), _l("My account"), url_for("second_factor.show"))
    for _name, endpoint, label in PARTS:
        if may(endpoint):
            yield Place(label, _l("Configuration") if may("settings.shop") else "", url_for(endpoint), _l("settings"))
    if current_app.config["DEMO_INBOX"]:
        yield Place(_l("Demo inbox"), "", url_for("demo_inbox.index"))
