"""Orders placed at once: no number is given twice, and on PostgreSQL none of them waits for another one's commit."""

from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.conftest import order_document
from tests.concurrency.crowd import all_at_once, answer_to, person
from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import read
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, ActorKind, Order
from webshop_orders.operations.orders import bulk_placement, placement
from webshop_orders.transactions.unit_of_work import writing

pytestmark = pytest.mark.own_app

PEOPLE, ORDERS = 8, 4
IMPORTER = Actor(ActorKind.INTEGRATION, "import")
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def place_in_time(reference: str, who: int) -> None:
    """Place an order, which may wait a fifth of a second for locks."""
    with writing(lock_wait=200):
        placement.place(read(order_document(reference)), {}, by=person(who))


def meanwhile(database: str, folder: Path, reference: str) -> str:
    """What becomes of an order that someone else places while the present transaction is open."""
    (answer,) = all_at_once(database, folder, 1, lambda who: [answer_to(lambda: place_in_time(reference, who))])
    return answer


@on_postgresql
def test_an_order_is_placed_while_another_one_is_not_committed(app: Flask, database: str, tmp_path: Path) -> None:
    with writing():
        placement.place(read(order_document("first")), {}, by=person(0))
        assert meanwhile(database, tmp_path, "second") == "done"

    assert set(db.session.scalars(select(Order.number))) == {"WS-100001", "WS-100002"}


@on_postgresql
def test_an_order_is_placed_while_an_import_is_not_committed(app: Flask, database: str, tmp_path: Path) -> None:
    with writing():
        bulk_placement.place_imported([read(order_document("imported"))], by=IMPORTER)
        assert meanwhile(database, tmp_path, "placed") == "done"


@on_postgresql
def test_a_counter_in_a_row_would_make_it_wait(
    app: Flask, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_settings, "_take_from_sequence", shop_settings._count_up)

    with writing():
        placement.place(read(order_document("first")), {}, by=person(0))
        assert meanwhile(database, tmp_path, "second") == "Busy"


def test_no_number_is_given_twice_whoever_places_imports_and_gives_up(
    app: Flask, database: str, tmp_path: Path
) -> None:
    def place(who: int, turn: int) -> None:
        with writing():
            placement.place(read(order_document(f"own-{who}-{turn}")), {}, by=person(who))
            if turn == 0:
                raise RuleViolation("The customer left.")

    def import_many(who: int, turn: int) -> None:
        news = [read(order_document(f"imported-{who}-{turn}-{index}")) for index in range(ORDERS)]
        with writing():
            bulk_placement.place_imported(news, by=IMPORTER)

    def act(who: int) -> list[str]:
        place_or_import = place if who else import_many
        return [answer_to(partial(place_or_import, who, turn)) for turn in range(ORDERS)]

    answers = all_at_once(database, tmp_path, PEOPLE, act)

    assert set(answers) <= {"done", "RuleViolation", "Busy"}
    db.session.rollback()
    numbers = list(db.session.scalars(select(Order.number)))
    assert len(numbers) == len(set(numbers)) > PEOPLE
    has_gaps = max(numbers) > f"WS-{100_000 + len(numbers)}"
    assert has_gaps == (db.engine.dialect.name == "postgresql")
