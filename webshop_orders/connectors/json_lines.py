"""Import of orders and products from JSON lines, a batch of lines in each transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.documents import order as order_document
from webshop_orders.documents import product as product_document
from webshop_orders.documents.order import NewOrder
from webshop_orders.documents.product import NewProduct
from webshop_orders.errors import Busy, RuleViolation
from webshop_orders.models import Actor, ActorKind, Order, Product
from webshop_orders.operations.orders import placement
from webshop_orders.operations.stock import backorders, products, reservations
from webshop_orders.transactions.unit_of_work import writing

BATCH_SIZE = 100
MAX_ATTEMPTS = 5
IMPORTER = Actor(ActorKind.INTEGRATION, "import")

Raw = TypeVar("Raw")
Parsed = TypeVar("Parsed")
Batch = list[tuple[int, Parsed]]
Progress = Callable[[int], object]


@dataclass
class ImportOutcome:
    """What an import did with the lines of a file; `refused` has the number of each refused line, and the reason."""

    new: int = 0
    changed: int = 0
    already: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: ImportOutcome) -> None:
        self.new += other.new
        self.changed += other.changed
        self.already += other.already
        self.refused += other.refused


def import_orders(path: Path, *, progress: Progress) -> ImportOutcome:
    """Place those orders of a file that do not exist yet; `progress` is called with the number of lines done."""
    return _import(path, order_document.parse, _place, progress)


def import_documents(
    documents: Iterable[Callable[[], dict[str, Any]]], *, progress: Progress, keeps_source_total: bool = True
) -> ImportOutcome:
    """Place those orders of another shop's file that do not exist yet.

    Each function converts one order, so that one that cannot be converted is refused by itself.
    """
    outcome = ImportOutcome()
    numbered = enumerate(documents, start=1)
    while makers := list(islice(numbered, BATCH_SIZE)):
        batch = _read_batch(makers, lambda make: order_document.read(make()), outcome)
        outcome.add(_with_retries(partial(_place, keeps_source_total=keeps_source_total), batch))
        progress(len(makers))
    outcome.refused.sort()
    return outcome


def import_products(path: Path, *, progress: Progress) -> ImportOutcome:
    """Add or change the products of a file, by SKU; lines of orders stay as they were sold."""
    return _import(path, product_document.parse, _save, progress)


def count_lines(path: Path) -> int:
    """How many lines a file has; raises RuleViolation if it cannot be imported at all."""
    count = 0
    with readable(path):
        if path.is_dir():
            raise RuleViolation(_("%(path)s is a folder. Name a file of JSON lines.", path=path))
        with path.open(encoding="utf-8-sig") as file:
            for _line in file:
                count += 1
    if count == 0:
        raise RuleViolation(_("%(path)s is empty, so there is nothing to import.", path=path))
    return count


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Raise RuleViolation for a file that does not exist or is not text."""
    try:
        yield
    except FileNotFoundError:
        raise RuleViolation(_("There is no file %(path)s.", path=path)) from None
    except UnicodeDecodeError:
        raise RuleViolation(_("%(path)s is not UTF-8 text. Save it as UTF-8 and try again.", path=path)) from None
    except OSError as error:
        raise RuleViolation(_("%(path)s cannot be read: %(reason)s.", path=path, reason=error.strerror)) from None


def _import(
    path: Path, parse: Callable[[str], Parsed], save: Callable[[Batch[Parsed]], ImportOutcome], progress: Progress
) -> ImportOutcome:
    outcome = ImportOutcome()
    with path.open(encoding="utf-8-sig") as file:
        numbered = enumerate(file, start=1)
        while texts := list(islice(numbered, BATCH_SIZE)):
            not_blank = ((number, text) for number, text in texts if not text.isspace())
            outcome.add(_with_retries(save, _read_batch(not_blank, parse, outcome)))
            progress(len(texts))
    outcome.refused.sort()
    return outcome


def _read_batch(
    numbered: Iterable[tuple[int, Raw]], read: Callable[[Raw], Parsed], outcome: ImportOutcome
) -> Batch[Parsed]:
    """Read each item of a batch; those that cannot be read are refused, each with its reason."""
    batch: Batch[Parsed] = []
    for number, raw in numbered:
        try:
            batch.append((number, read(raw)))
        except RuleViolation as violation:
            outcome.refused.append((number, str(violation)))
    return batch


def _with_retries(save: Callable[[Batch[Parsed]], ImportOutcome], batch: Batch[Parsed]) -> ImportOutcome:
    """Save a batch; from its start again if other transactions locked its rows or saved the same."""
    for _attempt in range(MAX_ATTEMPTS - 1):
        try:
            return save(batch)
        except (Busy, IntegrityError):
            continue
    return save(batch)


def _place(batch: Batch[NewOrder], *, keeps_source_total: bool = False) -> ImportOutcome:
    outcome = ImportOutcome()
    with writing():
        # Before the query, so that two imports of one file cannot both find an order missing.
        shop_settings.lock_number_series()
        existing = _existing_references(new.external_reference for _number, new in batch)
        missing = []
        for number, new in batch:
            if new.external_reference in existing:
                outcome.already += 1
            else:
                existing.add(new.external_reference)
                missing.append((number, new))
        catalogue = products.matching(line.sku for _number, new in missing for line in new.lines)
        reservations.lock(catalogue.values())
        for number, new in missing:
            try:
                with db.session.begin_nested():
                    placement.place(new, catalogue, by=IMPORTER, imported=True, keeps_source_total=keeps_source_total)
                outcome.new += 1
            except RuleViolation as violation:
                outcome.refused.append((number, str(violation)))
    return outcome


def _existing_references(references: Iterator[str]) -> set[str]:
    return set(
        db.session.scalars(select(Order.external_reference).where(Order.external_reference.in_(list(references))))
    )


def _save(batch: Batch[NewProduct]) -> ImportOutcome:
    """Save a batch of products.

    The stock of existing ones is set afterwards, each in its own transaction, since it changes what covers orders.
    """
    outcome = ImportOutcome()
    levels: dict[Product, int | None] = {}
    with writing():
        catalogue = products.by_sku(new.sku for _number, new in batch)
        for _number, new in batch:
            product = catalogue.get(new.sku)
            if product is None:
                catalogue[new.sku] = products.add(new)
                outcome.new += 1
                continue
            products.change(product, new)
            if new.has_stock and new.stock != product.stock:
                levels[product] = new.stock
            if product in levels or db.session.is_modified(product):
                outcome.changed += 1
            else:
                outcome.already += 1
    for product, level in levels.items():
        with writing():
            backorders.set_stock(product.id, level, by=IMPORTER)
    return outcome
