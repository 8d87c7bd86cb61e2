"""What of an order needs a person: derived from it with each change. Triggers keep the inbox equal to that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import lock_rows
from webshop_orders.errors import DomainError, NoChange
from webshop_orders.models import (
    OPEN_STATUSES,
    Attention,
    DispatchCheck,
    Hold,
    InboxItem,
    InboxKind,
    Order,
    Shipment,
    Shop,
)
from webshop_orders.money.totals import balance
from webshop_orders.operations.dispatch_checks import failed_checks
from webshop_orders.text.shipping_methods import is_collected_in_store

STORED_TIME = "%Y-%m-%d %H:%M:%S.%f"
# Nobody adds a code once the parcel has come.
MISSES_CODE_FOR = timedelta(days=30)
CODE_WAITS_FOR = timedelta(days=1)
# These follow from what happened, and not from what the order is; they stay until it is dealt with.
LASTING = {InboxKind.HOLD_ENDED, InboxKind.DELIVERY_REFUSED}


@dataclass(frozen=True)
class Need:
    """Something that needs a person: `since` where the order says so, and not at once where it is `due_after` that."""

    kind: InboxKind
    subject: str
    facts: dict[str, Any] = field(default_factory=dict)
    since: datetime | None = None
    due_after: timedelta | None = None


def of(
    order: Order, shop: Shop, at: datetime, earlier: Iterable[Attention] = (), *, begins: datetime | None = None
) -> list[Attention]:
    """What of an order needs a person at a time.

    `earlier` is what did until now: it says since when, and what happened that has not been dealt with. What needs one
    from now on does so since `begins`, or else since `at`.
    """
    if order.personal_data_erased_at is not None or order.is_test:
        return []
    begun = {(item.kind, item.subject): item.since for item in earlier}
    return [*(_attention(need, begun, begins or at) for need in _needs(order, shop, at)), *_lasting(order, earlier)]


def refresh(order: Order, *, new: Sequence[Attention] = ()) -> None:
    """Refresh what is derived from an order: its columns, and what of it needs a person; `new` happened just now."""
    order.refresh_derived_columns()
    begins = order.updated_at if order.attention is None else None
    found = of(order, shop_settings.current(), now(), (*_known(order), *new), begins=begins)
    if order.attention != found:
        order.attention = found


def settle(order: Order, kind: InboxKind, subject: str) -> None:
    """Forget what happened to a locked order, since someone dealt with it: a hold that ended, a delivery refused.

    Raises NoChange where that is known, and for anything that only a change of the order mends.
    """
    known = _known(order)
    left = [item for item in known if item.kind not in LASTING or (item.kind, item.subject) != (kind, subject)]
    if len(left) == len(known):
        raise NoChange(_("This needs nothing any more."))
    order.attention = left


def needs(order: Order, kind: InboxKind, subject: str) -> bool:
    """Whether something of a locked order still needs a person, of the kinds that follow from orders."""
    return any((item.kind, item.subject) == (kind, subject) for item in _known(order))


def accept_delivery(order: Order, delivery: str) -> None:
    """Forget that a delivery of a locked order was refused before, now that it is taken."""
    with suppress(NoChange):
        settle(order, *_refused_delivery(order, delivery))


def of_ended_holds(order: Order, ended: Iterable[Hold]) -> list[Attention]:
    """That these holds of an order ended by themselves."""
    return [
        Attention(
            InboxKind.HOLD_ENDED,
            f"{order.number}/{hold.id}",
            _stored(now()),
            facts={
                "shipment": hold.reference(order.number),
                "reason": hold.reason.value,
                "rule": hold.rule.value if hold.rule else None,
                "until": hold.until,
            },
        )
        for hold in ended
    ]


def of_refused_delivery(order: Order, delivery: str | None, error: DomainError) -> Attention:
    """That a delivery which another system reported was refused."""
    facts = {"delivery": delivery, "reason": str(error), "shipped": _shipped(order)}
    return Attention(*_refused_delivery(order, delivery), _stored(now()), facts=facts)


def stored(order_ids: Collection[int]) -> dict[int, list[Attention]]:
    """What needed a person of orders where that is to be computed anew, as the inbox has it."""
    found: dict[int, list[Attention]] = {}
    items = select(InboxItem).where(InboxItem.order_id.in_(order_ids)).order_by(InboxItem.id)
    for item in db.session.scalars(items):
        due_at = _stored(item.due_at) if item.due_at else None
        attention = Attention(item.kind, item.subject, _stored(item.since), due_at, item.facts)
        found.setdefault(item.order_id or 0, []).append(attention)
    return found


def outdate() -> None:
    """Have the worker compute anew what needs a person of all orders that have something left to leave."""
    is_open = Order.status.in_(OPEN_STATUSES)
    lock_rows(select(Order.id).where(is_open).order_by(Order.id))
    db.session.execute(
        update(Order).where(is_open).values(attention=None), execution_options={"synchronize_session": False}
    )


def count_outdated() -> int:
    """How many orders the worker is still to look at, so that the inbox is not whole yet."""
    return db.session.scalar(select(func.count()).select_from(Order).where(Order.attention.is_(None))) or 0


def _refused_delivery(order: Order, delivery: str | None) -> tuple[InboxKind, str]:
    return InboxKind.DELIVERY_REFUSED, f"{order.number}/{delivery or ''}"


def _known(order: Order) -> list[Attention]:
    """What needs a person as of the latest change; read from the inbox where it is to be computed anew."""
    return order.attention if order.attention is not None else stored([order.id]).get(order.id, [])


def _attention(need: Need, begun: Mapping[tuple[InboxKind, str], str], at: datetime) -> Attention:
    earlier = None if need.since else begun.get((need.kind, need.subject))
    since = need.since or (_time(earlier) if earlier else at)
    due_at = _stored(since + need.due_after) if need.due_after else None
    return Attention(need.kind, need.subject, earlier or _stored(since), due_at, need.facts)


def _needs(order: Order, shop: Shop, at: datetime) -> Iterator[Need]:
    yield from _money(order)
    if order.is_cancelled:
        return
    if order.shop_differences:
        differences = [asdict(difference) for difference in order.shop_differences]
        yield Need(InboxKind.SOURCE_DIFFERS, order.number, {"differences": differences})
    if order.has_unread_comment:
        yield Need(InboxKind.CUSTOMER_COMMENT, order.number, since=order.placed_at)
    misses_codes = not is_collected_in_store(order.shipping_method)
    for shipment in order.shipments:
        if shipment.is_shipped and misses_codes and _misses_code(shipment, at):
            facts = {"shipment": shipment.reference}
            yield Need(InboxKind.SENT_WITHOUT_CODE, shipment.reference, facts, shipment.shipped_at)
        elif not shipment.is_shipped:
            yield from _before_leaving(shipment, shop)


def _money(order: Order) -> Iterator[Need]:
    """Money to pay back, as the list of orders has it; and to charge, where an order became dearer that was paid."""
    due = 0 if order.is_cancelled else order.total - (order.credited or 0)
    if order.paid > due:
        facts = {"amount": -balance(order), "currency": order.currency}
        yield Need(InboxKind.TO_REFUND, order.number, facts)
    elif order.approval is not None and order.paid and order.total > order.approval.total:
        left = balance(order)
        if left > 0:
            yield Need(InboxKind.TO_CHARGE, order.number, {"amount": left, "currency": order.currency})


def _misses_code(shipment: Shipment, at: datetime) -> bool:
    """Whether a shipment left lately without a code; what left elsewhere has no amount that was charged for it."""
    return (
        not shipment.tracking_codes
        and shipment.capture is not None
        and shipment.delivered_at is None
        and shipment.shipped_at is not None
        and shipment.shipped_at > at - MISSES_CODE_FOR
    )


def _before_leaving(shipment: Shipment, shop: Shop) -> Iterator[Need]:
    reference = shipment.reference
    if shipment.tracking_codes and not shipment.is_held:
        facts = {"shipment": reference, "codes": [tracking.code for tracking in shipment.tracking_codes]}
        yield Need(InboxKind.CODE_WITHOUT_SHIPPING, reference, facts, due_after=CODE_WAITS_FOR)
    if shipment.ready_since is None:
        return
    if failed := _failed_checks(shipment, shop):
        checks = {"shipment": reference, "checks": failed}
        yield Need(InboxKind.DISPATCH_CHECK, reference, checks)
    is_late = timedelta(days=shop.ready_days)
    yield Need(InboxKind.READY_TOO_LONG, reference, {"shipment": reference}, shipment.ready_since, is_late)


def _failed_checks(shipment: Shipment, shop: Shop) -> list[str]:
    """The checks that a shipment fails, but for the comment that nobody has read, which is told by itself."""
    failed = failed_checks(shipment, shop)
    return [check.value for check in failed if check is not DispatchCheck.UNREAD_COMMENT]


def _lasting(order: Order, earlier: Iterable[Attention]) -> list[Attention]:
    """What happened to an order and was not dealt with; what happened again has the facts of the latest time."""
    lasting: dict[tuple[InboxKind, str], Attention] = {}
    for item in earlier:
        if item.kind in LASTING and _lasts(item, order):
            key = (item.kind, item.subject)
            lasting[key] = replace(item, since=lasting[key].since) if key in lasting else item
    return list(lasting.values())


def _lasts(item: Attention, order: Order) -> bool:
    """Whether nobody has dealt with what happened to an order: sent more of it, or held what it was about."""
    if item.kind is InboxKind.DELIVERY_REFUSED:
        return _shipped(order) <= item.facts["shipped"]
    of_hold = item.facts["shipment"]
    return any(
        not shipment.is_held for shipment in order.open_shipments if of_hold is None or shipment.reference == of_hold
    )


def _shipped(order: Order) -> int:
    return sum(shipment.is_shipped for shipment in order.shipments)


def _stored(at: datetime) -> str:
    return at.astimezone(UTC).strftime(STORED_TIME)


def _time(stored_time: str) -> datetime:
    return datetime.fromisoformat(stored_time).replace(tzinfo=UTC)
