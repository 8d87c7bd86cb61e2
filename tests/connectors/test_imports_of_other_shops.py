"""`import` of files of Magento and PrestaShop: recognised, placed once, left out by status, named."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.connectors.test_magento import an_order as magento_order
from tests.connectors.test_prestashop import RESOURCES
from tests.connectors.test_prestashop import a_file as prestashop_file
from tests.web.conftest import on_sqlite
from webshop_orders.cli import group
from webshop_orders.connectors.export_files import Format, documents, recognise
from webshop_orders.db.extensions import db
from webshop_orders.models import Order
from webshop_orders.transactions import order_intake

pytestmark = on_sqlite


def magento_file(*statuses: str) -> dict[str, Any]:
    """A search result with an order of each status."""
    orders = [magento_order(entity_id=number, status=status) for number, status in enumerate(statuses, start=1)]
    return {"items": orders, "search_criteria": {}, "total_count": len(orders)}


def several_of_prestashop(*states: str) -> dict[str, Any]:
    """An export with an order of each state, whose orders come after what they refer to."""
    orders = [prestashop_file(id=number, current_state=state) for number, state in enumerate(states, start=1)]
    return {**RESOURCES, "orders": [order for file in orders for order in file["orders"]]}


def run(app: Flask, folder: Path, content: Any) -> tuple[int, str]:
    path = folder / "orders.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    db.session.rollback()
    result = app.test_cli_runner().invoke(group.commands["import"], [str(path)])
    return result.exit_code, result.output


def count_orders() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Order.id))) or 0


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (magento_order(), Format.MAGENTO),
        ([magento_order()], Format.MAGENTO),
        (magento_file("processing"), Format.MAGENTO),
        (prestashop_file(), Format.PRESTASHOP),
        (several_of_prestashop("2", "2"), Format.PRESTASHOP),
    ],
    ids=["magento", "list-of-magento", "search-of-magento", "prestashop", "prestashop-resources-first"],
)
def test_the_format_of_a_file_is_recognised(app: Flask, tmp_path: Path, content: Any, kind: Format) -> None:
    path = tmp_path / "orders.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert recognise(path, Format.AUTO) is kind


def test_orders_of_magento_are_placed_or_left_out_by_their_status(app: Flask, tmp_path: Path) -> None:
    content = magento_file("processing", "complete", "canceled", "pending_payment", "holded")
    _code, output = run(app, tmp_path, content)
    assert count_orders() == 2
    for reference in ("magento-3", "magento-4", "magento-5"):
        assert reference in output
    complete = order_intake.find_by_reference("magento-2")
    assert complete is not None
    assert complete.status.value == "shipped"


def test_orders_of_prestashop_are_placed_or_left_out_by_their_state(app: Flask, tmp_path: Path) -> None:
    _code, output = run(app, tmp_path, several_of_prestashop("2", "5", "6", "8", "23"))
    assert count_orders() == 2
    for reference in ("prestashop-3", "prestashop-4", "prestashop-5"):
        assert reference in output
    placed = order_intake.find_by_reference("prestashop-1")
    assert placed is not None
    assert (placed.customer.email, placed.billing_address.country, placed.total) == ("nils@example.com", "SE", 40_500)


@pytest.mark.parametrize("content", [magento_file("processing"), prestashop_file()], ids=["magento", "prestashop"])
def test_a_file_that_is_imported_again_places_nothing(app: Flask, tmp_path: Path, content: Any) -> None:
    assert run(app, tmp_path, content)[0] == 0
    assert run(app, tmp_path, content)[0] == 0
    assert count_orders() == 1


def test_an_order_whose_sum_is_another_is_refused_with_both(app: Flask, tmp_path: Path) -> None:
    code, output = run(app, tmp_path, magento_order(grand_total=505))
    assert (code, count_orders()) == (1, 0)
    assert "505,00" in output
    assert "405,00" in output


def test_a_number_at_the_end_of_a_file_is_read(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_text(f'{{"items": [{json.dumps(magento_order())}], "total_count": 1}}', encoding="utf-8")
    assert recognise(path, Format.AUTO) is Format.MAGENTO
    assert len(documents(path, Format.MAGENTO)) == 1
