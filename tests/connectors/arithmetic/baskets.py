"""What customers put into baskets, at random. Amounts in a shop's smallest unit, rates in basis points."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from tests.connectors.arithmetic.money import CURRENCIES, Money

RATES = (0, 600, 1_200, 2_500, 550, 1_000)  # of Sweden, and 5.5 % (France) and 10 %


@dataclass(frozen=True)
class Item:
    """A product in a basket; `discount` is taken off it as a whole."""

    price: int
    quantity: Decimal
    rate: int
    discount: int = 0

    @property
    def cost(self) -> Decimal:
        """Its price before discounts."""
        return self.price * self.quantity

    @property
    def units(self) -> int:
        """How many units are packed: one of goods sold by measure, none of what the customer hands in."""
        if self.price < 0:
            return 0
        return int(self.quantity) if self.quantity == self.quantity.to_integral_value() else 1


@dataclass(frozen=True)
class Row:
    """A fee or a shipping method."""

    amount: int
    rate: int


@dataclass(frozen=True)
class Basket:
    """A basket at a checkout. `coupon` is taken off the products as a whole."""

    money: Money
    prices_include_tax: bool
    items: list[Item]
    coupon: int
    shipping: list[Row]
    fees: list[Row]


def an_item(quantities: st.SearchStrategy[Decimal]) -> st.SearchStrategy[Item]:
    @st.composite
    def build(draw: st.DrawFn) -> Item:
        price, quantity = draw(st.integers(0, 60_000)), draw(quantities)
        discount = draw(st.just(0) | st.integers(0, int(price * quantity)))
        return Item(price, quantity, draw(st.sampled_from(RATES)), discount)

    return build()


WHOLE_QUANTITIES = st.integers(1, 7).map(Decimal)
MEASURES = st.sampled_from([Decimal("0.5"), Decimal("2.5"), Decimal("1.25")])
TRADE_IN = st.builds(Item, st.integers(-9_000, -1), st.just(Decimal(1)), st.sampled_from(RATES))


def rows(minimum: int, maximum: int) -> st.SearchStrategy[list[Row]]:
    return st.lists(st.builds(Row, st.integers(minimum, maximum), st.sampled_from(RATES)), max_size=2)


@st.composite
def a_basket(draw: st.DrawFn, items: st.SearchStrategy[Item], currencies: tuple[Money, ...] = CURRENCIES) -> Basket:
    bought = draw(st.lists(items, min_size=1, max_size=5).filter(_is_sale))
    left = int(sum(item.cost - item.discount for item in bought))
    return Basket(
        money=draw(st.sampled_from(currencies)),
        prices_include_tax=draw(st.booleans()),
        items=bought,
        coupon=draw(st.just(0) | st.integers(0, left)),
        shipping=draw(rows(0, 20_000)),
        fees=draw(rows(-3_000, 5_000)),
    )


def _is_sale(items: list[Item]) -> bool:
    return any(item.units for item in items) and sum(item.cost - item.discount for item in items) >= 0
