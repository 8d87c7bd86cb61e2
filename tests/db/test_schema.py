"""The schema: the migrations match the models, and the databases reject invalid values."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import CheckConstraint, inspect, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from tests.factories import make_order, make_product
from webshop_orders.db.columns import EnumByValue
from webshop_orders.db.extensions import db
from webshop_orders.db.migrations import is_model_table
from webshop_orders.models import Comment, CommentKind, Order, OrderStatus, Product

ENUMS = [
    column for table in db.metadata.sorted_tables for column in table.columns if isinstance(column.type, EnumByValue)
]


def differences() -> list[object]:
    """The changes that a new migration would have to make."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_model_table})
        return list(compare_metadata(context, db.metadata))


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names())


def test_migrations_and_models_agree(app: Flask) -> None:
    assert differences() == []


def test_migrations_and_models_agree_on_check_constraints(app: Flask) -> None:
    inspector, format_name = inspect(db.engine), db.engine.dialect.identifier_preparer.format_constraint

    for table in db.metadata.sorted_tables:
        expected = {format_name(check) for check in table.constraints if isinstance(check, CheckConstraint)}
        assert {check["name"] for check in inspector.get_check_constraints(table.name)} == expected, table.name


@pytest.mark.own_app
def test_the_comparison_sees_a_missing_column_and_a_missing_index(app: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("drop index ix_orders_placed_at_id"))
        connection.execute(text("alter table comments drop column mailed"))

    assert {difference[0] for difference in differences() if isinstance(difference, tuple)} == {
        "add_index",
        "add_column",
    }


@pytest.mark.own_app
def test_all_migrations_can_be_downgraded_and_applied_again(app: Flask) -> None:
    before = tables()

    downgrade(revision="base")
    assert tables() == {"alembic_version"}
    upgrade()

    assert tables() == before
    assert differences() == []


@pytest.mark.parametrize("column", ENUMS, ids=lambda column: f"{column.table.name}.{column.name}")
def test_every_enum_is_stored_by_value(column: db.Column) -> None:  # type: ignore[name-defined]
    stored = column.type.impl

    assert stored.enums == [member.value for member in column.type.kind]
    assert not stored.native_enum


def test_an_enum_column_refuses_other_values(app: Flask) -> None:
    order = make_order(("CANDLE", 1))

    assert db.session.scalar(text("select status from orders")) == OrderStatus.READY.value
    with pytest.raises(IntegrityError):
        db.session.execute(text("update orders set status = 'READY' where id = :id").bindparams(id=order.id))


def test_foreign_keys_are_enforced(app: Flask) -> None:
    db.session.add(Comment(order_id=4_711, kind=CommentKind.INTERNAL, text="to nobody", author="Anna"))

    with pytest.raises(IntegrityError):
        db.session.flush()


def test_a_product_that_was_sold_cannot_be_deleted(app: Flask) -> None:
    make_product("CANDLE")
    make_order(("CANDLE", 1))

    with pytest.raises(IntegrityError):
        db.session.execute(text("delete from products"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_table_is_strict_on_sqlite(app: Flask) -> None:
    rows = db.session.execute(text("pragma table_list")).mappings().all()

    strict = {row["name"]: bool(row["strict"]) for row in rows if row["name"] in db.metadata.tables}
    assert strict == dict.fromkeys(db.metadata.tables, True)


def test_a_text_is_refused_in_an_integer_column(app: Flask) -> None:
    make_product("CANDLE")

    with pytest.raises(DatabaseError):
        db.session.execute(text("update products set stock = 'abc'"))


def test_a_time_comes_back_aware_and_in_utc(app: Flask) -> None:
    make_order(("CANDLE", 1))

    placed_at = db.session.scalars(select(Order.placed_at)).one()

    assert placed_at.utcoffset() is not None
    assert placed_at.utcoffset().total_seconds() == 0  # type: ignore[union-attr]


def test_an_amount_may_exceed_32_bits(app: Flask) -> None:
    make_product("HOUSE", price=3_000_000_000)

    assert db.session.scalars(select(Product.price)).one() == 3_000_000_000


@pytest.mark.own_app
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_is_set_up_for_durability(app: Flask) -> None:
    settings = {
        name: db.session.scalar(text(f"pragma {name}"))
        for name in ("foreign_keys", "synchronous", "busy_timeout", "journal_mode")
    }

    assert settings == {
        "foreign_keys": 1,
        "synchronous": 2,
        "busy_timeout": 5_000,
        "journal_mode": settings["journal_mode"],
    }
    assert settings["journal_mode"] in {"wal", "delete"}
