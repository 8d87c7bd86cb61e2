"""Export files of other shops: recognised, imported once, invalid orders reported."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.connectors.files.shopify_rows import ROWS, csv_of
from tests.connectors.payloads import example, example_names, shopify, woo
from tests.operations.steps import messages_of
from tests.web.conftest import on_sqlite
from webshop_orders.cli import group
from webshop_orders.connectors.export_files import ADAPTERS, Format, recognise
from webshop_orders.db.extensions import db
from webshop_orders.models import Order
from webshop_orders.transactions import order_intake

pytestmark = on_sqlite


def write(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    db.session.rollback()
    result = app.test_cli_runner().invoke(group.commands["import"], arguments)
    return result.exit_code, result.output


def count_orders() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Order.id))) or 0


FILES = [
    ("one.json", woo(), Format.WOOCOMMERCE),
    ("several.json", [woo(id=1), woo(id=2)], Format.WOOCOMMERCE),
    ("one.json", {"order": shopify()}, Format.SHOPIFY),
    ("several.json", {"orders": [shopify(id=1), shopify(id=2)]}, Format.SHOPIFY),
    ("export.csv", csv_of(ROWS), Format.SHOPIFY),
    ("orders.jsonl", '{"external_reference": "a"}\n{"external_reference": "b"}\n', Format.JSON_LINES),
    ("one.jsonl", '{"external_reference": "a"}\n', Format.JSON_LINES),
]


@pytest.mark.parametrize(("name", "content", "kind"), FILES, ids=range(len(FILES)))
def test_the_format_of_a_file_is_recognised_by_its_content(
    app: Flask, tmp_path: Path, name: str, content: Any, kind: Format
) -> None:
    path = write(tmp_path, name, content)
    assert recognise(path, Format.AUTO) is kind
    assert recognise(path, Format.SHOPIFY) is kind


def test_a_file_is_imported_once_and_mails_nobody(app: Flask, tmp_path: Path) -> None:
    path = write(tmp_path, "orders.json", [woo(id=1), woo(id=2, currency="kr"), woo(id=3)])

    code, output = run(app, str(path))
    assert (code, count_orders()) == (1, 2)
    assert "order 2: kr" in output
    assert "2 nya" in output
    code, output = run(app, str(path))
    assert (code, count_orders()) == (1, 2)
    assert "2 fanns redan" in output or "2 redan" in output
    order = order_intake.find_by_reference("wc-1")
    assert order is not None
    assert messages_of(order) == []


def test_cancelled_and_pending_orders_are_skipped_and_named(app: Flask, tmp_path: Path) -> None:
    orders = [woo(id=1, status="cancelled"), woo(id=2, status="pending"), woo(id=3)]
    _code, output = run(app, str(write(tmp_path, "orders.json", orders)))
    assert count_orders() == 1
    assert "wc-1" in output
    assert "wc-2" in output


def test_a_shopify_export_is_imported(app: Flask, tmp_path: Path) -> None:
    code, _output = run(app, str(write(tmp_path, "orders_export.csv", csv_of(ROWS))))
    assert (code, count_orders()) == (0, 2)
    order = order_intake.find_by_reference("shopify-450789469")
    assert order is not None
    assert (order.total, order.paid, order.status.value) == (64_700, 64_700, "shipped")


@pytest.mark.parametrize("name", example_names("woocommerce_v3_order_*.json") + example_names("shopify_order*.json"))
def test_the_examples_of_the_shops_are_imported(app: Flask, tmp_path: Path, name: str) -> None:
    payload = example(name)
    code, output = run(app, str(write(tmp_path, name, payload)))
    assert code == 0, output
    adapter = ADAPTERS[name.partition("_")[0]]
    assert count_orders() == len(adapter.orders(payload)) > 0


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("empty.json", "[]", "woocommerce"),
        ("text.json", "nej", "shopify"),
        ("text.csv", "a,b\n1,2\n", "auto"),
        ("deep.json", "[" * 100_000, "woocommerce"),
        ("number.json", "1", "woocommerce"),
    ],
)
def test_a_file_without_orders_is_reported_in_one_line(
    app: Flask, tmp_path: Path, name: str, content: str, kind: str
) -> None:
    code, output = run(app, str(write(tmp_path, name, content)), "--format", kind)
    assert code == 1
    assert len(output.strip().splitlines()) == 1
    assert "Traceback" not in output


def test_a_missing_or_binary_file_is_reported_in_one_line(app: Flask, tmp_path: Path) -> None:
    assert run(app, str(tmp_path / "nej.json"))[0] == 1
    (tmp_path / "bild.json").write_bytes(b"\xff\xfe\x00")
    code, output = run(app, str(tmp_path / "bild.json"), "--format", "shopify")
    assert (code, "UTF-8" in output) == (1, True)
