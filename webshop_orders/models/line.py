from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, orm_insert_sentinel, relationship

from webshop_orders.db.columns import ValueObject
from webshop_orders.db.extensions import IDS_USED_ONCE, Base
from webshop_orders.errors import RuleViolation
from webshop_orders.models.attribute import Attribute
from webshop_orders.models.order_lookup import OrderLookup
from webshop_orders.models.price_change import PriceChange

if TYPE_CHECKING:
    from webshop_orders.models.product import Product
    from webshop_orders.models.shipment import Shipment

MAX_QUANTITY = 99_999
NO_SKU = "-"  # of a line without a product
WAITING = text("waiting > 0")


def check_quantity(quantity: int) -> None:
    """Raise RuleViolation for a number of units that no line can have."""
    if not 1 <= quantity <= MAX_QUANTITY:
        raise RuleViolation(_("Give a whole number from 1 to %(most)s.", most=MAX_QUANTITY), field="quantity")


class Line(OrderLookup, Base):
    """A product of an order in one of its shipments, with the name, price and VAT rate that it was sold at.

    Amounts in öre, the VAT rate in basis points; `discount` is of the whole line. `reserved` units are covered by
    stock, the others are backordered. `properties` is what the customer had made of it, such as an engraving.
    `price_change` is what it was sold at, where staff changed its price since. `waiting` is derived, for queries: the
    units that are `backordered`. `promised_on` is the day, in ISO 8601, that the customer was last told of for them.

    Lines with the same `bundle` belong together: the bundle itself, and its parts, which have `units_per_bundle`.
    """

    __tablename__ = "lines"
    __table_args__ = (
        CheckConstraint(f"quantity between 1 and {MAX_QUANTITY}", name="quantity"),
        CheckConstraint("reserved between 0 and quantity", name="reserved"),
        CheckConstraint("unit_price >= 0", name="unit_price"),
        CheckConstraint("discount between 0 and quantity * unit_price", name="discount"),
        CheckConstraint("vat_rate between 0 and 10000", name="vat_rate"),
        Index("ix_lines_sku_placed_at_order_id", "sku", "placed_at", "order_id"),
        Index(
            "ix_lines_waiting",
            "product_id",
            "placed_at",
            "order_id",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        IDS_USED_ONCE,
    )
    __batched_columns__ = ("shipment_id", "quantity", "reserved", "waiting", "discount")

    id: Mapped[int] = mapped_column(primary_key=True)
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipments.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"), index=True)
    sku: Mapped[str]
    name: Mapped[str]
    quantity: Mapped[int]
    unit_price: Mapped[int]
    vat_rate: Mapped[int]
    discount: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int]
    waiting: Mapped[int] = mapped_column(default=0)
    promised_on: Mapped[str | None]
    properties: Mapped[list[Attribute]] = mapped_column(ValueObject(Attribute, many=True), default=list)
    bundle: Mapped[str | None]
    units_per_bundle: Mapped[int | None]
    price_change: Mapped[PriceChange | None] = mapped_column(ValueObject(PriceChange))
    # Lets the ORM insert many lines in one statement and match the generated ids to them, on SQLite too.
    sentinel: Mapped[int | None] = orm_insert_sentinel()

    shipment: Mapped[Shipment] = relationship(back_populates="lines", lazy="raise_on_sql")
    product: Mapped[Product | None] = relationship(lazy="raise_on_sql")

    @property
    def backordered(self) -> int:
        """Units that stock does not cover; 0 once the line has shipped or its order is cancelled."""
        return self.uncovered if self.shipment.is_open else 0

    @property
    def uncovered(self) -> int:
        """Units that stock does not cover, or did not cover when the line shipped."""
        return self.quantity - self.reserved

    @property
    def total(self) -> int:
        """The price of the line in öre, after its discount."""
        return self.quantity * self.unit_price - self.discount

    @property
    def is_part(self) -> bool:
        """Whether the line is a part of a bundle."""
        return self.units_per_bundle is not None

    @property
    def bundle_line(self) -> Line | None:
        """The bundle that a part belongs to, where that is in its shipment too."""
        if not self.is_part:
            return None
        same_bundle = (line for line in self.shipment.lines if line.bundle == self.bundle and not line.is_part)
        return next(same_bundle, None)

    @property
    def is_tracked(self) -> bool:
        return self.product is not None and self.product.is_tracked

    @property
    def article(self) -> tuple[object, ...]:
        """Product, SKU, name, price, VAT rate, properties and bundle: equal for lines that a customer sees as one."""
        article = self.product_id, self.sku, self.name, self.unit_price, self.vat_rate
        return *article, tuple(self.properties), self.bundle, self.units_per_bundle

    def part(self, quantity: int, *, reserved: int, discount: int) -> Line:
        """A new line with some units of this one, and what it has of its reservation and discount."""
        return Line(
            product=self.product,
            product_id=self.product_id,
            sku=self.sku,
            name=self.name,
            unit_price=self.unit_price,
            vat_rate=self.vat_rate,
            properties=self.properties,
            bundle=self.bundle,
            units_per_bundle=self.units_per_bundle,
            price_change=self.price_change,
            promised_on=self.promised_on,
            quantity=quantity,
            reserved=reserved,
            discount=discount,
        )

    def can_merge_with(self, other: Line) -> bool:
        """Whether two lines sell the same article at the same price, VAT rate and discount, and were sold at the same.

        Discounts of an öre or two a unit count as the same, since parts of one line can differ by so much; none is the
        same only as one that is too small to have given each part an öre.
        """
        if (self.article, self.price_change) != (other.article, other.price_change):
            return False
        difference = abs(self.discount * other.quantity - other.discount * self.quantity)
        units = self.quantity + other.quantity
        return difference < (2 * units if self.discount and other.discount else units)
