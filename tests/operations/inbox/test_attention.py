"""What of an order needs a person, and that the database makes the inbox of it, on both databases."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from tests.factories import make_order
from tests.operations.inbox.rows import put
from tests.operations.steps import changing
from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange
from webshop_orders.jobs.inbox import compute_attention
from webshop_orders.models import (
    Actor,
    Attention,
    Difference,
    HoldReason,
    InboxCount,
    InboxItem,
    InboxKind,
    Order,
)
from webshop_orders.operations.inbox import attention, snoozing
from webshop_orders.operations.orders import cancellation, holds, lines, loading, shipments, tracking
from webshop_orders.transactions.unit_of_work import writing


def inbox() -> list[InboxItem]:
    """What is in the inbox, shown or not."""
    db.session.rollback()
    items = select(InboxItem).order_by(InboxItem.kind, InboxItem.subject)
    return list(db.session.scalars(items.execution_options(populate_existing=True)))


def kinds(*, shown: bool | None = None) -> list[InboxKind]:
    return [item.kind for item in inbox() if shown is None or item.is_shown is shown]


def one(kind: InboxKind) -> InboxItem:
    (found,) = (item for item in inbox() if item.kind is kind)
    return found


def counts() -> dict[InboxKind, int]:
    """The counts that are kept, without those of nothing."""
    db.session.rollback()
    query = select(InboxCount.kind, func.sum(InboxCount.count)).group_by(InboxCount.kind)
    return {kind: int(count) for kind, count in db.session.execute(query) if count}


def check_counts() -> None:
    """Rule 36: the counts that are kept are the rows that are shown."""
    assert counts() == Counter(kinds(shown=True))


def test_an_order_that_waits_for_nobody_is_only_due_later(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))

    item = one(InboxKind.READY_TOO_LONG)
    assert not item.is_shown
    assert item.subject == f"{order.number}-1"
    assert item.order_id == order.id
    assert item.wakes_at == item.due_at == item.since + timedelta(days=3)
    assert counts() == {}


def test_what_was_sent_without_a_code_needs_one(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    with changing(order, anna) as locked:
        shipments.ship(locked.shipments[0], by=anna)

    item = one(InboxKind.SENT_WITHOUT_CODE)
    assert kinds(shown=True) == [InboxKind.SENT_WITHOUT_CODE]
    assert item.facts == {"shipment": f"{order.number}-1"}
    check_counts()

    with changing(order, anna) as locked:
        tracking.add(locked.shipments[0], "373325381SE", "PostNord", None, by=anna)
    assert kinds() == []
    check_counts()


@pytest.mark.parametrize(
    "method",
    ["Hämta i butik", "Hämtas på vårt lager", "Butikshämtning", "Store pickup", "Local pickup", "Click & Collect"],
)
def test_what_customers_fetch_in_the_store_needs_no_code(app: Flask, anna: Actor, method: str) -> None:
    order = make_order(("LJUS-12", 1), shipping_method=method)
    with changing(order, anna) as locked:
        shipments.ship(locked.shipments[0], by=anna)
    assert kinds() == []


@pytest.mark.parametrize("method", ["PostNord MyPack Collect", "DHL Service Point", "Hämta hos ombud", "Butiksbrev"])
def test_what_customers_fetch_at_a_service_point_needs_a_code(app: Flask, anna: Actor, method: str) -> None:
    order = make_order(("LJUS-12", 1), shipping_method=method)
    with changing(order, anna) as locked:
        shipments.ship(locked.shipments[0], by=anna)
    assert kinds() == [InboxKind.SENT_WITHOUT_CODE]


def test_imported_history_needs_nobody(app: Flask) -> None:
    make_order(("LJUS-12", 1), shipped_at=now() - timedelta(days=1))
    assert kinds() == []
    check_counts()


def test_a_code_without_shipping_is_due_after_a_day(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    with changing(order, anna) as locked:
        tracking.add(locked.shipments[0], "373325381SE", "PostNord", None, by=anna)
    first = one(InboxKind.CODE_WITHOUT_SHIPPING)
    assert first.due_at == first.since + timedelta(days=1)
    assert first.facts == {"shipment": f"{order.number}-1", "codes": ["373325381SE"]}

    with changing(order, anna) as locked:
        locked.customer = replace(locked.customer, phone="+46701234599")
    assert one(InboxKind.CODE_WITHOUT_SHIPPING).since == first.since

    with changing(order, anna) as locked:
        shipments.ship(locked.shipments[0], by=anna)
    assert kinds() == []


def test_what_is_held_is_not_ready_too_long(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    with changing(order, anna) as locked:
        holds.hold(locked, HoldReason.WRONG_ADDRESS, by=anna)
    assert kinds() == []


def test_money_to_pay_back_needs_a_person_of_a_cancelled_order_too(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1), paid=10_000)
    assert InboxKind.TO_REFUND not in kinds()
    with changing(order, anna) as locked:
        cancellation.cancel(locked, by=anna)

    assert kinds() == [InboxKind.TO_REFUND]
    assert one(InboxKind.TO_REFUND).facts == {"amount": 10_000, "currency": "SEK"}
    check_counts()


def test_an_invoice_that_is_not_paid_yet_needs_nobody(app: Flask) -> None:
    make_order(("LJUS-12", 1), paid=0)
    assert InboxKind.TO_CHARGE not in kinds()


def test_what_a_paid_order_costs_more_is_to_be_charged(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1), paid=10_000)
    with changing(order, anna) as locked:
        lines.change(next(iter(locked.lines)), quantity=2, by=anna)

    assert one(InboxKind.TO_CHARGE).facts == {"amount": 10_000, "currency": "SEK"}
    assert one(InboxKind.TO_CHARGE).is_shown


def test_differences_to_the_shop_need_a_person(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    with changing(order, anna) as locked:
        locked.shop_differences = [Difference("total", "19900", "18900")]
    assert one(InboxKind.SOURCE_DIFFERS).facts == {
        "differences": [{"field": "total", "here": "19900", "shop": "18900"}]
    }
    with changing(order, anna) as locked:
        locked.shop_differences = []
    assert InboxKind.SOURCE_DIFFERS not in kinds()
    check_counts()


def test_a_comment_that_nobody_read_needs_a_person(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    with changing(order, anna) as locked:
        locked.has_unread_comment = True
    assert one(InboxKind.CUSTOMER_COMMENT).since == order.placed_at


def test_test_orders_and_cancelled_ones_need_nobody(app: Flask, anna: Actor) -> None:
    order, test = make_order(("LJUS-12", 1)), make_order(("LJUS-12", 1))
    with changing(order, anna) as locked:
        locked.shop_differences = [Difference("total", "19900", "18900")]
    with changing(test, anna) as locked:
        locked.is_test = True
    with changing(order, anna) as locked:
        cancellation.cancel(locked, by=anna)
    assert kinds() == []
    check_counts()


def end_hold(order: Order) -> None:
    with writing():
        (locked,) = loading.lock_orders([order.id])
        holds.release_ended(locked)


def held_until_tomorrow(order: Order, anna: Actor) -> None:
    with changing(order, anna) as locked:
        until = shop_settings.today() + timedelta(days=1)
        holds.hold(locked, HoldReason.CUSTOMER_ASKED, until=until, by=anna)


def test_a_hold_whose_day_has_passed_needs_a_person_until_the_order_leaves(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    held_until_tomorrow(order, anna)
    with time_machine.travel(now() + timedelta(days=2)):
        end_hold(order)
        item = one(InboxKind.HOLD_ENDED)
        assert item.is_shown
        assert (item.facts["reason"], item.facts["shipment"]) == ("customer_asked", None)
        with changing(order, anna) as locked:
            locked.customer = replace(locked.customer, phone="+46701234599")
        assert InboxKind.HOLD_ENDED in kinds()
        with changing(order, anna) as locked:
            shipments.ship(locked.shipments[0], by=anna)
    assert kinds() == [InboxKind.SENT_WITHOUT_CODE]
    check_counts()


def test_a_hold_that_ended_is_settled_by_hand_or_by_another_hold(app: Flask, anna: Actor) -> None:
    order, other = make_order(("LJUS-12", 1)), make_order(("LJUS-12", 1))
    held_until_tomorrow(order, anna)
    held_until_tomorrow(other, anna)
    with time_machine.travel(now() + timedelta(days=2)):
        end_hold(order)
        end_hold(other)
        with changing(order, anna) as locked:
            attention.settle(locked, InboxKind.HOLD_ENDED, f"{order.number}/1")
        with changing(other, anna) as locked:
            holds.hold(locked, HoldReason.SUSPECTED_FRAUD, by=anna)
        assert InboxKind.HOLD_ENDED not in kinds()
        with pytest.raises(NoChange), changing(order, anna) as locked:
            attention.settle(locked, InboxKind.HOLD_ENDED, f"{order.number}/1")
    with pytest.raises(NoChange), changing(order, anna) as locked:
        attention.settle(locked, InboxKind.READY_TOO_LONG, f"{order.number}-1")


def put_aside(kind: InboxKind, anna: Actor, days: int = 7) -> None:
    with writing():
        snoozing.put_aside(one_id(kind), shop_settings.today() + timedelta(days=days), by=anna)


def one_id(kind: InboxKind) -> int:
    return db.session.scalars(select(InboxItem.id).where(InboxItem.kind == kind)).one()


def differ(order: Order, anna: Actor, shop: str) -> None:
    with changing(order, anna) as locked:
        locked.shop_differences = [Difference("total", "19900", shop)]


def test_rule_36_what_was_put_aside_stays_so_while_its_facts_are_the_same(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    differ(order, anna, "18900")
    put_aside(InboxKind.SOURCE_DIFFERS, anna)
    with changing(order, anna) as locked:
        locked.customer = replace(locked.customer, phone="+46701234599")
    outdated_and_computed()

    item = one(InboxKind.SOURCE_DIFFERS)
    assert (item.is_shown, item.snoozed_by) == (False, "Anna Lind")
    check_counts()


def test_rule_36_what_was_put_aside_comes_back_where_its_facts_change(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    differ(order, anna, "18900")
    put_aside(InboxKind.SOURCE_DIFFERS, anna)

    differ(order, anna, "17900")

    item = one(InboxKind.SOURCE_DIFFERS)
    assert (item.is_shown, item.snoozed_until, item.snoozed_by, item.wakes_at) == (True, None, None, None)
    check_counts()


def test_rule_36_what_was_put_aside_is_forgotten_where_it_is_mended(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    differ(order, anna, "18900")
    put_aside(InboxKind.SOURCE_DIFFERS, anna)
    with changing(order, anna) as locked:
        locked.shop_differences = []
    differ(order, anna, "18900")
    assert one(InboxKind.SOURCE_DIFFERS).is_shown
    check_counts()


def outdated_and_computed() -> int:
    with writing():
        attention.outdate()
    return compute_attention(Event())


def test_computing_anew_keeps_since_when_and_what_happened(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1), paid=10_000)
    with changing(order, anna) as locked:
        lines.change(next(iter(locked.lines)), quantity=2, by=anna)
    held_until_tomorrow(order, anna)
    with time_machine.travel(now() + timedelta(days=2)):
        end_hold(order)
        before = [(item.id, item.kind, item.since, item.facts, item.is_shown) for item in inbox()]
        assert {InboxKind.HOLD_ENDED, InboxKind.TO_CHARGE} <= set(kinds())
        assert outdated_and_computed() == 1
        assert [(item.id, item.kind, item.since, item.facts, item.is_shown) for item in inbox()] == before


def test_an_order_that_changes_before_it_is_computed_anew_forgets_nothing(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    held_until_tomorrow(order, anna)
    with time_machine.travel(now() + timedelta(days=2)):
        end_hold(order)
        with writing():
            attention.outdate()
        with changing(order, anna) as locked:
            locked.customer = replace(locked.customer, phone="+46701234599")
        assert InboxKind.HOLD_ENDED in kinds()


def test_the_database_makes_rows_of_an_order_that_is_inserted_with_what_needs_a_person(app: Flask) -> None:
    order = make_order(("LJUS-12", 1), paid=50_000)
    assert one(InboxKind.TO_REFUND).facts["amount"] == 40_000
    with writing():
        db.session.execute(update(Order).values(attention=None))
    assert InboxKind.TO_REFUND in kinds()
    with writing():
        db.session.execute(update(Order).values(attention=[]))
    assert kinds() == []
    check_counts()
    two = [Attention(InboxKind.TO_REFUND, order.number, "2026-11-30 10:00:00.000000", facts={"amount": 1})]
    with writing():
        db.session.execute(update(Order).values(attention=two))
    assert one(InboxKind.TO_REFUND).since.isoformat() == "2026-11-30T10:00:00+00:00"
    check_counts()


def test_a_row_that_belongs_to_no_order_stays(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    with writing():
        put(InboxKind.FAILED_MAIL, str(order.id), since=now(), facts={"message": 1}, order_id=order.id)
    with changing(order, anna) as locked:
        cancellation.cancel(locked, by=anna)
    assert kinds() == [InboxKind.FAILED_MAIL]
    check_counts()


def test_a_change_that_is_rolled_back_leaves_the_inbox(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    try:
        with changing(order, anna) as locked:
            locked.has_unread_comment = True
            attention.refresh(locked)
            db.session.flush()
            raise RuntimeError
    except RuntimeError:
        pass
    assert kinds(shown=True) == []
    check_counts()
