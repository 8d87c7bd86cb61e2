"""What an order of a load test is, drawn from its index alone, and the rows that operations would have left of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple, TypeVar

from webshop_orders.demo import bulk_buyers, bulk_goods
from webshop_orders.demo.bulk_goods import Article, Goods
from webshop_orders.demo.bulk_rows import EventRow, Ids, LineRow, OrderRow, Rows, ShipmentRow, TrackingRow
from webshop_orders.demo.scenario_orders import ANNA, BO, CHECKOUT
from webshop_orders.demo.scenarios import (
    FREE_SHIPPING_FROM,
    HOURS_A_DAY,
    NEEDS_STOCK_TO_COME,
    OPENS,
    PAYMENT_METHODS,
    SHIPPING_METHODS,
    SWEDEN,
    Fate,
)
from webshop_orders.models import BeforeAfter, DeliveryStatus, EventFacts, OrderStatus
from webshop_orders.models.event_facts import BackorderedSplit, OrderCancelled, OrderPlaced, ShipmentShipped
from webshop_orders.money.rounding import KRONA, round_to_whole_kronor
from webshop_orders.text.folding import fold, sort_key

DAYS = 3 * 365
GROWTH = 0.5  # below one, orders come closer together towards the end
NOON = (12 - OPENS) / HOURS_A_DAY
SETTLING_BEGINS, SETTLING_SECONDS = timedelta(hours=13 - OPENS), 3 * 3600
SHIPPING_VAT_RATE = 2500
DISCOUNTED, IN_TWO_PARCELS, IN_TWO_PARTS = 0.08, 0.08, 0.06
REMAINDER_LATER = timedelta(days=4)
# How the numbers begin that a carrier gives its parcels, and how many digits follow.
CODES = {
    "PostNord": ("0037", 16),
    "DHL": ("JJD0", 16),
    "DB Schenker": ("", 10),
    "Bring": ("3707", 13),
    "Budbee": ("BB", 10),
    "Instabee": ("INST", 10),
}

Value = TypeVar("Value")


def _each(times: dict[Value, int]) -> list[Value]:
    """Each value so many times, to choose from."""
    return [value for value, count in times.items() for _time in range(count)]


LINE_COUNTS = _each({1: 23, 2: 28, 3: 21, 4: 13, 6: 10, 9: 5})
QUANTITIES = _each({1: 50, 2: 22, 3: 8, 4: 10, 6: 7, 12: 3})
# What befalls orders, by how many days ago they were placed at most.
RECENT, OF_LATE, OF_THE_SEASON = 7, 30, 120
CLOSED = [Fate.SHIPPED, Fate.CANCELLED]
OPEN = [Fate.READY, Fate.BACKORDERED, Fate.SPLIT, Fate.PARTLY_SHIPPED]
FATES = {
    RECENT: _each(dict(zip([*OPEN, *CLOSED], [55, 16, 8, 6, 10, 5], strict=True))),
    OF_LATE: _each(dict(zip([*OPEN, *CLOSED], [12, 14, 5, 12, 52, 5], strict=True))),
    OF_THE_SEASON: _each({Fate.BACKORDERED: 3, Fate.PARTLY_SHIPPED: 3, Fate.SHIPPED: 89, Fate.CANCELLED: 5}),
    DAYS: _each({Fate.SHIPPED: 95, Fate.CANCELLED: 5}),
}


@dataclass(frozen=True)
class Run:
    """`count` orders from the index `first` on; `openings` are when the shop opened on each day, and opens today.

    `rounds` where the shop rounds to whole kronor.
    """

    first: int
    count: int
    openings: Sequence[datetime]
    rounds: bool

    @classmethod
    def on(cls, today: date, *, first: int, count: int, rounds: bool) -> Run:
        days = [today - timedelta(days=DAYS - day) for day in range(DAYS + 1)]
        return cls(first, count, [datetime.combine(day, time(OPENS), SWEDEN).astimezone(UTC) for day in days], rounds)


class Course(NamedTuple):
    """What befell an order, when it was placed and when it was seen to; `age` is in days."""

    fate: Fate
    age: int
    placed: datetime
    settled: datetime


class Sold(NamedTuple):
    article: Article
    quantity: int
    reserved: int
    discount: int

    @property
    def price(self) -> int:
        return self.quantity * self.article.price - self.discount


class Part(NamedTuple):
    """What leaves together; `codes` are those of its parcels."""

    lines: list[Sold]
    status: DeliveryStatus
    shipped: datetime | None
    codes: list[str]


class Change(NamedTuple):
    at: datetime
    facts: EventFacts


def add(rows: Rows, ids: Ids, index: int, number: str, run: Run, goods: Goods) -> None:
    """Add the rows of one order."""
    rng = Random(f"generated/{index}")  # noqa: S311 # nosec B311 # nosemgrep: guessable-random - the same again
    course = _course((index - run.first + rng.random()) / run.count, run.openings, rng)
    shipping_method, shipping_price, carrier = rng.choice(SHIPPING_METHODS)
    parts = _parts(course, goods, carrier, rng)
    goods_price = sum(line.price for part in parts for line in part.lines)
    shipping = 0 if goods_price >= FREE_SHIPPING_FROM else shipping_price
    exact = goods_price + shipping
    total = round_to_whole_kronor(exact) if run.rounds else exact
    payment = rng.choice(PAYMENT_METHODS)
    buyer = bulk_buyers.choose(rng)
    reference = f"generated-{index:06d}"
    changes = _changes(course, parts, number, total)
    order_id, placed_at = next(ids.orders), _as_kept(course.placed)
    rows.orders.append(
        OrderRow(
            id=order_id,
            number=number,
            external_reference=reference,
            placed_at=placed_at,
            updated_at=_as_kept(changes[-1].at),
            currency="SEK",
            language="sv",
            prices_include_vat=True,
            rounds_to_whole_kronor=run.rounds,
            customer_name=buyer.customer.name,
            customer_company=buyer.customer.company,
            customer_email=buyer.customer.email,
            customer_phone=buyer.customer.phone,
            customer_organisation_number=buyer.customer.organisation_number,
            billing_address=buyer.billing_address,
            shipping_address=buyer.shipping_address,
            payment_method=payment,
            paid=0 if payment == "invoice" else total,
            shipping_method=shipping_method,
            shipping_price=shipping,
            shipping_vat_rate=SHIPPING_VAT_RATE,
            cancelled_at=_as_kept(course.settled) if course.fate is Fate.CANCELLED else None,
            shop_differences="[]",
            version=len(changes),
            last_seq=len(parts),
            event_count=len(changes),
            message_count=0,
            status=_status(course.fate, parts).value,
            total=total,
            units=sum(line.quantity for part in parts for line in part.lines),
            search_text="\n".join([fold(number), reference, buyer.words, *_words(parts)]),
            number_key=sort_key(number),
            customer_key=buyer.customer_key,
            email_key=buyer.email_key,
            phone_key=buyer.phone_key,
        )
    )
    for seq, part in enumerate(parts, start=1):
        _add_part(rows, ids, part, seq, order_id, placed_at, carrier)
    if course.fate not in CLOSED:
        _hold(rows, parts)
    _add_changes(rows, ids, changes, order_id)


def _course(share: float, openings: Sequence[datetime], rng: Random) -> Course:
    """Orders come in while the shop is awake, and are seen to the same afternoon, or the day after what came late."""
    days = share**GROWTH * DAYS
    day, of_day = int(days), days % 1
    placed = openings[day] + timedelta(seconds=of_day * HOURS_A_DAY * 3600)
    day_settled = day if of_day < NOON else day + 1
    settled = openings[day_settled] + SETTLING_BEGINS + timedelta(seconds=rng.random() * SETTLING_SECONDS)
    age = DAYS - day
    fate = rng.choice(next(fates for at_most, fates in FATES.items() if age <= at_most))
    if day_settled == DAYS and fate is not Fate.BACKORDERED:
        fate = Fate.READY  # it is to be seen to today
    return Course(fate, age, placed, settled)


def _parts(course: Course, goods: Goods, carrier: str, rng: Random) -> list[Part]:
    fate = course.fate
    reserves = fate is not Fate.CANCELLED
    articles = bulk_goods.choose(goods.all if fate in CLOSED else goods.plenty, rng.choice(LINE_COUNTS), rng)
    lines = [_line(article, rng, reserves=reserves) for article in articles]
    if fate in NEEDS_STOCK_TO_COME:
        (article,) = bulk_goods.choose(goods.scarce, 1, rng)
        waiting = [_line(article, rng, reserves=not article.is_tracked)]
        if fate is Fate.BACKORDERED:
            return [_open_part([*lines, *waiting])]
        leaves_first = fate is Fate.PARTLY_SHIPPED
        first = _shipped_part(lines, course.settled, carrier, rng) if leaves_first else _open_part(lines)
        return [first, _open_part(waiting)]
    if fate is not Fate.SHIPPED:
        return [Part(lines, DeliveryStatus.READY, None, [])]
    if course.age > OF_THE_SEASON and len(lines) > 1 and rng.random() < IN_TWO_PARTS:
        later = course.settled + REMAINDER_LATER
        return [
            _shipped_part(lines[:-1], course.settled, carrier, rng),
            _shipped_part(lines[-1:], later, carrier, rng),
        ]
    return [_shipped_part(lines, course.settled, carrier, rng)]


def _line(article: Article, rng: Random, *, reserves: bool) -> Sold:
    quantity = rng.choice(QUANTITIES)
    tenth = quantity * article.price // 10 // KRONA * KRONA
    return Sold(
        article=article,
        quantity=quantity,
        reserved=quantity if reserves else 0,
        discount=tenth if rng.random() < DISCOUNTED else 0,
    )


def _open_part(lines: list[Sold]) -> Part:
    waits = any(line.reserved < line.quantity for line in lines)
    return Part(lines, DeliveryStatus.BACKORDERED if waits else DeliveryStatus.READY, None, [])


def _shipped_part(lines: list[Sold], at: datetime, carrier: str, rng: Random) -> Part:
    begins, digits = CODES[carrier]
    number, parcels = int(rng.random() * 10**digits), 2 if rng.random() < IN_TWO_PARCELS else 1
    codes = [f"{begins}{(number + parcel) % 10**digits:0{digits}d}" for parcel in range(parcels)]
    return Part(lines, DeliveryStatus.SHIPPED, at, codes)


def _status(fate: Fate, parts: list[Part]) -> OrderStatus:
    statuses = {part.status for part in parts}
    if fate is Fate.CANCELLED:
        return OrderStatus.CANCELLED
    if DeliveryStatus.SHIPPED in statuses:
        return OrderStatus.SHIPPED if len(statuses) == 1 else OrderStatus.PARTLY_SHIPPED
    return OrderStatus.BACKORDERED if DeliveryStatus.BACKORDERED in statuses else OrderStatus.READY


def _words(parts: list[Part]) -> list[str]:
    """What search finds the parts by; neither SKUs nor codes have anything to fold but their case."""
    return [word.lower() for part in parts for word in (*(line.article.sku for line in part.lines), *part.codes)]


def _changes(course: Course, parts: list[Part], number: str, total: int) -> list[Change]:
    changes = [Change(course.placed, OrderPlaced(total))]
    if course.fate is Fate.CANCELLED:
        status = BeforeAfter(OrderStatus.READY, OrderStatus.CANCELLED)
        changes.append(Change(course.settled, OrderCancelled(status=status)))
    if len(parts) > 1:
        changes.append(_split(parts[1].lines, number, course.settled))
    for seq, part in enumerate(parts, start=1):
        if part.shipped is not None:
            changes.append(_shipped(f"{number}-{seq}", part.shipped))
    return changes


def _split(moved: list[Sold], number: str, at: datetime) -> Change:
    facts = BackorderedSplit(
        quantity=sum(line.quantity for line in moved),
        products=[line.article.name for line in moved],
        source=f"{number}-1",
        target=f"{number}-2",
    )
    return Change(at, facts)


def _shipped(reference: str, at: datetime) -> Change:
    status = BeforeAfter(DeliveryStatus.READY, DeliveryStatus.SHIPPED)
    return Change(at, ShipmentShipped(shipment=reference, status=status, mailed_to=None))


def _add_part(rows: Rows, ids: Ids, part: Part, seq: int, order_id: int, placed_at: str, carrier: str) -> None:
    shipment_id = next(ids.shipments)
    shipped_at = _as_kept(part.shipped) if part.shipped is not None else None
    rows.shipments.append(ShipmentRow(shipment_id, order_id, seq, part.status.value, shipped_at))
    for line in part.lines:
        rows.lines.append(
            LineRow(
                id=next(ids.lines),
                shipment_id=shipment_id,
                product_id=line.article.product_id,
                sku=line.article.sku,
                name=line.article.name,
                quantity=line.quantity,
                unit_price=line.article.price,
                vat_rate=line.article.vat_rate,
                discount=line.discount,
                reserved=line.reserved,
                placed_at=placed_at,
                order_id=order_id,
            )
        )
    for code in part.codes:
        rows.tracking_codes.append(
            TrackingRow(next(ids.tracking_codes), shipment_id, code, carrier, placed_at, order_id)
        )


def _hold(rows: Rows, parts: list[Part]) -> None:
    for part in parts:
        if part.shipped is None:
            for article, quantity, reserved, _discount in part.lines:
                if article.is_tracked:
                    rows.held[article.product_id] += reserved
                    rows.waiting[article.product_id] += quantity - reserved


def _add_changes(rows: Rows, ids: Ids, changes: list[Change], order_id: int) -> None:
    """The checkout placed the order; whoever saw to it did the rest."""
    for version, change in enumerate(changes, start=1):
        by = CHECKOUT if version == 1 else ANNA if order_id % 3 else BO
        rows.events.append(
            EventRow(
                id=next(ids.events),
                order_id=order_id,
                at=_as_kept(change.at),
                actor_kind=by.kind.value,
                actor_name=by.name,
                kind=change.facts.kind.value,
                version=version,
                facts=json.dumps(change.facts.to_json()),
            )
        )


def _as_kept(moment: datetime) -> str:
    """A time as SQLite keeps it: in UTC, which is not written."""
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")
