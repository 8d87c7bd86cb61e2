"""A load-test order, generated from its index alone, and the rows that the operations would have written for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple, TypeVar

from webshop_orders.demo import bulk_buyers, bulk_products
from webshop_orders.demo.bulk_buyers import StoredBuyer
from webshop_orders.demo.bulk_products import Article, ArticlePool
from webshop_orders.demo.bulk_rows import EventRow, Ids, LineRow, OrderRow, Rows, ShipmentRow, TrackingRow
from webshop_orders.demo.scenario_orders import ANNA, BO, CHECKOUT
from webshop_orders.demo.scenarios import (
    FREE_SHIPPING_FROM,
    HOURS_A_DAY,
    OPENS,
    PAYMENT_METHODS,
    SHIPPING_METHODS,
    SWEDEN,
    WITH_BACKORDERED_LINES,
    EndState,
)
from webshop_orders.models import BeforeAfter, DeliveryStatus, EventFacts, EventKind, OrderStatus
from webshop_orders.models.event_facts import BackorderedSplit, OrderCancelled, OrderPlaced, ShipmentShipped
from webshop_orders.money.rounding import KRONA, round_to_whole_kronor
from webshop_orders.text.folding import sort_key
from webshop_orders.text.search import stored_spellings

DAYS = 3 * 365
GROWTH = 0.5  # below 1, orders become more frequent towards the end
NOON = (12 - OPENS) / HOURS_A_DAY
HANDLING_STARTS, HANDLING_SECONDS = timedelta(hours=13 - OPENS), 3 * 3600
SHIPPING_VAT_RATE = 2500
# Probabilities.
DISCOUNTED, TWO_PARCELS, TWO_SHIPMENTS = 0.08, 0.08, 0.06
REMAINDER_DELAY = timedelta(days=4)
# The prefix of each carrier's tracking codes, and how many digits follow it.
CODE_FORMATS = {
    "PostNord": ("0037", 16),
    "DHL": ("JJD0", 16),
    "DB Schenker": ("", 10),
    "Bring": ("3707", 13),
    "Budbee": ("BB", 10),
    "Instabee": ("INST", 10),
}


def _stored_facts(facts: EventFacts) -> str:
    return json.dumps(facts.to_json())


BY_CHECKOUT, BY_ANNA, BY_BO = ((actor.kind.value, actor.name) for actor in (CHECKOUT, ANNA, BO))
# The facts of the most frequent events as they are stored; they differ in their total or in the shipment's reference.
PLACED = _stored_facts(OrderPlaced(total=0)).replace("0", "%d")
CANCELLED = _stored_facts(OrderCancelled(BeforeAfter(OrderStatus.READY, OrderStatus.CANCELLED)))
SHIPPED = _stored_facts(
    ShipmentShipped(shipment="", status=BeforeAfter(DeliveryStatus.READY, DeliveryStatus.SHIPPED), mailed_to=None)
).replace('""', "%s")

Value = TypeVar("Value")


def _repeat(weights: dict[Value, int]) -> list[Value]:
    """Each value as many times as its weight, for a fast weighted choice."""
    return [value for value, count in weights.items() for _time in range(count)]


LINE_COUNTS = _repeat({1: 23, 2: 28, 3: 21, 4: 13, 6: 10, 9: 5})
QUANTITIES = _repeat({1: 50, 2: 22, 3: 8, 4: 10, 6: 7, 12: 3})
# Limits of an order's age in days, and the end states of orders up to that age.
RECENT, LAST_MONTH, SEASON = 7, 30, 120
CLOSED = [EndState.SHIPPED, EndState.CANCELLED]
OPEN = [EndState.READY, EndState.BACKORDERED, EndState.SPLIT, EndState.PARTLY_SHIPPED]
END_STATES = {
    RECENT: _repeat(dict(zip([*OPEN, *CLOSED], [55, 16, 8, 6, 10, 5], strict=True))),
    LAST_MONTH: _repeat(dict(zip([*OPEN, *CLOSED], [12, 14, 5, 12, 52, 5], strict=True))),
    SEASON: _repeat({EndState.BACKORDERED: 3, EndState.PARTLY_SHIPPED: 3, EndState.SHIPPED: 89, EndState.CANCELLED: 5}),
    DAYS: _repeat({EndState.SHIPPED: 95, EndState.CANCELLED: 5}),
}


@dataclass(frozen=True)
class Run:
    """`count` orders from the index `first` on; `openings` are the opening times of each day up to today.

    All times are in UTC, without an offset. `rounds_to_whole_kronor` is the setting of the shop.
    """

    first: int
    count: int
    openings: Sequence[datetime]
    rounds_to_whole_kronor: bool

    @classmethod
    def on(cls, today: date, *, first: int, count: int, rounds_to_whole_kronor: bool) -> Run:
        days = [today - timedelta(days=DAYS - day) for day in range(DAYS + 1)]
        openings = [datetime.combine(day, time(OPENS), SWEDEN).astimezone(UTC).replace(tzinfo=None) for day in days]
        return cls(first, count, openings, rounds_to_whole_kronor)


class Lifecycle(NamedTuple):
    """How an order ended, when it was placed and when it was handled; `age` is in days."""

    end_state: EndState
    age: int
    placed_at: datetime
    handled_at: datetime


class BulkLine(NamedTuple):
    article: Article
    quantity: int
    reserved: int
    discount: int

    @property
    def price(self) -> int:
        return self.quantity * self.article.price - self.discount


class BulkShipment(NamedTuple):
    """A shipment; `codes` are the tracking codes of its parcels."""

    lines: list[BulkLine]
    status: DeliveryStatus
    shipped_at: datetime | None
    codes: list[str]


class BulkEvent(NamedTuple):
    """An event with its time and facts as they are stored."""

    at: str
    kind: EventKind
    facts: str


def add(rows: Rows, ids: Ids, index: int, number: str, run: Run, pool: ArticlePool, rng: Random) -> None:
    """Add the rows of one order; `rng` is seeded with its index."""
    rng.seed(f"generated/{index}")
    lifecycle = _lifecycle((index - run.first + rng.random()) / run.count, run.openings, rng)
    shipping_method, shipping_price, carrier = rng.choice(SHIPPING_METHODS)
    shipments = _shipments(lifecycle, pool, carrier, rng)
    goods_price = sum(line.price for shipment in shipments for line in shipment.lines)
    shipping = 0 if goods_price >= FREE_SHIPPING_FROM else shipping_price
    exact = goods_price + shipping
    total = round_to_whole_kronor(exact) if run.rounds_to_whole_kronor else exact
    payment = rng.choice(PAYMENT_METHODS)
    buyer = bulk_buyers.choose(rng)
    reference = f"generated-{index:06d}"
    events = _events(lifecycle, shipments, number, total)
    order_id, placed_at = next(ids.orders), events[0].at
    rows.orders.append(
        OrderRow(
            id=order_id,
            number=number,
            external_reference=reference,
            placed_at=placed_at,
            updated_at=events[-1].at,
            currency="SEK",
            language="sv",
            prices_include_vat=True,
            rounds_to_whole_kronor=run.rounds_to_whole_kronor,
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
            cancelled_at=_stored_time(lifecycle.handled_at) if lifecycle.end_state is EndState.CANCELLED else None,
            shop_differences="[]",
            version=len(events),
            last_seq=len(shipments),
            event_count=len(events),
            message_count=0,
            status=_status(lifecycle.end_state, shipments).value,
            total=total,
            units=sum(line.quantity for shipment in shipments for line in shipment.lines),
            search_text=_search_text(number, reference, buyer, shipments),
            number_key=sort_key(number),
            customer_key=buyer.customer_key,
            email_key=buyer.email_key,
            phone_key=buyer.phone_key,
            attention="[]" if lifecycle.end_state is EndState.SHIPPED else None,  # the worker looks at the others
        )
    )
    is_open = lifecycle.end_state not in CLOSED
    for seq, shipment in enumerate(shipments, start=1):
        _add_shipment(rows, ids, shipment, seq, order_id, placed_at, carrier, waits=is_open and not shipment.shipped_at)
    if is_open:
        _reserve(rows, shipments)
    _add_events(rows, ids, events, order_id)


def _lifecycle(share: float, openings: Sequence[datetime], rng: Random) -> Lifecycle:
    """Orders are placed during opening hours and handled the same afternoon; late ones the day after."""
    days = share**GROWTH * DAYS
    day, share_of_day = int(days), days % 1
    placed_at = openings[day] + timedelta(seconds=share_of_day * HOURS_A_DAY * 3600)
    day_handled = day if share_of_day < NOON else day + 1
    handled_at = openings[day_handled] + HANDLING_STARTS + timedelta(seconds=rng.random() * HANDLING_SECONDS)
    age = DAYS - day
    end_state = rng.choice(next(states for max_age, states in END_STATES.items() if age <= max_age))
    if day_handled == DAYS and end_state is not EndState.BACKORDERED:
        end_state = EndState.READY  # it will be handled today
    return Lifecycle(end_state, age, placed_at, handled_at)


def _shipments(lifecycle: Lifecycle, pool: ArticlePool, carrier: str, rng: Random) -> list[BulkShipment]:
    end_state = lifecycle.end_state
    reserves = end_state is not EndState.CANCELLED
    articles = bulk_products.choose(pool.all if end_state in CLOSED else pool.in_stock, rng.choice(LINE_COUNTS), rng)
    lines = [_line(article, rng, reserves=reserves) for article in articles]
    if end_state in WITH_BACKORDERED_LINES:
        (article,) = bulk_products.choose(pool.scarce, 1, rng)
        backordered = [_line(article, rng, reserves=not article.is_tracked)]
        if end_state is EndState.BACKORDERED:
            return [_open_shipment([*lines, *backordered])]
        ships_first = end_state is EndState.PARTLY_SHIPPED
        first = _shipped_shipment(lines, lifecycle.handled_at, carrier, rng) if ships_first else _open_shipment(lines)
        return [first, _open_shipment(backordered)]
    if end_state is not EndState.SHIPPED:
        return [BulkShipment(lines, DeliveryStatus.READY, None, [])]
    if lifecycle.age > SEASON and len(lines) > 1 and rng.random() < TWO_SHIPMENTS:
        second_shipped_at = lifecycle.handled_at + REMAINDER_DELAY
        return [
            _shipped_shipment(lines[:-1], lifecycle.handled_at, carrier, rng),
            _shipped_shipment(lines[-1:], second_shipped_at, carrier, rng),
        ]
    return [_shipped_shipment(lines, lifecycle.handled_at, carrier, rng)]


def _line(article: Article, rng: Random, *, reserves: bool) -> BulkLine:
    quantity = rng.choice(QUANTITIES)
    tenth = quantity * article.price // 10 // KRONA * KRONA
    return BulkLine(
        article=article,
        quantity=quantity,
        reserved=quantity if reserves else 0,
        discount=tenth if rng.random() < DISCOUNTED else 0,
    )


def _open_shipment(lines: list[BulkLine]) -> BulkShipment:
    is_backordered = any(line.reserved < line.quantity for line in lines)
    return BulkShipment(lines, DeliveryStatus.BACKORDERED if is_backordered else DeliveryStatus.READY, None, [])


def _shipped_shipment(lines: list[BulkLine], at: datetime, carrier: str, rng: Random) -> BulkShipment:
    prefix, digits = CODE_FORMATS[carrier]
    number, parcels = int(rng.random() * 10**digits), 2 if rng.random() < TWO_PARCELS else 1
    codes = [f"{prefix}{(number + parcel) % 10**digits:0{digits}d}" for parcel in range(parcels)]
    return BulkShipment(lines, DeliveryStatus.SHIPPED, at, codes)


def _status(end_state: EndState, shipments: list[BulkShipment]) -> OrderStatus:
    statuses = {shipment.status for shipment in shipments}
    if end_state is EndState.CANCELLED:
        return OrderStatus.CANCELLED
    if DeliveryStatus.SHIPPED in statuses:
        return OrderStatus.SHIPPED if len(statuses) == 1 else OrderStatus.PARTLY_SHIPPED
    return OrderStatus.BACKORDERED if DeliveryStatus.BACKORDERED in statuses else OrderStatus.READY


def _search_text(number: str, reference: str, buyer: StoredBuyer, shipments: list[BulkShipment]) -> str:
    contents: list[str] = []
    for shipment in shipments:
        for line in shipment.lines:
            contents += line.article.spellings
        contents += map(str.casefold, shipment.codes)
    return "\n".join([*stored_spellings(number), reference, buyer.search_text, *dict.fromkeys(contents)])


def _events(lifecycle: Lifecycle, shipments: list[BulkShipment], number: str, total: int) -> list[BulkEvent]:
    handled_at = _stored_time(lifecycle.handled_at)
    events = [BulkEvent(_stored_time(lifecycle.placed_at), EventKind.ORDER_PLACED, PLACED % total)]
    if lifecycle.end_state is EndState.CANCELLED:
        events.append(BulkEvent(handled_at, EventKind.ORDER_CANCELLED, CANCELLED))
    if len(shipments) > 1:
        events.append(BulkEvent(handled_at, EventKind.BACKORDERED_SPLIT, _split(shipments[1].lines, number)))
    for seq, shipment in enumerate(shipments, start=1):
        if shipment.shipped_at is not None:
            facts = SHIPPED % json.dumps(f"{number}-{seq}")
            events.append(BulkEvent(_stored_time(shipment.shipped_at), EventKind.SHIPMENT_SHIPPED, facts))
    return events


def _split(moved: list[BulkLine], number: str) -> str:
    facts = BackorderedSplit(
        quantity=sum(line.quantity for line in moved),
        products=[line.article.name for line in moved],
        source=f"{number}-1",
        target=f"{number}-2",
    )
    return _stored_facts(facts)


def _add_shipment(
    rows: Rows,
    ids: Ids,
    shipment: BulkShipment,
    seq: int,
    order_id: int,
    placed_at: str,
    carrier: str,
    *,
    waits: bool,
) -> None:
    shipment_id = next(ids.shipments)
    shipped_at = _stored_time(shipment.shipped_at) if shipment.shipped_at is not None else None
    rows.shipments.append(ShipmentRow(shipment_id, order_id, seq, shipment.status.value, shipped_at))
    for line in shipment.lines:
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
                waiting=line.quantity - line.reserved if waits else 0,
                placed_at=placed_at,
                order_id=order_id,
            )
        )
    for code in shipment.codes:
        rows.tracking_codes.append(
            TrackingRow(next(ids.tracking_codes), shipment_id, code, carrier, placed_at, order_id)
        )


def _reserve(rows: Rows, shipments: list[BulkShipment]) -> None:
    for shipment in shipments:
        if shipment.shipped_at is None:
            for article, quantity, reserved, _discount in shipment.lines:
                if article.is_tracked:
                    rows.reserved[article.product_id] += reserved
                    rows.backordered[article.product_id] += quantity - reserved


def _add_events(rows: Rows, ids: Ids, events: list[BulkEvent], order_id: int) -> None:
    """The checkout placed the order; one member of staff made every later change."""
    for version, event in enumerate(events, start=1):
        actor_kind, actor_name = BY_CHECKOUT if version == 1 else BY_ANNA if order_id % 3 else BY_BO
        rows.events.append(
            EventRow(
                id=next(ids.events),
                order_id=order_id,
                at=event.at,
                actor_kind=actor_kind,
                actor_name=actor_name,
                kind=event.kind,
                version=version,
                facts=event.facts,
            )
        )


def _stored_time(at: datetime) -> str:
    return at.isoformat(" ", "microseconds")
