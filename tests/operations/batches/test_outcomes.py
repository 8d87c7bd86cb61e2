"""What an action would come to is counted as the action itself would decide, order by order."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from tests.factories import ASA, LULEA, make_order, make_product, reshape_shop
from tests.operations.batches.test_selection import ANNA, make
from tests.operations.steps import read
from tests.web.orders.test_budgets import counting
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import ConfirmationRequired, DomainError
from webshop_orders.models import BatchAction, DeliveryStatus, DispatchChecks, HoldReason, Order
from webshop_orders.operations.batches import actions, outcomes
from webshop_orders.operations.batches.actions import Task
from webshop_orders.operations.batches.outcomes import Outcome, options_of
from webshop_orders.operations.orders import cancellation, holds, shipments, splits, tracking
from webshop_orders.transactions.unit_of_work import editing, writing

SHIP, CONFIRM, STATUS, CANCEL = (
    BatchAction.SHIP,
    BatchAction.SEND_CONFIRMATION,
    BatchAction.SET_STATUS,
    BatchAction.CANCEL,
)


def change(order: Order, how: Callable[[Order], object]) -> Order:
    with editing(order.number, None, ANNA) as locked:
        how(locked)
    return order


def with_code(order: Order) -> Order:
    return change(order, lambda locked: tracking.add(locked.shipments[0], f"C-{order.id}", "DHL", None, by=ANNA))


def ready(**values: object) -> Order:
    return with_code(make_order(("LJUS", 1), **values))


def cancelled() -> Order:
    return change(make_order(("LJUS", 1)), lambda order: cancellation.cancel(order, by=ANNA))


def shipped() -> Order:
    return change(ready(), lambda order: shipments.ship(order.shipments[0], by=ANNA))


def erased() -> Order:
    def erase(order: Order) -> None:
        order.personal_data_erased_at = now()

    return change(make_order(("LJUS", 1)), erase)


def set_backordered() -> Order:
    return change(ready(), lambda order: shipments.set_status(order.shipments[0], DeliveryStatus.BACKORDERED, by=ANNA))


def set_ready() -> Order:
    """Wholly uncovered, but set to ready by hand."""
    return change(
        with_code(make_order(("SLUT", 1))),
        lambda order: shipments.set_status(order.shipments[0], DeliveryStatus.READY, by=ANNA),
    )


def split() -> Order:
    """A shipment that is ready, with a code, and one that waits."""
    return change(
        with_code(make_order(("LJUS", 1), ("SLUT", 2))),
        lambda order: splits.split_backordered(order.shipments[0], by=ANNA),
    )


def split_whole() -> Order:
    """As `split`, of an order that is collected for one delivery."""
    return change(
        with_code(make_order(("KORT", 1), ("SLUT", 2), ships_whole=True)),
        lambda order: splits.split_backordered(order.shipments[0], by=ANNA),
    )


def partly_shipped() -> Order:
    return change(split(), lambda order: shipments.ship(order.shipments[0], by=ANNA))


def held() -> Order:
    return change(ready(), lambda order: holds.hold(order, HoldReason.WRONG_ADDRESS, by=ANNA))


def held_in_part() -> Order:
    return change(split(), lambda order: holds.hold(order, HoldReason.WRONG_ADDRESS, shipment=2, by=ANNA))


MADE: dict[str, tuple[Callable[[], Order], set[Outcome]]] = {
    "ready": (ready, set()),
    "cancelled": (cancelled, {Outcome.CANCELLED}),
    "shipped": (shipped, {Outcome.SHIPPED}),
    "erased": (erased, {Outcome.ERASED}),
    "held": (held, {Outcome.HELD}),
    "held in part": (held_in_part, {Outcome.HELD}),
    "no code": (lambda: make_order(("LJUS", 1)), {Outcome.NO_CODE}),
    "no e-mail": (lambda: make_order(("LJUS", 1), customer=replace(ASA, email=None)), {Outcome.NO_EMAIL}),
    "test order": (lambda: make_order(("LJUS", 1), is_test=True), set()),
    "backordered": (lambda: with_code(make_order(("SLUT", 2))), {Outcome.BACKORDERED}),
    "backordered in part": (
        lambda: with_code(make_order(("SLUT", 2), ("LJUS", 1))),
        {Outcome.PARTLY_BACKORDERED},
    ),
    "backordered by hand": (set_backordered, {Outcome.BACKORDERED}),
    "ready by hand": (set_ready, {Outcome.BACKORDERED}),
    "one of two shipments": (split, {Outcome.IN_PART}),
    "one of two of an order that ships whole": (split_whole, {Outcome.NOT_WHOLE}),
    "the rest waits": (partly_shipped, {Outcome.BACKORDERED, Outcome.NO_CODE}),
    "backordered without a code": (lambda: make_order(("SLUT", 1)), {Outcome.BACKORDERED, Outcome.NO_CODE}),
}


@pytest.fixture
def products(app: Flask) -> None:
    make_product("LJUS")
    make_product("SLUT", stock=0, backorderable=True)


def found(order: Order, action: BatchAction = SHIP, **options: object) -> set[Outcome]:
    batch = make([order.number])
    combinations = outcomes.forecast(batch.id, action, options).combinations
    assert list(combinations.values()) == [1]
    return set(next(iter(combinations)))


@pytest.mark.parametrize("name", MADE)
def test_an_order_to_be_shipped_has_the_outcomes_that_shipping_it_would_have(name: str, products: None) -> None:
    make_it, expected = MADE[name]
    assert found(make_it()) == expected


@pytest.mark.parametrize("name", MADE)
def test_what_is_counted_is_what_the_action_does(name: str, products: None) -> None:
    order, takes_part = MADE[name][0](), MADE[name][1] <= {Outcome.IN_PART}
    refusal = None
    try:
        change(order, lambda locked: actions.carry_out(locked, Task(SHIP, options_of(())), by=ANNA))
    except DomainError as error:
        refusal = error
    assert (refusal is None) is takes_part, refusal


def test_an_order_that_is_in_another_open_batch_is_told_of(products: None) -> None:
    order = ready()
    make([order.number])
    assert found(order) == {Outcome.ELSEWHERE}


def test_a_template_that_shows_no_code_concerns_the_orders_in_its_language(
    products: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "_languages_without_codes", lambda: {"en"})
    assert found(ready(language="sv")) == set()
    assert found(ready(language="en-GB")) == {Outcome.CODE_NOT_SHOWN}


def test_where_the_shop_mails_nothing_by_itself_nothing_is_said_of_mails(products: None) -> None:
    reshape_shop(mails_delivery_confirmations=False)
    assert found(make_order(("LJUS", 1))) == found(make_order(("LJUS", 1), customer=replace(ASA, email=None))) == set()


def test_codes_are_missed_only_in_what_leaves(products: None) -> None:
    order = split()
    assert found(order) == {Outcome.IN_PART}
    assert Outcome.NO_CODE in found(order, ship_all=True)


def test_a_part_of_an_order_that_ships_whole_leaves_once_that_is_agreed_to(products: None) -> None:
    order, agreed = split_whole(), options_of({Outcome.NOT_WHOLE})
    with pytest.raises(ConfirmationRequired, match="Skicka den här delen ändå"):
        change(order, lambda locked: actions.carry_out(locked, Task(SHIP, options_of(())), by=ANNA))

    change(order, lambda locked: actions.carry_out(locked, Task(SHIP, agreed), by=ANNA))

    assert [shipment.is_shipped for shipment in read(order).shipments] == [True, False]


def test_nothing_is_asked_where_all_of_an_order_that_ships_whole_leaves(products: None) -> None:
    order, agreed = split_whole(), options_of({Outcome.BACKORDERED, Outcome.NO_CODE})
    assert found(order, **agreed) == {Outcome.IN_PART, Outcome.NO_CODE}

    change(order, lambda locked: actions.carry_out(locked, Task(SHIP, agreed), by=ANNA))

    assert all(shipment.is_shipped for shipment in read(order).shipments)


@pytest.mark.parametrize(
    ("action", "name", "expected"),
    [
        (CONFIRM, "no e-mail", {Outcome.NO_EMAIL}),
        (CONFIRM, "test order", {Outcome.TEST}),
        (CONFIRM, "cancelled", {Outcome.CANCELLED}),
        (CONFIRM, "shipped", set()),
        (STATUS, "ready", {Outcome.UNCHANGED}),
        (STATUS, "backordered", set()),
        (STATUS, "shipped", {Outcome.SHIPPED}),
        (CANCEL, "ready", set()),
        (CANCEL, "cancelled", {Outcome.CANCELLED}),
        (CANCEL, "the rest waits", {Outcome.PARTLY_SHIPPED}),
    ],
)
def test_other_actions_have_their_own_outcomes(
    action: BatchAction, name: str, expected: set[Outcome], products: None
) -> None:
    assert found(MADE[name][0](), action, status="ready") == expected


def test_an_order_takes_part_once_each_of_its_warnings_is_agreed_to(products: None) -> None:
    batch = make([make_it().number for make_it, _ in MADE.values()])

    def count(*agreed: Outcome, only: Outcome | None = None) -> int:
        options = options_of({*agreed, only} if only else agreed)
        counted = outcomes.forecast(batch.id, SHIP, options).takes_part(agreed, only)
        assert counted == len(outcomes.participants(batch.id, SHIP, options, agreed, only))
        return counted

    assert count() == 3  # ready, the test order, and that of which one shipment leaves
    assert count(Outcome.NO_CODE) == 4
    assert count(only=Outcome.NO_CODE) == 1
    assert count(Outcome.NO_EMAIL, only=Outcome.NO_EMAIL) == 1
    # Those of two shipments then leave, too, and lack a code.
    assert count(Outcome.BACKORDERED, only=Outcome.NO_CODE) == 5
    assert count(*outcomes.RULES[SHIP].warned) == len(MADE) - 5


def test_each_group_has_the_orders_that_are_counted_a_page_at_a_time(
    products: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "GROUP_PAGE_SIZE", 2)
    batch = make([make_it().number for make_it, _ in MADE.values()])
    forecast = outcomes.forecast(batch.id, SHIP, {})
    for outcome in (None, *outcomes.RULES[SHIP].all):
        listed, after = [], 0
        while after is not None:
            page = outcomes.group(batch.id, SHIP, {}, outcome, after=after)
            listed += [order.number for order in page.orders]
            after = page.after
        expected = forecast.count(outcome) if outcome else forecast.takes_part(())
        assert len(set(listed)) == len(listed) == expected, outcome


def test_any_number_of_orders_is_counted_in_one_statement(products: None) -> None:
    few, many = make([ready().number]), make([ready().number for _ in range(30)])
    with writing():
        pass
    for batch in (few, many):
        outcomes.forecast(batch.id, SHIP, {})
        with counting() as statements:
            outcomes.forecast(batch.id, SHIP, {})
        assert len(statements) == 1


def with_street(street: str, **values: object) -> Order:
    return ready(shipping_address=replace(LULEA, street=street), **values)


@pytest.mark.parametrize(
    ("make_one", "fails"),
    [
        (lambda: with_street("Storgatan"), True),
        (lambda: ready(comment="Ring"), True),
        (lambda: with_street("Storgatan 1"), False),
    ],
)
def test_what_fails_the_checks_before_dispatch_is_told_and_taken_along(
    app: Flask, make_one: Callable[[], Order], *, fails: bool
) -> None:
    make_product("LJUS")
    reshape_shop(dispatch_checks=DispatchChecks(house_number=True, unread_comment=True))
    batch = make([make_one().number])
    found = outcomes.forecast(batch.id, SHIP, options_of([]))

    assert found.count(Outcome.FAILS_CHECKS) == fails
    assert found.takes_part([]) == (not fails)
    assert found.takes_part([Outcome.FAILS_CHECKS]) == 1
    (number,) = outcomes.participants(batch.id, SHIP, options_of([]), [Outcome.FAILS_CHECKS])
    order = db.session.get_one(Order, number)
    if fails:
        with pytest.raises(ConfirmationRequired), editing(order.number, None, ANNA) as locked:
            actions.carry_out(locked, Task(SHIP, options_of([])), by=ANNA)
    with editing(order.number, None, ANNA) as locked:
        actions.carry_out(locked, Task(SHIP, options_of([Outcome.FAILS_CHECKS])), by=ANNA)
        assert locked.shipments[0].is_shipped


def test_nothing_fails_where_nothing_is_checked(app: Flask) -> None:
    make_product("LJUS")

    assert outcomes.forecast(make([with_street("Storgatan").number]).id, SHIP, options_of([])).takes_part([]) == 1


def test_a_file_of_codes_is_never_stopped_by_a_check(app: Flask) -> None:
    make_product("LJUS")
    reshape_shop(dispatch_checks=DispatchChecks(house_number=True))
    order = with_street("Storgatan")
    entry = {"reference": f"{order.number}-1", "codes": [{"code": "X-12345", "carrier": "DHL"}], "ship": True}

    with editing(order.number, None, ANNA) as locked:
        actions.carry_out(locked, Task(BatchAction.ADD_TRACKING, data={"shipments": [entry]}), by=ANNA)
        assert locked.shipments[0].is_shipped
