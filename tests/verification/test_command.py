"""The command `verify`: what it says, and its exit code."""

import pytest
from flask import Flask, g
from flask_migrate import downgrade
from sqlalchemy import text

from tests.cli.test_commands import run
from tests.factories import make_order, make_product
from webshop_orders.db.extensions import db
from webshop_orders.transactions.unit_of_work import writing


@pytest.fixture(autouse=True)
def english(app: Flask) -> None:
    g.response_language = "en"


def test_a_database_that_is_well(app: Flask) -> None:
    make_product("A")
    make_order(("A", 2))
    done = run(app, "verify")
    assert done.exit_code == 0
    assert done.stdout.endswith("All is well.\n")
    assert "✓ products: stock and its movements (rule 31)\n" in done.stdout
    assert "✗" not in done.stdout
    assert done.stderr == ""


def test_what_is_broken_is_told_with_its_rule_and_how_to_mend_it(app: Flask) -> None:
    make_product("A")
    with writing():
        db.session.execute(text("update products set stock = 9"))
        db.session.execute(text("insert into order_counts (status, count) values ('ready', 1)"))
    done = run(app, "verify")
    assert done.exit_code == 1
    assert (
        "✗ products: stock and its movements (rule 31)\n"
        "  A: stock is 9, and should be 100. (rule 31)\n"
        "    Count A under Stock, Count stock: what you enter there holds from then on.\n"
    ) in done.stdout
    assert (
        "  order_counts: ready is 1, and should be 0.\n"
        "    Back up the database, and carry out: insert into order_counts (status, count) values ('ready', -1);\n"
    ) in done.stdout
    assert done.stderr == "2 things are broken.\n"


@pytest.mark.parametrize(("options", "shown"), [([], 20), (["--all"], 23)])
def test_only_the_first_of_a_kind_are_shown_unless_all_are_asked_for(
    app: Flask, options: list[str], shown: int
) -> None:
    for number in range(23):
        make_product(f"P{number}")
    with writing():
        db.session.execute(text("update products set stock = 9"))
    done = run(app, "verify", *options)
    assert done.stdout.count("stock is 9") == shown
    assert ("  … and 3 more.\n" in done.stdout) is not options
    assert done.stderr == "23 things are broken.\n"


@pytest.mark.own_app
def test_a_database_that_lacks_migrations_is_refused_in_a_sentence(app: Flask) -> None:
    downgrade(revision="0029")
    done = run(app, "verify")
    assert done.exit_code == 1
    assert done.stderr == (
        "webshop-orders: The database lacks migrations. Run «webshop-orders serve» first, which migrates it.\n"
    )
