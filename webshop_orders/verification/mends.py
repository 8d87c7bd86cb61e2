"""How what is broken can be mended, in a sentence."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _

from webshop_orders.db.extensions import db


def statement(sql: str) -> str:
    """By a statement, which someone who administers the database carries out."""
    return _("Back up the database, and carry out: %(statement)s;", statement=sql)


def update(table: str, values: Mapping[str, object], where: Mapping[str, object]) -> str:
    """By setting columns of a row to what they should be."""
    return statement(_update(table, values, where))


def recompute(number: str) -> str:
    """What follows from an order, by the worker."""
    sql = _update("orders", {"attention": None}, {"number": number})
    return _("The worker computes it anew after: %(statement)s;", statement=sql)


def by_hand(number: str) -> str:
    """What only people can tell."""
    return _("Compare %(number)s with its history, and with an earlier backup, and correct it.", number=number)


def count_stock(sku: str) -> str:
    return _("Count %(sku)s under Stock, Count stock: what you enter there holds from then on.", sku=sku)


def restore() -> str:
    return _("Restore the newest backup that this command finds whole.")


def start_worker() -> str:
    """What the inbox has beside orders, by the upkeep of the worker."""
    return _("A worker puts it right when it starts, and each hour.")


def quoted(value: object) -> str:
    """A text, a number, a time in UTC or whether something is so, as a literal of SQL; null for None."""
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value).lower()
    if isinstance(value, datetime):
        zone = "" if db.engine.dialect.name == "sqlite" else "+00"
        value = value.strftime("%Y-%m-%d %H:%M:%S.%f") + zone
    return "'" + str(value).replace("'", "''") + "'"


def _update(table: str, values: Mapping[str, object], where: Mapping[str, object]) -> str:
    assignments = ", ".join(f"{column} = {quoted(value)}" for column, value in values.items())
    conditions = " and ".join(f"{column} = {quoted(value)}" for column, value in where.items())
    return f"update {table} set {assignments} where {conditions}"  # noqa: S608 # nosec B608 - to be read
