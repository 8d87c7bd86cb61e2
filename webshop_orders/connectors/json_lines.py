"""Orders and products from a file of JSON lines, a batch of lines in each transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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

BATCH = 100
TRIES = 5
IMPORT = Actor(ActorKind.INTEGRATION, "import")

Parsed = TypeVar("Parsed")
Batch = list[tuple[int, Parsed]]
Progress = Callable[[int], object]


@dataclass
class ImportOutcome:
    """What became of the lines of a file; `refused` has the number and the reason of each that was left out."""

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
    """Place the orders of a file, each that is not there yet; `progress` hears how many more lines are done."""
    return _import(path, order_document.parse, _place, progress)


def import_documents(documents: list[Callable[[], dict[str, Any]]], *, progress: Progress) -> ImportOutcome:
    """Place the orders of documents that another shop's file was read into, each that is not there yet.

    Each is made when its turn comes, so that one that cannot be is refused by itself.
    """
    outcome = ImportOutcome()
    for start in range(0, len(documents), BATCH):
        batch: Batch[NewOrder] = []
        for number, make in enumerate(documents[start : start + BATCH], start=start + 1):
            try:
                batch.append((number, order_document.read(make())))
            except RuleViolation as refusal:
                outcome.refused.append((number, str(refusal)))
        outcome.add(_until_done(partial(_place, keeps_source_total=True), batch))
        progress(len(documents[start : start + BATCH]))
    outcome.refused.sort()
    return outcome


def import_products(path: Path, *, progress: Progress) -> ImportOutcome:
    """Put the products of a file into the catalogue, by SKU; the lines of orders stay as they were sold."""
    return _import(path, product_document.parse, _save, progress)


def count_lines(path: Path) -> int:
    """How many lines a file has; raises Refused where it cannot be imported at all."""
    count = 0
    with legible(path):
        if path.is_dir():
            raise RuleViolation(_("%(path)s is a folder. Name a file of JSON lines.", path=path))
        with path.open(encoding="utf-8-sig") as file:
            for _line in file:
                count += 1
    if count == 0:
        raise RuleViolation(_("%(path)s is empty, so there is nothing to import.", path=path))
    return count


@contextmanager
def legible(path: Path) -> Iterator[None]:
    """Refuse a file that is not there or cannot be read as text."""
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
        while texts := list(islice(numbered, BATCH)):
            batch: Batch[Parsed] = []
            for number, text in texts:
                if not text.isspace():
                    try:
                        batch.append((number, parse(text)))
                    except RuleViolation as refusal:
                        outcome.refused.append((number, str(refusal)))
            outcome.add(_until_done(save, batch))
            progress(len(texts))
    outcome.refused.sort()
    return outcome


def _until_done(save: Callable[[Batch[Parsed]], ImportOutcome], batch: Batch[Parsed]) -> ImportOutcome:
    """Save a batch, again from its beginning where others were in the way or brought the same in."""
    for _attempt in range(TRIES - 1):
        try:
            return save(batch)
        except (Busy, IntegrityError):
            continue
    return save(batch)


def _place(batch: Batch[NewOrder], *, keeps_source_total: bool = False) -> ImportOutcome:
    outcome = ImportOutcome()
    with writing():
        shop_settings.lock_number_series()  # before looking, so that two imports of a file cannot both find it new
        there = _references_there(new.external_reference for _number, new in batch)
        fresh = []
        for number, new in batch:
            if new.external_reference in there:
                outcome.already += 1
            else:
                there.add(new.external_reference)
                fresh.append((number, new))
        catalogue = products.by_sku(line.sku for _number, new in fresh for line in new.lines)
        reservations.lock(catalogue.values())
        for number, new in fresh:
            try:
                with db.session.begin_nested():
                    placement.place(new, catalogue, by=IMPORT, imported=True, keeps_source_total=keeps_source_total)
                outcome.new += 1
            except RuleViolation as refusal:
                outcome.refused.append((number, str(refusal)))
    return outcome


def _references_there(references: Iterator[str]) -> set[str]:
    return set(
        db.session.scalars(select(Order.external_reference).where(Order.external_reference.in_(list(references))))
    )


def _save(batch: Batch[NewProduct]) -> ImportOutcome:
    """Save a batch of products. The stock of those that were there changes afterwards, each in a transaction of its
    own, since it may cover other orders or uncover them."""
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
            backorders.set_stock(product.id, level, by=IMPORT)
    return outcome
