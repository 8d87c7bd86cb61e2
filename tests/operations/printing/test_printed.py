"""Printing is an event of each order: when, by whom and which version; in few statements for any number of orders."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import make_order, make_product
from tests.operations.printing.lists import ANNA, batch_of
from tests.operations.steps import events_of, last_event, read
from tests.web.orders.test_budgets import counting
from webshop_orders.db.extensions import db
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Batch, BatchOrder, Event, EventKind, Order, Webhook, WebhookMessage
from webshop_orders.models.event_facts import Document, DocumentPrinted
from webshop_orders.operations.printing import packing_slips, pick_lists, printed, selection
from webshop_orders.operations.webhooks import subscriptions
from webshop_orders.transactions.unit_of_work import writing

MAX_STATEMENTS_OF_PAGE = 3
MAX_STATEMENTS_OF_RECORD = 8


@pytest.fixture
def batch(app: Flask) -> Batch:
    """A batch of an order that can be packed, and one that waits for stock."""
    make_product("DUK", stock=100)
    make_product("SLUT", stock=0)
    return batch_of(make_order(("DUK", 1)), make_order(("SLUT", 1)))


def record(batch: Batch, document: Document = Document.PACKING_SLIP, request_key: str | None = None) -> None:
    with writing():
        printed.record_batch(batch.id, document, by=ANNA.with_request_key(request_key))


def orders_of(batch: Batch) -> list[Order]:
    rows = select(Order).join(BatchOrder, BatchOrder.order_id == Order.id).where(BatchOrder.batch_id == batch.id)
    return list(db.session.scalars(rows.order_by(BatchOrder.position)))


def listings(batch: Batch) -> list[BatchOrder]:
    db.session.rollback()
    return list(
        db.session.scalars(select(BatchOrder).where(BatchOrder.batch_id == batch.id).order_by(BatchOrder.position))
    )


def prints(batch: Batch) -> list[Event]:
    return [
        event for order in orders_of(batch) for event in events_of(order) if event.kind is EventKind.DOCUMENT_PRINTED
    ]


def test_a_batch_that_does_not_exist_is_not_printed(app: Flask) -> None:
    with pytest.raises(NotFound), writing():
        printed.record_batch(99, Document.PICK_LIST, by=ANNA)


def test_an_order_without_personal_data_is_not_printed(batch: Batch) -> None:
    order = orders_of(batch)[0]
    with writing():
        db.session.get_one(Order, order.id).personal_data_erased_at = order.placed_at
    with pytest.raises(RuleViolation, match="raderade"), writing():
        printed.record_shipments([f"{order.number}-1"], Document.PACKING_SLIP, by=ANNA)


@pytest.mark.parametrize("document", Document)
def test_an_event_says_what_was_printed_of_which_version_and_by_whom(batch: Batch, document: Document) -> None:
    order = orders_of(batch)[0]
    version, count = order.version, order.event_count
    record(batch, document)
    event = last_event(read(order))
    assert event.read_facts() == DocumentPrinted(document, [f"{order.number}-1"])
    assert (event.actor_name, event.user_id, event.batch_id, event.version) == ("Anna", 1, batch.id, version)
    order = read(order)
    assert (order.version, order.event_count, order.updated_at) == (version, count + 1, event.at)


def test_of_an_order_that_has_nothing_to_pack_nothing_is_printed(batch: Batch) -> None:
    record(batch)
    assert [event.order_id for event in prints(batch)] == [orders_of(batch)[0].id]
    assert [listing.boxes for listing in listings(batch)] == [{"1": 1}, {}]


def test_only_a_pick_list_says_which_version_the_pickers_have(batch: Batch) -> None:
    record(batch, Document.PACKING_SLIP)
    assert [listing.printed_version for listing in listings(batch)] == [None, None]
    record(batch, Document.PICK_LIST)
    assert [listing.printed_version for listing in listings(batch)] == [1, None]
    record(batch, Document.LABEL)
    assert [listing.printed_version for listing in listings(batch)] == [1, None]


def test_the_same_request_prints_once(batch: Batch) -> None:
    record(batch, request_key="a" * 12)
    record(batch, request_key="a" * 12)
    assert len(prints(batch)) == 1
    record(batch, request_key="b" * 12)
    assert len(prints(batch)) == 2


def test_single_shipments_are_printed_as_they_are_named(batch: Batch) -> None:
    order = orders_of(batch)[0]
    with writing():
        printed.record_shipments([f"{order.number}-1"], Document.PACKING_SLIP, by=ANNA)
    event = last_event(read(order))
    assert event.read_facts() == DocumentPrinted(Document.PACKING_SLIP, [f"{order.number}-1"])
    assert event.batch_id is None


def test_printing_is_no_notification(batch: Batch) -> None:
    with writing():
        subscriptions.add("https://erp.example.com/hook", list(subscriptions.WebhookEvent), by=ANNA)
    record(batch)
    assert db.session.scalars(select(Webhook)).all()
    assert db.session.scalars(select(WebhookMessage)).all() == []


def test_any_number_of_orders_is_read_and_recorded_in_a_few_statements(batch: Batch) -> None:
    large = batch_of(*(make_order(("DUK", 1)) for _ in range(30)))
    for some in (batch, large):
        db.session.rollback()
        with counting() as statements:
            selected = selection.of_batch(some.id)
            pick_lists.of(selected)
            packing_slips.of(selected)
        assert len(statements) <= MAX_STATEMENTS_OF_PAGE, statements
        with counting() as statements:
            record(some, Document.PICK_LIST, "c" * 12)
        assert len(statements) <= MAX_STATEMENTS_OF_RECORD, statements
    assert len(prints(large)) == 30
    assert [listing.boxes for listing in listings(large)] == [{"1": box} for box in range(1, 31)]
