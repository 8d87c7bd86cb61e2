from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from webshop_orders.db.columns import C_COLLATED
from webshop_orders.db.extensions import Base
from webshop_orders.text.folding import sku_key, sort_key
from webshop_orders.text.search import code_spellings, search_text

SORT_COLUMNS = ("sku_sort_key", "name_sort_key", "shelf_sort_key")
TRACKED = text("stock is not null")
NO_SHELF_PLACE = "~"  # sorts after every shelf place


def _index_by_sku(name: str, on_postgresql: str, on_sqlite: str = "") -> Index:
    """The index of those products that a condition chooses, in the sequence of their SKUs."""
    return Index(
        name, "sku_sort_key", "id", postgresql_where=text(on_postgresql), sqlite_where=text(on_sqlite or on_postgresql)
    )


WAITED_FOR = text("backordered > 0")


class Product(Base):
    """An article of the catalogue with its price in öre, VAT rate in basis points, and stock.

    `stock` is None where it is not tracked. `reserved` is the number of its units that are reserved for open lines,
    `backordered` the number that open lines lack. `backorderable` is None where the shop's default applies.
    `version` counts the changes of it, and `stock_version` those of its stock (`StockMovement`). `next_delivery_on` is
    the first day, in ISO 8601, on which more of it is expected.
    `sku_key` finds it for SKUs written in other case or with blanks. `shelf_place` is where it stands in the warehouse,
    `barcode` its GTIN or a code of the shop's own. `search_text` is what the product to sell is searched by. The list
    of products is searched by `list_text`, with shelf place and barcode, and sorted by the `…_sort_key` columns.
    """

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("vat_rate between 0 and 10000", name="vat_rate"),
        CheckConstraint("reserved >= 0 and backordered >= 0", name="counters"),
        Index("ix_products_backordered_id", "backordered", "id", sqlite_where=WAITED_FOR, postgresql_where=WAITED_FOR),
        Index("ix_products_backordered_sku", "sku", sqlite_where=WAITED_FOR, postgresql_where=WAITED_FOR),
        *(Index(f"ix_products_{column}_id", column, "id") for column in SORT_COLUMNS),
        Index("ix_products_stock_id", "stock", "id", sqlite_where=TRACKED, postgresql_where=TRACKED),
        _index_by_sku("ix_products_backordered_by_sku", "backordered > 0"),
        _index_by_sku("ix_products_sold_out_by_sku", "stock <= 0"),
        _index_by_sku("ix_products_untracked_by_sku", "stock is null"),
        _index_by_sku("ix_products_inactive_by_sku", "not active", "active = 0"),
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
    list_text: Mapped[str] = mapped_column(default="")
    sku_sort_key: Mapped[str] = mapped_column(C_COLLATED, default="")
    name_sort_key: Mapped[str] = mapped_column(C_COLLATED, default="")
    shelf_sort_key: Mapped[str] = mapped_column(C_COLLATED, default=NO_SHELF_PLACE)

    def __init__(self, *, sku: str, name: str, **values: object) -> None:
        super().__init__(sku=sku, name=name, search_text=search_text([f"{name} {sku}"]), sku_key=sku_key(sku), **values)

    def rename(self, name: str) -> None:
        self.name, self.search_text = name, search_text([f"{name} {self.sku}"])

    @validates("sku", "name", "shelf_place", "barcode")
    def _refresh_list_keys(self, column: str, value: Any) -> Any:
        """Derive what the list of products is searched and sorted by, whatever sets these columns."""
        sku, name, shelf_place, barcode = (
            value if column == derived_from else getattr(self, derived_from)
            for derived_from in ("sku", "name", "shelf_place", "barcode")
        )
        self.list_text = list_text(sku, name, shelf_place, barcode)
        self.sku_sort_key, self.name_sort_key = sort_key(sku or ""), sort_key(name or "")
        self.shelf_sort_key = sort_key(shelf_place) if shelf_place else NO_SHELF_PLACE
        return value

    @property
    def is_tracked(self) -> bool:
        return self.stock is not None

    def available(self, safety_margin: int) -> int:
        """Units that can be reserved, where the shop keeps back `safety_margin` units."""
        return max(0, (self.stock or 0) - safety_margin - self.reserved)


def list_text(sku: str | None, name: str | None, shelf_place: str | None, barcode: str | None) -> str:
    """The text that the list of products is searched in."""
    return search_text([f"{name or ''} {sku or ''}", *code_spellings(shelf_place), *code_spellings(barcode)])
