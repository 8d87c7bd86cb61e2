"""Migrations only add, so that the version before serves on while a new one is rolled out: docs/upgrading.md."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

MIGRATIONS = Path(__file__).parents[2] / "migrations" / "versions"
FIRST = "0030"  # those before are of versions that nobody rolled out
# Operations of Alembic that take nothing from the version before, on tables that it uses.
ADDING = {"add_column", "create_table", "f", "create_index", "get_bind", "get_context"}
# Each migration that does more than add, and why the version before serves on nonetheless.
ALLOWED: dict[str, str] = {}


def problems(source: str) -> list[str]:
    """What `upgrade` of a migration does that the version before may not survive."""
    tree = ast.parse(source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    calls = list(_calls(functions["upgrade"], functions, {"upgrade"}))
    created = {ast.unparse(call.args[0]) for call in calls if _name(call) == "create_table"}
    return [problem for call in calls for problem in _problems_of(call, created)]


def _calls(function: ast.FunctionDef, functions: dict[str, ast.FunctionDef], seen: set[str]) -> Iterator[ast.Call]:
    """The calls of Alembic's operations in a function and in those of the module that it calls."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in functions.keys() - seen:
            yield from _calls(functions[node.func.id], functions, seen | {node.func.id})
        elif isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) in {"op", "batch", "batch_op"}:
            yield node


def _name(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr


def _problems_of(call: ast.Call, created: set[str]) -> Iterator[str]:
    name = _name(call)
    if name not in ADDING:
        yield f"line {call.lineno}: {name} may take something from the version before"
    elif name == "add_column" and _is_required(call):
        yield f"line {call.lineno}: the version before does not fill the column: say nullable=True, or server_default=…"
    elif name == "create_index" and ast.unparse(call.args[1]) not in created:
        # Without CONCURRENTLY, nobody writes into the table meanwhile; and what is unique may be written twice.
        yield f"line {call.lineno}: an index of a table that is in use keeps others from writing while it is built"


def _is_required(call: ast.Call) -> bool:
    column = call.args[-1]
    assert isinstance(column, ast.Call)
    options = {keyword.arg: ast.unparse(keyword.value) for keyword in column.keywords}
    return options.get("nullable") != "True" and "server_default" not in options


@pytest.mark.parametrize("path", sorted(MIGRATIONS.glob("*.py")), ids=lambda path: path.stem)
def test_a_migration_only_adds(path: Path) -> None:
    source = path.read_text()
    revision = next(line.split('"')[1] for line in source.splitlines() if line.startswith("revision = "))
    if revision >= FIRST and revision not in ALLOWED:
        assert problems(source) == []


def test_the_newest_migrations_are_among_those_that_are_read() -> None:
    assert any(f'revision = "{FIRST}"' in path.read_text() for path in MIGRATIONS.glob("*.py"))


@pytest.mark.parametrize(
    "change",
    [
        'op.drop_column("orders", "paid")',
        'op.drop_table("orders")',
        'op.rename_table("orders", "purchases")',
        'op.alter_column("orders", "paid", new_column_name="settled")',
        'op.execute("alter table orders drop column paid")',
        'op.add_column("orders", sa.Column("gift", sa.Boolean(), nullable=False))',
        'op.add_column("orders", sa.Column("gift", sa.Boolean()))',
        'op.create_index("ix_orders_gift", "orders", ["gift"])',
        'op.create_unique_constraint("uq_orders_gift", "orders", ["gift"])',
        'with op.batch_alter_table("orders") as batch:\n        batch.drop_column("paid")',
        "more()\n\ndef more():\n    op.drop_column('orders', 'paid')",
    ],
)
def test_a_migration_that_takes_something_away_is_found(change: str) -> None:
    assert problems(f"def upgrade():\n    {change}\n")


@pytest.mark.parametrize(
    "change",
    [
        'op.add_column("orders", sa.Column("gift", sa.Boolean(), nullable=True))',
        'op.add_column("orders", sa.Column("gift", sa.Boolean(), nullable=False, server_default=sa.false()))',
        'op.create_table("gifts", sa.Column("id", sa.Integer()))\n    op.create_index("ix", "gifts", ["id"])',
        "pass\n\ndef downgrade():\n    op.drop_column('orders', 'gift')",
    ],
)
def test_a_migration_that_only_adds_is_let_through(change: str) -> None:
    assert problems(f"def upgrade():\n    {change}\n") == []
