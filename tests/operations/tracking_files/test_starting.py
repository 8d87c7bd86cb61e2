"""Carrying a file out: each order gets its codes in a transaction of its own, and the whole file can be taken back."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.factories import make_order, make_product
from tests.jobs.batches import make_staff, work
from tests.jobs.batches import rows as batch_rows
from tests.operations.steps import messages_of, read
from tests.operations.tracking_files.tables import GOOD, add, decide, findings, rows_of, start, taken
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import (
    Actor,
    BatchAction,
    BatchOrderState,
    ColumnRole,
    Decision,
    Finding,
    HoldReason,
    Order,
    TrackingFile,
    TrackingFileRow,
)
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.batches import running, selection
from webshop_orders.operations.orders import holds, shipments, splits, tracking
from webshop_orders.operations.tracking_files import files, listing, starting
from webshop_orders.operations.tracking_files.listing import Group
from webshop_orders.transactions.unit_of_work import editing, writing

DONE, REFUSED = BatchOrderState.DONE, BatchOrderState.REFUSED
SENT = {ColumnRole.ORDER: 0, ColumnRole.CODE: 1, ColumnRole.SENT: 2}


@pytest.fixture
def anna(app: Flask) -> Actor:
    make_product("LJUS", stock=500)
    return make_staff("Anna")


def order() -> Order:
    return make_order(("LJUS", 2))


def codes(order: Order) -> list[list[str]]:
    return [[code.code for code in shipment.tracking_codes] for shipment in read(order).shipments]


def is_shipped(order: Order) -> list[bool]:
    return [shipment.is_shipped for shipment in read(order).shipments]


def test_the_codes_are_added_to_the_orders_and_nothing_is_shipped_unless_wanted(anna: Actor) -> None:
    orders = [order() for _ in range(3)]
    file = add(*((one.number, code) for one, code in zip(orders, GOOD, strict=False)), by=anna)

    batch = start(file, by=anna)

    assert work() == 3
    assert [codes(one) for one in orders] == [[[code]] for code in GOOD[:3]]
    assert not any(any(is_shipped(one)) for one in orders)
    assert batch.name == "Koder från koder.csv"


def test_what_has_left_is_shipped_and_mailed_with_its_codes_if_wanted(anna: Actor) -> None:
    sent, waiting, both = order(), order(), order()
    with editing(both.number, None, anna) as present:
        splits.split(next(present.lines), 1, to=None, by=anna)
    rows = (
        (sent.number, GOOD[0], "2026-11-30"),
        (waiting.number, GOOD[1], ""),
        (f"{both.number}-1", GOOD[2], "ja"),
        (f"{both.number}-2", GOOD[3], "nej"),
        (sent.number, "ABC1234567", "2026-11-30"),
    )

    start(add(*rows, by=anna, columns=SENT), ships=True, by=anna)
    work()

    assert [is_shipped(one) for one in (sent, waiting, both)] == [[True], [False], [True, False]]
    assert codes(sent) == [[GOOD[0], "ABC1234567"]]
    assert codes(both) == [[GOOD[2]], [GOOD[3]]]
    (mail,) = [mail for mail in messages_of(sent) if "ABC1234567" in mail.text]
    assert GOOD[0] in mail.text


def test_a_file_is_carried_out_once(anna: Actor) -> None:
    file = add((order().number, GOOD[0]), by=anna)
    start(file, by=anna)

    with pytest.raises(RuleViolation, match="är redan genomförd"):
        start(file, by=anna)
    with pytest.raises(RuleViolation, match="är redan genomförd"):
        decide(file, Decision.LEAVE_OUT, number=2)
    with pytest.raises(RuleViolation, match="är redan genomförd"), writing():
        files.remove(files.lock(file.id))
    assert work() == 1


def test_a_file_of_which_nothing_can_be_done_is_not_carried_out(anna: Actor) -> None:
    file = add(("WS-999999", GOOD[0]), by=anna)

    with pytest.raises(RuleViolation, match="Ingen rad i filen kan genomföras"):
        start(file, by=anna)

    assert files.get(file.id).batch_id is None


def test_orders_that_changed_since_the_page_was_shown_are_shown_again(anna: Actor) -> None:
    one, two = order(), order()
    file = add((one.number, GOOD[0]), (two.number, GOOD[1]), by=anna)
    with editing(two.number, None, anna) as present:
        tracking.add(present.shipments[0], GOOD[1], None, None, by=anna)

    with pytest.raises(RuleViolation, match="nu skulle det bli 1 rad"):
        start(file, expected=2, by=anna)

    with writing():
        files.recheck(files.lock(file.id))
    assert findings(file) == [[], ["present"]]
    start(file, expected=1, by=anna)


def test_an_order_that_refuses_says_why_and_the_others_are_done(anna: Actor) -> None:
    one, other = order(), order()
    file = add((one.number, GOOD[0]), (other.number, GOOD[1]), by=anna)
    batch = start(file, by=anna)
    with editing(one.number, None, anna) as present:  # its shipment is joined with another before the worker comes
        splits.split(next(present.lines), 1, to=None, by=anna)
        splits.split(present.shipments[0].lines[0], 1, to=present.shipments[1], by=anna)

    work()

    listed = listing.page(file).rows
    assert [row.state for row in listed] == [REFUSED, DONE]
    assert f"{one.number}-1" in str(listed[0].reason)
    assert listing.count(file).groups[Group.REFUSED] == 1
    assert [row.row.number for row in listing.page(file, Group.DONE).rows] == [3]
    assert running.progress(batch).refused == 1


def test_what_a_worker_asks_about_an_order_is_answered_by_trying_again(anna: Actor) -> None:
    make_product("SLUT", stock=1, backorderable=True)
    waiting, other = make_order(("SLUT", 3)), order()
    file = add((waiting.number, GOOD[0]), (other.number, GOOD[1]), by=anna)
    with pytest.raises(RuleViolation, match="Ingen order"), writing():
        starting.retry(files.lock(file.id), by=anna)
    start(file, ships=True, by=anna)
    work()
    assert [row.state for row in listing.page(file).rows] == [REFUSED, DONE]
    assert codes(waiting) == [[]]

    with writing():
        starting.retry(files.lock(file.id), by=anna)
    work()

    assert [row.state for row in listing.page(file).rows] == [DONE, DONE]
    assert is_shipped(waiting) == [True]
    with pytest.raises(RuleViolation, match="Ingen order"), writing():
        starting.retry(files.lock(file.id), by=anna)


def test_the_whole_file_is_taken_back(anna: Actor) -> None:
    orders = [order() for _ in range(3)]
    file = add(*((one.number, code) for one, code in zip(orders, GOOD, strict=False)), by=anna)
    batch = start(file, ships=True, by=anna)
    work()
    refused = [row.reason for row in batch_rows(batch) if row.state is REFUSED]
    assert refused == []
    assert all(is_shipped(one) == [True] for one in orders)

    with writing():
        running.start(selection.lock(batch.id), BatchAction.UNDO, {}, by=anna)
    work()

    assert [codes(one) for one in orders] == [[[]]] * 3
    assert not any(any(is_shipped(one)) for one in orders)


def test_of_the_table_only_what_was_used_is_kept(anna: Actor) -> None:
    file = add((order().number, GOOD[0], "Åsa Öberg, Storgatan 1"), ("WS-9", GOOD[1], "Bo Ek"), by=anna)

    start(file, by=anna)

    assert [row.cells[2] for row in rows_of(file)] == ["", ""]
    assert rows_of(file)[0].cells[1] == GOOD[0]


def test_the_same_request_adds_one_file_and_another_one_tells_of_the_earlier(anna: Actor) -> None:
    row = (order().number, GOOD[0])
    keyed = anna.with_request_key("once-and-only")

    first, again = add(row, by=keyed), add(row, by=keyed)
    later, other = add(row, by=anna), add(row, by=anna, digest="another")

    assert first.id == again.id
    earlier = files.earlier_same(later)
    assert earlier is not None
    assert earlier.id == first.id
    assert files.earlier_same(first) is None
    assert files.earlier_same(other) is None


def test_of_the_same_files_the_one_that_was_carried_out_is_told(anna: Actor) -> None:
    row = (order().number, GOOD[0])
    done, unused, third = add(row, by=anna), add(row, by=anna), add(row, by=anna)
    start(done, by=anna)

    earlier = files.earlier_same(third)

    assert earlier is not None
    assert (earlier.id, unused.batch_id) == (done.id, None)


def test_files_are_removed_and_deleted_after_their_time_the_unused_ones_sooner(anna: Actor) -> None:
    orders = [order() for _ in range(4)]
    removed, unused, used, old = (add((one.number, GOOD[at]), by=anna) for at, one in enumerate(orders))
    for file in (used, old):
        start(file, by=anna)
    with writing():
        files.remove(files.lock(removed.id))
        for file, days in ((unused, 8), (used, 80), (old, 91)):
            created = now() - timedelta(days=days)
            db.session.execute(update(TrackingFile).where(TrackingFile.id == file.id).values(created_at=created))

    with writing():
        files.delete_expired()

    db.session.expire_all()
    assert [file.id for file in files.recent().files] == [used.id]
    assert db.session.scalar(select(func.count()).select_from(TrackingFileRow)) == 1
    with pytest.raises(NotFound):
        files.get(removed.id)


def test_the_rows_of_an_order_go_with_its_personal_data(anna: Actor) -> None:
    one, other = order(), order()
    with editing(one.number, None, anna) as present:
        shipments.ship(present.shipments[0], by=anna)
    file = add((one.number, GOOD[0], "Åsa Öberg"), (other.number, GOOD[1], "Bo Ek"), by=anna)
    with writing():
        db.session.execute(update(Order).where(Order.id == other.id).values(email_key="bo@example.com"))

    with writing():
        personal_data.erase("asa@example.com", by=anna)

    assert [row.number for row in rows_of(file)] == [3]


def test_rows_are_counted_and_listed_by_what_becomes_of_them(anna: Actor) -> None:
    one, two = order(), order()
    file = add(*((one.number, GOOD[0]), (two.number, "RR123456789SE"), ("WS-9", GOOD[1]), ("WS-8", GOOD[2])), by=anna)

    counts = listing.count(file)

    assert (counts.taken, counts.asked, counts.groups[Group.LEFT_OUT]) == (1, 1, 2)
    assert counts.findings == {Finding.CHECK_DIGIT: 1, Finding.UNKNOWN: 2}
    assert counts.to_answer == {Finding.CHECK_DIGIT: 1}
    assert [row.row.number for row in listing.page(file, Finding.UNKNOWN).rows] == [4, 5]
    assert [row.row.number for row in listing.page(file, Group.TAKEN).rows] == [2]
    decide(file, Decision.TAKE, finding=Finding.CHECK_DIGIT)
    assert listing.count(file).taken == 2
    assert taken(file) == [2, 3]


def test_a_long_file_is_listed_a_page_at_a_time(anna: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    file = add(*((f"WS-9{number}", GOOD[0]) for number in range(5)), by=anna)

    first = listing.page(file)
    second = listing.page(file, after=first.next_after)
    last = listing.page(file, after=second.next_after)

    assert [[row.row.number for row in page.rows] for page in (first, second, last)] == [[2, 3], [4, 5], [6]]
    assert last.next_after is None


def test_rule_28_a_file_of_codes_does_not_ship_what_is_held(anna: Actor) -> None:
    held, free = order(), order()
    with editing(held.number, None, anna) as current:
        holds.hold(current, HoldReason.WRONG_ADDRESS, by=anna)

    batch = start(
        add((held.number, GOOD[0], "ja"), (free.number, GOOD[1], "ja"), by=anna, columns=SENT), ships=True, by=anna
    )
    work()

    assert [is_shipped(one) for one in (held, free)] == [[False], [True]]
    refused = [row.reason for row in batch_rows(batch) if row.state is REFUSED]
    assert refused == [f"{held.number}-1 är pausad: fel adress. Häv pausen först."]
