"""Changes of products: each is an event, and users cannot overwrite each other (rule 32)."""

from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from tests.factories import make_product
from tests.operations.steps import ERP, read_product
from tests.operations.undo.steps import make_user
from webshop_orders.errors import NoChange, StaleFields
from webshop_orders.models import Actor, ProductEvent
from webshop_orders.operations.stock import product_history, products
from webshop_orders.transactions.unit_of_work import writing


@pytest.fixture
def anna(app: Flask) -> Actor:
    make_product("CANDLE", price=10_000)
    return make_user("Anna")


@pytest.fixture
def bo(app: Flask) -> Actor:
    return make_user("Bo")


def change(by: Actor, version: int | None = None, **values: Any) -> int:
    """Change fields of the candle; returns its version after it."""
    with writing():
        return products.change_fields(products.get_for_update("CANDLE"), values, version=version, by=by).version


def events() -> list[ProductEvent]:
    return product_history.page(read_product("CANDLE")).events


def test_rule_32_a_field_that_another_user_changed_since_is_not_overwritten(anna: Actor, bo: Actor) -> None:
    change(bo, 1, price=12_000, shelf_place="A-1")
    with pytest.raises(StaleFields) as refusal:
        change(anna, 1, price=11_000, shelf_place="A-2", name="Ljus")

    assert [conflict.pointer for conflict in refusal.value.conflicts] == ["price", "shelf_place"]
    assert "Bo" in str(refusal.value)
    assert "120,00" in str(refusal.value)
    assert "A-1" in str(refusal.value)
    product = read_product("CANDLE")
    assert (product.price, product.shelf_place, product.name) == (12_000, "A-1", "Product CANDLE")


def test_a_form_of_a_version_that_the_product_never_had_is_refused(anna: Actor) -> None:
    for version in (0, -1, 2):
        with pytest.raises(StaleFields):
            change(anna, version, price=1)


def test_rule_32_other_fields_and_what_a_form_only_showed_never_conflict(anna: Actor, bo: Actor) -> None:
    change(bo, 1, price=12_000)
    assert change(anna, 1, price=10_000, name="Product CANDLE", shelf_place="A-2") == 3

    product = read_product("CANDLE")
    assert (product.price, product.shelf_place) == (12_000, "A-2")
    assert events()[0].changes == {"shelf_place": {"before": None, "after": "A-2"}}


def test_rule_32_nobody_conflicts_with_themselves(anna: Actor) -> None:
    change(anna, 1, price=12_000)
    change(anna, 1, price=13_000)
    assert read_product("CANDLE").price == 13_000


def test_rule_32_programs_have_no_user_and_conflict_with_everybody(anna: Actor) -> None:
    change(ERP, 1, price=12_000)
    with pytest.raises(StaleFields, match="ERP"):
        change(anna, 1, price=13_000)


def test_two_users_who_write_the_same_agree(anna: Actor, bo: Actor) -> None:
    change(bo, 1, price=12_000)
    with pytest.raises(NoChange):
        change(anna, 1, price=12_000)
    assert read_product("CANDLE").version == 2


def test_a_change_is_one_event_with_each_field_before_and_after(anna: Actor) -> None:
    change(anna, 1, name="Ljus", barcode="LL-1", active=False, price=10_000)

    (event,) = events()
    assert (event.version, event.actor_name, event.user_id) == (2, "Anna", anna.user_id)
    assert event.changes == {
        "name": {"before": "Product CANDLE", "after": "Ljus"},
        "barcode": {"before": None, "after": "LL-1"},
        "active": {"before": True, "after": False},
    }
    assert [product.sku for product in products.search("ljus", "SEK")] == []
    change(anna, active=True)
    assert [product.sku for product in products.search("ljus", "SEK")] == ["CANDLE"]


def test_what_changes_nothing_is_no_event(anna: Actor) -> None:
    with pytest.raises(NoChange):
        change(anna, 1, price=10_000)
    assert (events(), read_product("CANDLE").version) == ([], 1)


def test_the_refusal_says_the_present_value_in_the_users_language(anna: Actor, bo: Actor) -> None:
    change(bo, 1, backorderable=False, vat_rate=1200, active=False)
    with force_locale("sv"), pytest.raises(StaleFields) as refusal:
        change(anna, 1, backorderable=True, vat_rate=600, active=None)
    said = str(refusal.value)
    assert "«Nej»" in said
    assert "12" in said


def test_events_are_read_a_page_at_a_time(anna: Actor) -> None:
    for price in range(60):
        change(anna, price=price)

    product = read_product("CANDLE")
    first = product_history.page(product)
    second = product_history.page(product, before=first.next_before)
    assert [event.version for event in [*first.events, *second.events]] == list(range(61, 1, -1))
    assert (len(first.events), second.next_before) == (50, None)
