"""The history of a product: the events of changes of it, but not of its stock, and their pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select

from webshop_orders.clock import now
from webshop_orders.db import paging
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, BeforeAfter, Product, ProductEvent

AT_ONCE = 200  # products whose events one statement reads


def record(product: Product, changes: Mapping[str, BeforeAfter[Any]], *, by: Actor) -> ProductEvent:
    """Record who changed a locked product, and each column before and after; it is a new version of the product."""
    product.version += 1
    event = ProductEvent(
        product_id=product.id,
        version=product.version,
        at=now(),
        actor_kind=by.kind,
        actor_name=by.name,
        user_id=by.user_id,
        changes={name: {"before": change.before, "after": change.after} for name, change in changes.items()},
    )
    db.session.add(event)
    return event


def since(product: Product, version: int) -> list[ProductEvent]:
    """The changes of a product after one of its versions, oldest first."""
    later = select(ProductEvent).where(ProductEvent.product_id == product.id, ProductEvent.version > version)
    return list(db.session.scalars(later.order_by(ProductEvent.version))) if version < product.version else []


def since_all(versions: Mapping[Product, int]) -> dict[Product, list[ProductEvent]]:
    """The changes of many products after one of their versions each, oldest first."""
    later = [(product, version) for product, version in versions.items() if 0 <= version < product.version]
    found: dict[Product, list[ProductEvent]] = {product: [] for product, _version in later}
    by_id = {product.id: product for product in found}
    for start in range(0, len(later), AT_ONCE):
        of_each = (
            and_(ProductEvent.product_id == product.id, ProductEvent.version > version)
            for product, version in later[start : start + AT_ONCE]
        )
        events = select(ProductEvent).where(or_(*of_each)).order_by(ProductEvent.product_id, ProductEvent.version)
        for event in db.session.scalars(events):
            found[by_id[event.product_id]].append(event)
    return found


@dataclass(frozen=True)
class ProductEventPage:
    """Events of a product, the latest first; `next_before` is the cursor of the page that follows."""

    events: list[ProductEvent]
    next_before: int | None


def page(product: Product, *, before: int | None = None) -> ProductEventPage:
    """A page of the events of a product; the cursor `before` is the version of the last one on the page before."""
    of_product = select(ProductEvent).where(ProductEvent.product_id == product.id)
    events = db.session.scalars(paging.limit_to_page(of_product, ProductEvent.version, before)).all()
    return ProductEventPage(*paging.split_page(events, lambda event: event.version))
