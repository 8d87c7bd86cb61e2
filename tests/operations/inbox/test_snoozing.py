"""«Lägg åt sidan till …»: until a day begins in the shop's time zone, and what the worker shows when that has come."""

from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest
import time_machine
from flask import Flask

from tests.factories import make_order, reshape_shop
from tests.operations.inbox.rows import put
from tests.operations.inbox.test_attention import check_counts, inbox, kinds, one, one_id
from tests.operations.steps import changing
from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.jobs.inbox import compute_attention, forget_expired, show_due
from webshop_orders.models import Actor, InboxKind, Order
from webshop_orders.operations.inbox import snoozing
from webshop_orders.operations.orders import shipments
from webshop_orders.operations.settings import shop as shop_operations
from webshop_orders.transactions.unit_of_work import writing

MORNING = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
KIND = InboxKind.DELIVERY_REFUSED


@pytest.fixture
def item_id(app: Flask) -> int:
    with writing():
        put(KIND, "X-1", since=now(), facts={"reason": "paused"})
    return one_id(KIND)


@pytest.mark.parametrize(
    ("days", "sentence"), [(0, "Ange en dag efter i dag"), (-1, "Ange en dag efter i dag"), (366, "inom ett år")]
)
def test_a_day_that_has_come_or_is_far_away_is_refused(item_id: int, anna: Actor, days: int, sentence: str) -> None:
    with pytest.raises(RuleViolation, match=sentence) as refused, writing():
        snoozing.put_aside(item_id, shop_settings.today() + timedelta(days=days), by=anna)
    assert refused.value.field == "until"
    assert one(KIND).is_shown


def test_what_is_dealt_with_cannot_be_put_aside(item_id: int, anna: Actor) -> None:
    with pytest.raises(NotFound), writing():
        snoozing.put_aside(item_id + 1, shop_settings.today() + timedelta(days=1), by=anna)
    with pytest.raises(NoChange), writing():
        snoozing.bring_back(item_id, by=anna)


def test_rule_36_what_is_aside_is_not_counted_and_comes_back_on_its_day(item_id: int, anna: Actor) -> None:
    with time_machine.travel(MORNING, tick=False):
        with writing():
            snoozing.put_aside(item_id, date(2026, 12, 3), by=anna)
        with pytest.raises(NoChange), writing():
            snoozing.put_aside(item_id, date(2026, 12, 3), by=anna)
        assert one(KIND).snoozed_until == datetime(2026, 12, 2, 23, 0, tzinfo=UTC)
        assert (one(KIND).is_shown, one(KIND).snoozed_by) == (False, "Anna Lind")
        check_counts()
    with time_machine.travel(datetime(2026, 12, 2, 22, 59, tzinfo=UTC), tick=False):
        assert show_due(Event()) == 0
    with time_machine.travel(datetime(2026, 12, 2, 23, 0, tzinfo=UTC), tick=False):
        assert show_due(Event()) == 1
        assert show_due(Event()) == 0
    item = one(KIND)
    assert (item.is_shown, item.snoozed_until, item.snoozed_by, item.wakes_at) == (True, None, None, None)
    check_counts()


def test_what_is_aside_is_brought_back_by_hand(item_id: int, anna: Actor) -> None:
    with writing():
        snoozing.put_aside(item_id, shop_settings.today() + timedelta(days=2), by=anna)
    with writing():
        snoozing.bring_back(item_id, by=anna)
    assert one(KIND).is_shown
    check_counts()


def test_an_order_that_was_ready_for_too_long_is_shown_once_it_is_due(app: Flask, anna: Actor) -> None:
    with time_machine.travel(MORNING, tick=False):
        order = make_order(("LJUS-12", 1))
    with time_machine.travel(MORNING + timedelta(days=3), tick=False):
        assert show_due(Event()) == 1
        assert kinds(shown=True) == [InboxKind.READY_TOO_LONG]
        check_counts()
        with writing():
            snoozing.put_aside(one_id(InboxKind.READY_TOO_LONG), date(2026, 12, 10), by=anna)
        with changing(order, anna) as locked:
            locked.has_unread_comment = True
        assert not one(InboxKind.READY_TOO_LONG).is_shown
        with writing():
            snoozing.bring_back(one_id(InboxKind.READY_TOO_LONG), by=anna)
        assert one(InboxKind.READY_TOO_LONG).is_shown
        with changing(order, anna) as locked:
            shipments.ship(locked.shipments[0], by=anna)
        assert InboxKind.READY_TOO_LONG not in kinds()
        check_counts()


def test_a_shop_that_waits_for_fewer_days_has_what_is_open_computed_anew(app: Flask) -> None:
    with time_machine.travel(MORNING, tick=False):
        order = make_order(("LJUS-12", 1))
    with writing():
        shop_operations.change({"ready_days": 3})
    assert db.session.get_one(Order, order.id, populate_existing=True).attention is not None
    with writing():
        shop_operations.change({"ready_days": 1})
    assert db.session.get_one(Order, order.id, populate_existing=True).attention is None
    shop_settings.cache(db.session.execute(shop_settings.SETTINGS).one())
    assert compute_attention(Event()) == 1
    assert one(InboxKind.READY_TOO_LONG).due_at == MORNING + timedelta(days=1)
    reshape_shop(ready_days=3)


def test_nobody_misses_the_code_of_what_was_sent_long_ago(app: Flask, anna: Actor) -> None:
    with time_machine.travel(MORNING, tick=False):
        order = make_order(("LJUS-12", 1))
        with changing(order, anna) as locked:
            shipments.ship(locked.shipments[0], by=anna)
    with time_machine.travel(MORNING + timedelta(days=29), tick=False):
        assert forget_expired(Event()) == 0
        assert kinds() == [InboxKind.SENT_WITHOUT_CODE]
    with time_machine.travel(MORNING + timedelta(days=30), tick=False):
        assert forget_expired(Event()) == 1
        assert forget_expired(Event()) == 0
    assert inbox() == []
    check_counts()
