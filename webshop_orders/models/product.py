from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.db.extensions import Base
from webshop_orders.text.folding import sku_key
from webshop_orders.text.search import search_text

WAITED_FOR = text("backordered > 0")


class Product(Base):
    """An article of the catalogue with its price in öre, VAT rate in basis points, and stock.

    `stock` is None where it is not tracked. `reserved` is the number of its units that are reserved for open lines,
    `backordered` the number that open lines lack. `backorderable` is None where the shop's default applies.
    `version` counts the changes of it, and `stock_version` those of its stock (`StockMovement`). `next_delivery_on` is
    the first day, in ISO 8601, on which more of it is expected.
    `sku_key` finds it for SKUs written in other case or with blanks. `shelf_place` is where it stands in the warehouse,
    `barcode` its GTIN or a code of the shop's own.
    """

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("vat_rate between 0 and 10000", name="vat_rate"),
        CheckConstraint("reserved >= 0 and backordered >= 0", name="counters"),
        Index("ix_products_backordered_id", "backordered", "id", sqlite_where=WAITED_FOR, postgresql_where=WAITED_FOR),
        Index("ix_products_backordered_sku", "sku", sqlite_where=WAITED_FOR, postgresql_where=WAITED_FOR),
        Base.__table_args__,
    )
    __batched_columns__ = ("stock", "stock_version", "reserved", "backordered")

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    price: Mapped[int]
    currency: Mapped[str]
    vat_rate: Mapped[int]
    stock: Mapped[int | None]
    reserved: Mapped[int] = mapped_column(default=0)
    backordered: Mapped[int] = mapped_column(default=0)
    backorderable: Mapped[bool | None]
    active: Mapped[bool] = mapped_column(default=True)
    search_text: Mapped[str]
    sku_key: Mapped[str] = mapped_column(index=True)
    shelf_place: Mapped[str | None]
    barcode: Mapped[str | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)
    stock_version: Mapped[int] = mapped_column(default=0)
    next_delivery_on: Mapped[str | None]

    def __init__(self, *, sku: str, name: str, **values: object) -> None:
        super().__init__(sku=sku, name=name, search_text=search_text([f"{name} {sku}"]), sku_key=sku_key(sku), **values)

    def rename(self, name: str) -> None:
        self.name, self.search_text = name, search_text([f"{name} {self.sku}"])

    @property
    def is_tracked(self) -> bool:
        return self.stock is not None

    def available(self, safety_margin: int) -> int:
        """Units that can be reserved, where the shop keeps back `safety_margin` units."""
        return max(0, (self.stock or 0) - safety_margin - self.reserved)
