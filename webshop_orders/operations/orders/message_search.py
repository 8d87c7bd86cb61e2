"""All the shop's mails, the latest first: searched, filtered, and paged by keyset.

Words are looked for in the latest mails, and mails of any age are found by what one knows of their order.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnExpressionArgument, Select, func, select, union

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.models import Message, MessageState, Order
from webshop_orders.operations.order_list import key_lookup
from webshop_orders.operations.orders.messages import WITHOUT_BODY, number_of_order
from webshop_orders.text.folding import fold

PAGE = 50
MAX_COUNTED = 1_000
SCAN_LIMIT = 10_000


class MessageStateFilter(StrEnum):
    """What has become of the mails to list."""

    ATTENTION = "attention"
    UNDER_WAY = "under_way"
    HELD = "held"
    SENT = "sent"
    TESTS = "tests"


CONDITIONS: dict[MessageStateFilter, ColumnExpressionArgument[bool]] = {
    MessageStateFilter.ATTENTION: Message.needs_attention,
    MessageStateFilter.UNDER_WAY: Message.state.in_([MessageState.QUEUED, MessageState.SENDING, MessageState.RETRYING]),
    MessageStateFilter.HELD: Message.state == MessageState.HELD,
    MessageStateFilter.SENT: Message.state == MessageState.SENT,
    MessageStateFilter.TESTS: Message.is_test,
}


@dataclass(frozen=True)
class MessageFilter:
    """Which mails to list; `before` is the id of the last one on the page before."""

    words: str = ""
    filter: MessageStateFilter | None = None
    before: int | None = None


@dataclass(frozen=True)
class ListedMessage:
    """A mail as one row of the list, with the number of the order that it is about."""

    message: Message
    order_number: str | None


@dataclass(frozen=True)
class MessagePage:
    messages: list[ListedMessage]
    next_before: int | None


def page(wanted: MessageFilter, including: Message | None = None) -> MessagePage:
    """One page of the mails that are wanted; one asked for by itself stands first where it is not among them."""
    rows = db.session.execute(statement(wanted)).all()
    shown = [ListedMessage(message, number) for message, number in rows[:PAGE]]
    if including is not None and including not in (one.message for one in shown):
        shown.insert(0, ListedMessage(including, number_of_order(including.id)))
    return MessagePage(shown, shown[-1].message.id if len(rows) > PAGE else None)


def statement(wanted: MessageFilter) -> Select[Message, str]:
    """What reads a page: the mails with the numbers of their orders."""
    chosen = select(Message, Order.number).outerjoin(Order, Order.id == Message.order_id).options(*WITHOUT_BODY)
    if wanted.words:
        chosen = chosen.where(Message.id.in_(_found(wanted.words)))
    if wanted.filter is not None:
        chosen = chosen.where(CONDITIONS[wanted.filter])
    if wanted.before is not None:
        chosen = chosen.where(Message.id < wanted.before)
    return chosen.order_by(Message.id.desc()).limit(PAGE + 1)


def searches_all() -> bool:
    """Whether there are so few mails that words are looked for in all of them."""
    return (db.session.scalar(select(func.max(Message.id))) or 0) <= SCAN_LIMIT


def count_needing_attention() -> int:
    """How many mails were given up and wait for someone to see to them; no more are counted than matter."""
    in_need = select(Message.id).where(Message.needs_attention).limit(MAX_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(in_need)) or 0


def _found(words: str) -> Any:
    """The latest mails that have every word, and all mails about orders whose number or address begins so."""
    latest = select(func.max(Message.id)).scalar_subquery()
    said = (Message.search_text.contains(word, autoescape=True) for word in fold(words).split())
    among_latest = select(Message.id).where(Message.id > latest - SCAN_LIMIT, *said)
    orders = key_lookup.find_orders(words, shop_settings.current().number_prefix)
    return union(among_latest, select(Message.id).where(Message.order_id.in_(orders))) if orders else among_latest
