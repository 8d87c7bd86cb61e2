from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.columns import Json
from webshop_orders.db.extensions import IDS_USED_ONCE, Base
from webshop_orders.models.actor import Actor, ActorKind


class Scope(StrEnum):
    """What an integration may do."""

    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    SHIPMENTS_WRITE = "shipments:write"
    PAYMENTS_WRITE = "payments:write"
    PRODUCTS_WRITE = "products:write"


class ApiKey(Base):
    """The API key of an integration. Only its hash is stored, and `hint`, its beginning, for people to recognise it.

    `used_in_window` counts the requests of the rate limit that were allotted to server processes since `window_at`.
    """

    __tablename__ = "api_keys"
    __table_args__ = IDS_USED_ONCE

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    hint: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(Json())
    made_at: Mapped[datetime] = mapped_column(default=now)
    made_by: Mapped[str]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    window_at: Mapped[datetime | None]
    used_in_window: Mapped[int] = mapped_column(default=0)

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.INTEGRATION, self.name)

    def allows(self, scope: Scope) -> bool:
        """Whether the key has a scope; writing orders includes reading them."""
        if scope is Scope.ORDERS_READ:
            return bool({Scope.ORDERS_READ, Scope.ORDERS_WRITE} & set(self.scopes))
        return scope in self.scopes
