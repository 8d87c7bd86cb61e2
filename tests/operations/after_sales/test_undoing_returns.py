"""Rule 23, of returns: what was registered, received and closed comes back and goes again, and so does the stock."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.after_sales.steps import close, make_shipped, receive, register, ship
from tests.operations.steps import ERP, changing, read, set_stock, shape, stock_of
from tests.operations.undo.steps import make_user, redo, steps_of, undo
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Order, Product, Return, ReturnKind
from webshop_orders.operations.after_sales import returns
from webshop_orders.operations.after_sales.replacements import Replacement
from webshop_orders.operations.orders import shipments


@pytest.fixture
def anna(app: Flask) -> Actor:
    return make_user("Anna")


@pytest.fixture
def candle(app: Flask) -> Product:
    return make_product("CANDLE", stock=5, price=10_000)


def returned(order: Order) -> list[Return]:
    return read(order).returns


def test_each_change_of_a_return_is_undone_and_done_again(candle: Product, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3))
    found = [(returned(order), stock_of("CANDLE"))]
    register(order, anna, ("CANDLE", 2))
    found.append((returned(order), stock_of("CANDLE")))
    receive(order, anna, ("CANDLE", 2))
    found.append((returned(order), stock_of("CANDLE")))
    close(order, anna)
    assert stock_of("CANDLE") == (4, 0, 0)

    for before in reversed(found):
        undo(order, anna)
        assert (returned(order), stock_of("CANDLE")) == before
    for after in found[1:]:
        redo(order, anna)
        assert (returned(order), stock_of("CANDLE")) == after
    assert register(order, anna, ("CANDLE", 1)).id == 2


def test_all_of_it_is_undone_at_once_with_the_shipping(candle: Product, anna: Actor) -> None:
    order = make_order(("CANDLE", 3), send_confirmation=False)
    ship(order, anna)
    first = steps_of(order, anna).steps[0].id
    register(order, anna, ("CANDLE", 2))
    receive(order, anna, ("CANDLE", 2))

    undo(order, anna, first)

    assert returned(order) == []
    assert shape(order) == {1: [("CANDLE", 3, 3)]}
    assert stock_of("CANDLE") == (5, 3, 0)


def test_a_shipping_stays_once_somebody_else_has_registered_a_return(candle: Product, anna: Actor) -> None:
    order = make_order(("CANDLE", 3))
    ship(order, anna)
    register(order, ERP, ("CANDLE", 1))

    with pytest.raises(RuleViolation, match="ERP"):
        undo(order, anna)


def test_goods_that_others_have_reserved_since_are_not_taken_back(candle: Product, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 5))
    register(order, anna, ("CANDLE", 3))
    receive(order, anna, ("CANDLE", 3))
    other = make_order(("CANDLE", 2))
    before = returned(order)

    with pytest.raises(RuleViolation, match=r"2 st av .*CANDLE.* ordrar"):
        undo(order, anna)

    assert (returned(order), stock_of("CANDLE"), shape(other)) == (before, (3, 2, 0), {1: [("CANDLE", 2, 2)]})


def test_goods_that_nobody_has_reserved_are_taken_back_however_little_there_is(candle: Product, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 8))
    register(order, anna, ("CANDLE", 2))
    receive(order, anna, ("CANDLE", 2))
    assert stock_of("CANDLE") == (-1, 0, 0)

    undo(order, anna)

    assert stock_of("CANDLE") == (-3, 0, 0)


def test_a_replacement_that_the_goods_cover_waits_again(candle: Product, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 5))
    register(order, anna, ("CANDLE", 2), kind=ReturnKind.EXCHANGE, replacements=[Replacement(1, product=candle)])
    assert shape(order)[2] == [("CANDLE", 1, 0)]
    receive(order, anna, ("CANDLE", 2), seq=1)
    assert shape(order)[2] == [("CANDLE", 1, 1)]

    undo(order, anna)

    assert (shape(order)[2], stock_of("CANDLE")) == ([("CANDLE", 1, 0)], (0, 0, 1))
    assert read(order).find_shipment(2).status == "backordered"  # type: ignore[union-attr]
    redo(order, anna)
    assert (shape(order)[2], stock_of("CANDLE")) == ([("CANDLE", 1, 1)], (2, 1, 0))


def test_an_exchange_is_undone_with_what_was_to_leave(candle: Product, anna: Actor) -> None:
    lamp = make_product("LAMP", stock=1)
    order = make_shipped(anna, ("CANDLE", 3))
    register(order, anna, ("CANDLE", 2), kind=ReturnKind.EXCHANGE, replacements=[Replacement(1, product=lamp)])

    undo(order, anna)
    assert (returned(order), list(shape(order)), stock_of("LAMP")) == ([], [1], (1, 0, 0))

    redo(order, anna)
    assert shape(order)[2] == [("LAMP", 1, 1)]
    assert returned(order)[0].replacement == 2


def test_stock_that_is_no_longer_kept_stays_so(candle: Product, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3))
    register(order, anna, ("CANDLE", 3))
    receive(order, anna, ("CANDLE", 3))
    set_stock("CANDLE", None)

    undo(order, anna)

    assert stock_of("CANDLE") == (None, 0, 0)


def test_a_reopening_that_was_undone_is_not_done_again_after_a_return(candle: Product, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3), send_confirmation=False)
    with changing(order, anna) as current:
        shipments.reopen(current.shipments[0], by=anna)
    undo(order, anna)
    assert steps_of(order, anna).redoable()

    register(order, anna, ("CANDLE", 1))

    assert steps_of(order, anna).redoable() is None


def test_a_broken_reversal_of_stock_is_noticed(candle: Product, anna: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    from webshop_orders.operations.stock import returned_units

    order = make_shipped(anna, ("CANDLE", 3))
    register(order, anna, ("CANDLE", 3))
    receive(order, anna, ("CANDLE", 3))
    monkeypatch.setattr(returned_units, "take_out", lambda order, units, lines, *, by: [])

    undo(order, anna)

    assert stock_of("CANDLE") != (2, 0, 0)
    assert returns.returnable_units(read(order), next(read(order).lines)) == 0
    db.session.rollback()
