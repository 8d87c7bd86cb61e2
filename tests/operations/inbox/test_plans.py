"""The inbox, its counts and the figures of the day are read along indexes, however many rows there are."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from tests.conftest import settings
from tests.statements import executed
from tests.web.inbox.facts import FACTS
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.db.paging import PAGE
from webshop_orders.demo import bulk
from webshop_orders.jobs import inbox as jobs
from webshop_orders.models import (
    Comment,
    CommentKind,
    Figure,
    HourlyCount,
    InboxCount,
    InboxItem,
    InboxKind,
    Order,
    Role,
)
from webshop_orders.operations.inbox import counts, listing, snoozing
from webshop_orders.operations.inbox.listing import Position
from webshop_orders.operations.order_list import day_figures
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import inbox_counts
from webshop_orders.web.auth.permissions import MENDED_AT, allows

# With fewer rows, a database may prefer to scan the table.
ORDERS = 20_000
YEARS_OF_HOURS = 4 * 8_760
DAY = date(2026, 11, 30)
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
BIG_TABLES = ("orders", "comments", "inbox_items", "hourly_counts")
SCAN = re.compile(rf"SCAN ({'|'.join(BIG_TABLES)})\b(?! USING (COVERING )?INDEX)")
# The driver prepares a statement after the first execution; after five more, PostgreSQL decides on a generic plan.
EXECUTIONS_UNTIL_GENERIC_PLAN = 8
SHOWN, ASIDE, WAKES = "ix_inbox_items_shown", "ix_inbox_items_put_aside", "ix_inbox_items_wakes_at"
KINDS_OF: dict[str, list[InboxKind]] = {
    **{
        role.value: [kind for kind, endpoint in MENDED_AT.items() if allows(endpoint, role)]
        for role in (Role.WAREHOUSE, Role.STAFF, Role.ADMIN)
    },
    **{kind.value: [kind] for kind in InboxKind},
}
MIDDLE = Position(BEGAN + timedelta(minutes=ORDERS // 2), ORDERS // 2)
POSITIONS = [None, MIDDLE]


@pytest.fixture(scope="module")
def many(module_database: str) -> Iterator[Flask]:
    """The application with many orders, a row of the inbox for each, and years of hours; tests only read."""
    app = create_app(settings(module_database))
    with app.app_context():
        bulk.generate(ORDERS, DAY, progress=lambda count: None)
        with writing():
            _fill_inbox(db.session.scalars(select(Order.id)).all())
            _comment_each()
            _count_hours()
        with writing():
            counts.compact()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("analyze")
        yield app
        db.session.remove()
        db.engine.dispose()


def _fill_inbox(order_ids: Any) -> None:
    """A row of each kind by turns; of ten, one is aside and one is not due yet."""
    kinds, later = list(InboxKind), datetime(2030, 1, 1, tzinfo=UTC)
    rows = [
        {
            "kind": (kind := kinds[number % len(kinds)]),
            "subject": f"many-{number}",
            "order_id": order_id,
            "since": (since := BEGAN + timedelta(minutes=number)),
            "due_at": later if number % 10 == 2 else None,
            "facts": FACTS[kind],
            "is_shown": number % 10 not in {1, 2},
            "wakes_at": later + timedelta(minutes=number) if number % 10 in {1, 2} else None,
            "snoozed_until": since + timedelta(days=1_000) if number % 10 == 1 else None,
            "snoozed_by": "Anna" if number % 10 == 1 else None,
        }
        for number, order_id in enumerate(order_ids)
    ]
    db.session.execute(insert(InboxItem.__table__), rows)


def _comment_each() -> None:
    common = {"text": "Ring på porten", "kind": CommentKind.CUSTOMER, "author": "Åsa", "from_customer": True}
    order_ids = db.session.scalars(select(Order.id)).all()
    db.session.execute(insert(Comment), [common | {"order_id": order_id} for order_id in order_ids])


def _count_hours() -> None:
    rows = [
        {"figure": Figure.SHIPPED, "hour": datetime(2026, 11, 30, tzinfo=UTC) - timedelta(hours=hours), "count": 3}
        for hours in range(YEARS_OF_HOURS)
    ]
    db.session.execute(insert(HourlyCount.__table__), rows)


@pytest.fixture(autouse=True)
def context(many: Flask) -> Iterator[None]:
    with many.test_request_context():
        yield
        db.session.rollback()


@pytest.mark.parametrize("position", POSITIONS, ids=["first page", "next page"])
@pytest.mark.parametrize("kinds", KINDS_OF.values(), ids=KINDS_OF)
def test_a_page_of_each_role_and_kind_is_the_beginning_of_each_index(
    kinds: list[InboxKind], position: Position | None
) -> None:
    (plan,) = plans(lambda: listing.page(kinds, position))
    assert plan.scans == []
    assert plan.uses(SHOWN) == len(kinds)
    assert plan.max_sorted <= len(kinds) * (PAGE + 1)


@pytest.mark.parametrize("position", POSITIONS, ids=["first page", "next page"])
@pytest.mark.parametrize("kinds", KINDS_OF.values(), ids=KINDS_OF)
def test_a_page_of_what_is_aside_is_read_from_its_index(kinds: list[InboxKind], position: Position | None) -> None:
    (plan,) = plans(lambda: listing.put_aside_page(kinds, position))
    assert plan.scans == []
    assert plan.uses(ASIDE) == 1
    assert plan.max_sorted <= PAGE + 1


@pytest.mark.parametrize("module_database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("role", ["warehouse", "admin"])
def test_postgresql_plans_a_page_once_and_reads_the_indexes_too(role: str) -> None:
    db.session.remove()
    db.engine.dispose()  # so that no other statements are prepared
    for _execution in range(EXECUTIONS_UNTIL_GENERIC_PLAN):
        db.session.execute(listing.statement(KINDS_OF[role], MIDDLE))
    prepared = db.session.connection().exec_driver_sql("select statement, generic_plans from pg_prepared_statements")
    [(statement, generic_plans)] = prepared.all()
    assert generic_plans > 0
    explained = db.session.connection().exec_driver_sql(f"explain (generic_plan, format json) {statement}")
    plan = Plan(explained.scalar_one()[0]["Plan"])
    assert plan.scans == []
    assert plan.uses(SHOWN) == len(KINDS_OF[role])


def test_the_counts_of_the_navigation_are_some_rows_of_their_own_table() -> None:
    (plan,) = plans(lambda: db.session.execute(select(inbox_counts.BY_KIND.column)))
    assert plan.tables == {"inbox_counts"}
    assert db.session.query(InboxCount).count() == len(InboxKind)


def test_what_is_to_be_shown_now_is_read_from_the_index_of_what_waits() -> None:
    with writing():
        found = [*plans(snoozing.is_any_due), *plans(snoozing.wake_due)]
    assert len(found) == 2
    for plan in found:
        assert plan.scans == []
        assert plan.uses(WAKES) == 1
        assert plan.max_sorted <= 1


def test_what_was_sent_long_ago_is_read_from_the_index_of_what_is_shown() -> None:
    (plan,) = plans(lambda: db.session.execute(jobs.expired_orders(BEGAN + timedelta(days=5))))
    assert plan.scans == []
    assert plan.uses(SHOWN) == 1


def test_orders_that_are_to_be_looked_at_are_read_from_their_index() -> None:
    (plan,) = plans(lambda: db.session.execute(jobs.NOT_COMPUTED))
    assert plan.scans == []
    assert plan.uses("ix_orders_attention") == 1


def test_the_hours_of_the_day_s_figures_are_read_from_their_index() -> None:
    for read in (day_figures.waiting_by_age, day_figures.shipped_by_day):
        (plan,) = plans(lambda read=read: read(DAY, "Europe/Stockholm"))  # type: ignore[misc]
        assert plan.scans == []
        assert plan.uses("ix_hourly_counts_figure_hour") == 1


def test_a_scan_and_a_sort_are_detected() -> None:
    (plan,) = plans(lambda: db.session.execute(select(InboxItem.id).order_by(InboxItem.subject, InboxItem.since)))
    assert plan.scans != []
    assert plan.max_sorted > PAGE * len(InboxKind)


class Plan:
    """A plan of a database: a tree of PostgreSQL, or the lines of SQLite, which say not how much is sorted."""

    def __init__(self, explained: Any) -> None:
        self.lines: list[str] = explained if isinstance(explained, list) else []
        self.nodes = [] if isinstance(explained, list) else list(_nodes(explained))

    @property
    def scans(self) -> list[str]:
        """The big tables that are read whole."""
        by_postgresql = [node["Relation Name"] for node in self.nodes if "Seq Scan" in node["Node Type"]]
        by_sqlite = [line for line in self.lines if SCAN.search(line)]
        return [table for table in by_postgresql if table in BIG_TABLES] + by_sqlite

    @property
    def tables(self) -> set[str]:
        words = {line.split()[1] for line in self.lines if line.startswith(("SCAN", "SEARCH"))}
        named = {node["Relation Name"] for node in self.nodes if "Relation Name" in node}
        return (words | named) & {*BIG_TABLES, "inbox_counts"}

    @property
    def max_sorted(self) -> int:
        """How many rows are sorted at most, as PostgreSQL reckons; SQLite's are those that a limit has left."""
        sorts = [node["Plans"][0]["Plan Rows"] for node in self.nodes if node["Node Type"] == "Sort"]
        whole = [line for line in self.lines if "TEMP B-TREE FOR ORDER BY" in line]
        is_of_limited = any("CO-ROUTINE" in line or "MATERIALIZE" in line for line in self.lines)
        return max(sorts, default=0) if self.nodes else ORDERS if whole and not is_of_limited else 0

    def uses(self, index: str) -> int:
        """How often an index is read."""
        by_postgresql = sum(node.get("Index Name") == index for node in self.nodes)
        return by_postgresql + sum(f"INDEX {index} " in f"{line} " for line in self.lines)


def plans(read: Callable[[], object]) -> list[Plan]:
    """The plans of the statements that are executed."""
    with executed() as statements:
        read()
    selects = [statement for statement in statements if statement.sql.startswith("SELECT")]
    connection = db.session.connection()
    if db.engine.dialect.name == "sqlite":
        how = "explain query plan"
        return [
            Plan([row.detail for row in connection.exec_driver_sql(f"{how} {statement}", parameters)])
            for statement, parameters in selects
        ]
    explained = [
        connection.exec_driver_sql(f"explain (format json) {statement}", parameters).scalar_one()
        for statement, parameters in selects
    ]
    return [Plan((json.loads(found) if isinstance(found, str) else found)[0]["Plan"]) for found in explained]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)
