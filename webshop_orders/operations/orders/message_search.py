"""All the shop's mails, the latest first: searched, filtered, and paged by keyset.

Words are searched for in the latest `SCAN_LIMIT` mails; mails of any age are found by the number, e-mail address or
phone number of their order.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnExpressionArgument, Select, func, select, union

from webshop_orders.db import paging
from webshop_orders.db.extensions import db
from webshop_orders.db.text_search import contains_typed
from webshop_orders.models import Message, MessageState, Order
from webshop_orders.operations.order_list import key_lookup
from webshop_orders.operations.orders.messages import LISTED, number_of_order

MAX_COUNTED = 1_000
SCAN_LIMIT = 10_000


class MessageStateFilter(StrEnum):
    """The states that the list of mails can be filtered by."""

    ATTENTION = "attention"
    PENDING = "under_way"
    HELD = "held"
    SENT = "sent"
    WITHDRAWN = "withdrawn"
    TESTS = "tests"


CONDITIONS: dict[MessageStateFilter, ColumnExpressionArgument[bool]] = {
    MessageStateFilter.ATTENTION: Message.needs_attention,
    MessageStateFilter.PENDING: Message.state.in_([MessageState.QUEUED, MessageState.SENDING, MessageState.RETRYING]),
    MessageStateFilter.HELD: Message.state == MessageState.HELD,
    MessageStateFilter.SENT: Message.state == MessageState.SENT,
    MessageStateFilter.WITHDRAWN: Message.state == MessageState.WITHDRAWN,
    MessageStateFilter.TESTS: Message.is_test,
}


@dataclass(frozen=True)
class MessageFilter:
    """Which mails to list; `before` is the cursor: the id of the last one on the previous page."""

    words: str = ""
    filter: MessageStateFilter | None = None
    before: int | None = None


@dataclass(frozen=True)
class ListedMessage:
    """A row of the list: a mail, and the number of the order that it is about."""

    message: Message
    order_number: str | None


@dataclass(frozen=True)
class MessagePage:
    messages: list[ListedMessage]
    next_before: int | None


def page(criteria: MessageFilter, including: Message | None = None) -> MessagePage:
    """One page of the mails that match; `including` comes first where it is not among them."""
    rows = db.session.execute(statement(criteria)).all()
    listed = [ListedMessage(message, number) for message, number in rows]
    messages, next_before = paging.split_page(listed, lambda entry: entry.message.id)
    if including is not None and including not in (entry.message for entry in messages):
        messages.insert(0, ListedMessage(including, number_of_order(including.id)))
    return MessagePage(messages, next_before)


def statement(criteria: MessageFilter) -> Select[Message, str]:
    """The query of one page, and one row more: mails with the numbers of their orders."""
    query = select(Message, Order.number).outerjoin(Order, Order.id == Message.order_id).options(*LISTED)
    if criteria.words:
        query = query.where(Message.id.in_(_matching(criteria.words)))
    if criteria.filter is not None:
        query = query.where(CONDITIONS[criteria.filter])
    return paging.limit_to_page(query, Message.id, criteria.before)


def searches_all() -> bool:
    """Whether there are so few mails that all of them are searched."""
    return (db.session.scalar(select(func.max(Message.id))) or 0) <= SCAN_LIMIT


def count_needing_attention() -> int:
    """How many mails were given up and not dismissed yet, counted up to `MAX_COUNTED`."""
    failed = select(Message.id).where(Message.needs_attention).limit(MAX_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(failed)) or 0


def _matching(words: str) -> Any:
    """The ids of the latest mails that contain every word, and of all mails about the orders found by their keys."""
    latest = select(func.max(Message.id)).scalar_subquery()
    contains_all = contains_typed(Message.search_text, words)
    among_latest = select(Message.id).where(Message.id > latest - SCAN_LIMIT, *contains_all)
    orders = key_lookup.find_orders(words)
    return union(among_latest, select(Message.id).where(Message.order_id.in_(orders))) if orders else among_latest
