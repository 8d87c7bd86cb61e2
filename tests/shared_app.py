"""An application that many tests use one after the other, and how it is made as new between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, event

from webshop_orders.db.extensions import db
from webshop_orders.models import Shop
from webshop_orders.models.shop import ORDER_NUMBERS
from webshop_orders.rendering.environment import Environment


@dataclass
class SharedApp:
    """An application that tests use one after the other, and what it was like before the first of them."""

    app: Flask
    url: str

    def __post_init__(self) -> None:
        environment = self.app.jinja_env
        self._mutable = (
            self.app.config,
            self.app.extensions,
            self.app.view_functions,
            self.app.before_request_funcs,
            self.app.after_request_funcs,
            environment.globals,
            environment.filters,
        )
        self._originals = [_copy(values) for values in self._mutable]
        self._rules = len(list(self.app.url_map.iter_rules()))
        with self.app.app_context():
            self._engine = db.engine
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _write_without_waiting)

    def restore(self) -> None:
        """Take back what a test set in the application: configuration, views, hooks, and what extensions keep there."""
        for values, original in zip(self._mutable, self._originals, strict=True):
            values.clear()
            values.update(_copy(original))
        rules = len(list(self.app.url_map.iter_rules()))
        assert rules == self._rules, "a test that adds routes needs `pytest.mark.own_app`"

    def empty(self) -> None:
        """Delete what a test wrote into the database, but for the settings of a new shop."""
        empty(self._engine)


def _copy(values: Mapping[Any, Any]) -> dict[Any, Any]:
    """A mapping as it is now, with lists of their own, since hooks are lists that tests add to."""
    return {name: list(value) if isinstance(value, list) else value for name, value in values.items()}


def _write_without_waiting(connection: Any, record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def empty(engine: Engine) -> None:
    """Delete every row; then insert the settings of a new shop.

    The search index on SQLite follows no deletions, as no order is ever deleted but here:
    https://sqlite.org/fts5.html#the_delete_all_command
    """
    is_sqlite = engine.dialect.name == "sqlite"
    statements = [f"DELETE FROM {table.name}" for table in reversed(db.metadata.sorted_tables)]
    if is_sqlite:
        statements.append("DELETE FROM sqlite_sequence")
    statements += [
        f"INSERT INTO {index} ({index}) VALUES ('delete-all')" if is_sqlite else f"DELETE FROM {index}"
        for index in ("order_search", "product_search")
    ]
    if not is_sqlite:
        statements.append(f"ALTER SEQUENCE {ORDER_NUMBERS.name} RESTART")
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for statement in statements if is_sqlite else ["; ".join(statements)]:
            connection.exec_driver_sql(statement)
        connection.execute(db.insert(Shop))


class Compiled(BytecodeCache):
    """Templates that are compiled once for each language and path, for all applications."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        prefix = environment.globals.get("url_prefix", str)()  # addresses without values are compiled into the template
        return super().get_bucket(environment, f"{environment.language} {prefix}: {name}", filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.stored:
            bucket.bytecode_from_string(self.stored[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.stored[bucket.key] = bucket.bytecode_to_string()
