"""What an action will come to for the orders of a batch, counted before it starts, in one statement for any number.

An order that cannot take part has the first reason of those that the action is `refused` for. Any other has each of the
warnings that hold for it, and takes part once the user has agreed to all of these.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, not_, or_, select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.mailing.messages.active_templates import find_own_source
from webshop_orders.mailing.vocabulary import LANGUAGES, mail_language
from webshop_orders.models import (
    Batch,
    BatchAction,
    BatchOrder,
    DeliveryStatus,
    DispatchCheck,
    InboxItem,
    InboxKind,
    Line,
    MessageKind,
    Order,
    OrderStatus,
    Shipment,
    TrackingCode,
)
from webshop_orders.operations.batches.actions import AGREED, SHIP_ALL, STATUS
from webshop_orders.operations.orders import shipments

GROUP_PAGE_SIZE = 50
ORDERS, SHIPMENTS, LINES, CODES = (model.__table__.c for model in (Order, Shipment, Line, TrackingCode))
ROWS, ITEMS = BatchOrder.__table__.c, InboxItem.__table__.c
OTHER_BATCH, OTHER_ROW = Batch.__table__.alias("other_batch").c, BatchOrder.__table__.alias("other_row").c
IS_OPEN = and_(SHIPMENTS.order_id == ORDERS.id, SHIPMENTS.status != DeliveryStatus.SHIPPED)


class Outcome(StrEnum):
    """What becomes of an order, or what is to be known of it; each action has some of these.

    An order is `BACKORDERED`, or `PARTLY_BACKORDERED` if stock covers some of its units, where none of its shipments
    can leave. Where one can and another waits, the order ships `IN_PART`, unless shipments that wait leave too.
    `NOT_WHOLE` is what leaves in part though it is collected for one delivery (rule 34), and is not `IN_PART` then.
    `FAILS_CHECKS` is what fails the checks before dispatch, as the inbox has it.
    `NOTHING_WAITS` is what no notice of expected days can be about, and `NO_ADDRESS` what no mail can go to.
    `HELD` is what has a shipment that must not leave, `ELSEWHERE` what is in another open batch.
    """

    ERASED = "erased"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"
    HELD = "held"
    PARTLY_SHIPPED = "partly_shipped"
    UNCHANGED = "unchanged"
    NOTHING_WAITS = "nothing_waits"
    NO_ADDRESS = "no_address"
    TEST = "test"
    BACKORDERED = "backordered"
    PARTLY_BACKORDERED = "partly_backordered"
    NO_CODE = "no_code"
    NO_EMAIL = "no_email"
    CODE_NOT_SHOWN = "code_not_shown"
    FAILS_CHECKS = "fails_checks"
    NOT_WHOLE = "not_whole"
    IN_PART = "in_part"
    ELSEWHERE = "elsewhere"


class Rules(NamedTuple):
    """The outcomes of an action: the orders that it refuses, the first reason first, and what it warns and tells of."""

    refused: tuple[Outcome, ...]
    warned: tuple[Outcome, ...] = ()
    noted: tuple[Outcome, ...] = (Outcome.ELSEWHERE,)

    @property
    def all(self) -> tuple[Outcome, ...]:
        return self.refused + self.warned + self.noted


RULES = {
    BatchAction.SHIP: Rules(
        refused=(Outcome.ERASED, Outcome.CANCELLED, Outcome.SHIPPED, Outcome.HELD),
        warned=(
            Outcome.BACKORDERED,
            Outcome.PARTLY_BACKORDERED,
            Outcome.NOT_WHOLE,
            Outcome.NO_CODE,
            Outcome.NO_EMAIL,
            Outcome.CODE_NOT_SHOWN,
            Outcome.FAILS_CHECKS,
        ),
        noted=(Outcome.IN_PART, Outcome.ELSEWHERE),
    ),
    BatchAction.SEND_CONFIRMATION: Rules(
        refused=(Outcome.ERASED, Outcome.TEST, Outcome.NO_EMAIL), warned=(Outcome.CANCELLED,), noted=()
    ),
    BatchAction.SEND_BACKORDER_NOTICE: Rules(
        refused=(Outcome.ERASED, Outcome.CANCELLED, Outcome.TEST, Outcome.NOTHING_WAITS, Outcome.NO_ADDRESS), noted=()
    ),
    BatchAction.SET_STATUS: Rules(refused=(Outcome.ERASED, Outcome.CANCELLED, Outcome.SHIPPED, Outcome.UNCHANGED)),
    BatchAction.CANCEL: Rules(
        refused=(Outcome.ERASED, Outcome.CANCELLED, Outcome.SHIPPED, Outcome.PARTLY_SHIPPED),
    ),
}


# The codes of each warning, which an action takes as confirmed for all of its orders.
CODES_OF_WARNINGS: dict[Outcome, tuple[str, ...]] = {
    Outcome.CANCELLED: ("cancelled",),
    Outcome.BACKORDERED: ("uncovered",),
    Outcome.PARTLY_BACKORDERED: ("uncovered",),
    Outcome.NOT_WHOLE: (shipments.NOT_WHOLE,),
    Outcome.NO_CODE: ("no-code",),
    Outcome.NO_EMAIL: ("no-address",),
    Outcome.CODE_NOT_SHOWN: ("code-not-shown",),
    Outcome.FAILS_CHECKS: tuple(DispatchCheck),
}
WAITING = {Outcome.BACKORDERED, Outcome.PARTLY_BACKORDERED}


def options_of(agreed: Collection[Outcome], status: str | None = None) -> dict[str, Any]:
    """The options of an action that is started although some orders have the warnings of `agreed`."""
    codes = sorted({str(code) for outcome in agreed for code in CODES_OF_WARNINGS[outcome]})
    return {AGREED: codes, SHIP_ALL: bool(WAITING & set(agreed)), STATUS: status}


@dataclass(frozen=True)
class Forecast:
    """How many orders of a batch have which outcomes together."""

    rules: Rules
    combinations: dict[frozenset[Outcome], int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.combinations.values())

    def count(self, outcome: Outcome) -> int:
        """The orders of an outcome, as its group has them."""
        return sum(count for found, count in self.combinations.items() if outcome in found)

    def takes_part(self, agreed: Collection[Outcome], only: Outcome | None = None) -> int:
        """The orders that take part once the warnings of `agreed` are accepted; of one outcome `only`."""
        accepted = {*agreed, *self.rules.noted} | ({only} if only in self.rules.warned else set())
        return sum(
            count for found, count in self.combinations.items() if found <= accepted and (only is None or only in found)
        )


class GroupedOrder(NamedTuple):
    """An order of a group, at its position in the batch."""

    position: int
    number: str
    customer: str
    status: OrderStatus


class Group(NamedTuple):
    """A page of the orders of an outcome, and the position that the next page begins after, if there is one."""

    orders: list[GroupedOrder]
    after: int | None


def forecast(batch_id: int, action: BatchAction, options: Mapping[str, Any]) -> Forecast:
    """What the action, with its options, would come to now for the orders of a batch."""
    rules = RULES[action]
    found = _select(batch_id, action, options).subquery()
    flags = [found.c[outcome.value] for outcome in rules.all]
    rows = db.session.execute(select(*flags, func.count()).group_by(*flags)).all()
    return Forecast(rules, _combinations(rules, rows))


def _combinations(rules: Rules, rows: Iterable[Any]) -> dict[frozenset[Outcome], int]:
    combinations: dict[frozenset[Outcome], int] = {}
    for *flags, count in rows:
        outcomes = [outcome for outcome, holds in zip(rules.all, flags, strict=True) if holds]
        refusal = next((outcome for outcome in rules.refused if outcome in outcomes), None)
        key = frozenset([refusal] if refusal else outcomes)
        combinations[key] = combinations.get(key, 0) + count
    return combinations


def group(
    batch_id: int, action: BatchAction, options: Mapping[str, Any], outcome: Outcome | None, *, after: int = 0
) -> Group:
    """The orders of a batch that have an outcome, or else of those that take part without any warning."""
    rules, found = RULES[action], _select(batch_id, action, options).subquery()
    rows = select(found.c.position, ORDERS.number, ORDERS.customer_name, ORDERS.customer_company, ORDERS.status)
    rows = rows.join(found, found.c.order_id == ORDERS.id)
    rows = rows.where(found.c.position > after, *_conditions(found.c, rules, rules.noted, outcome))
    page = db.session.execute(rows.order_by(found.c.position).limit(GROUP_PAGE_SIZE + 1)).all()
    orders = [
        GroupedOrder(position, number, company or name, status) for position, number, name, company, status in page
    ][:GROUP_PAGE_SIZE]
    return Group(orders, orders[-1].position if len(page) > GROUP_PAGE_SIZE else None)


def _conditions(
    columns: Any, rules: Rules, accepted: Collection[Outcome], outcome: Outcome | None
) -> list[ColumnElement[bool]]:
    """Those of the group of an outcome; without one, of the orders that have nothing but what is accepted."""
    if outcome in rules.refused:
        earlier = rules.refused[: rules.refused.index(outcome)]
        return [columns[outcome.value], *(not_(columns[reason.value]) for reason in earlier)]
    in_the_way = [*rules.refused, *(other for other in rules.warned if outcome is None and other not in accepted)]
    return [
        *([columns[outcome.value]] if outcome else []),
        *(not_(columns[reason.value]) for reason in in_the_way),
    ]


def participants(
    batch_id: int,
    action: BatchAction,
    options: Mapping[str, Any],
    agreed: Collection[Outcome],
    only: Outcome | None = None,
) -> list[int]:
    """The ids of the orders that take part, as `Forecast.takes_part` counts them, in the batch's sequence."""
    rules, found = RULES[action], _select(batch_id, action, options).subquery()
    accepted = {*agreed, only} if only else agreed
    conditions = _conditions(found.c, rules, accepted, None)
    if only is not None:
        conditions.append(found.c[only.value])
    rows = select(found.c.order_id).where(*conditions).order_by(found.c.position)
    return list(db.session.scalars(rows))


def _select(batch_id: int, action: BatchAction, options: Mapping[str, Any]) -> Select[*tuple[Any, ...]]:
    """Each order of the batch, with a column for each outcome of the action."""
    predicates = _predicates(batch_id, options)
    flags = (predicates[outcome].label(outcome.value) for outcome in RULES[action].all)
    rows = select(ROWS.order_id, ROWS.position, *flags).join_from(
        BatchOrder.__table__, Order.__table__, ORDERS.id == ROWS.order_id
    )
    return rows.where(ROWS.batch_id == batch_id)


def _predicates(batch_id: int, options: Mapping[str, Any]) -> dict[Outcome, ColumnElement[bool]]:
    has_email = and_(ORDERS.customer_email.is_not(None), ORDERS.customer_email != "")
    is_mailed = not_(ORDERS.is_test) if _mails_delivery() else false()
    is_covered = not_(exists().where(LINES.shipment_id == SHIPMENTS.id, LINES.reserved < LINES.quantity))
    is_ready = and_(IS_OPEN, SHIPMENTS.status == DeliveryStatus.READY)
    # What is set to ready by hand, though stock does not cover it, waits for the user as what is backordered does.
    has_leaving = and_(exists().where(is_ready), not_(exists().where(is_ready, not_(is_covered))))
    has_waiting = exists().where(IS_OPEN, SHIPMENTS.status != DeliveryStatus.READY)
    parts_a_whole: ColumnElement[bool] = false()
    if not options.get(SHIP_ALL):
        parts_a_whole = and_(ORDERS.ships_whole, has_leaving, exists().where(IS_OPEN, not_(is_covered)))
    of_open = select(LINES.id).join(Shipment.__table__, SHIPMENTS.id == LINES.shipment_id).where(IS_OPEN)
    # A shipment can be backordered by hand, too: then all of it waits, though stock covers it.
    waits_in_part = and_(
        of_open.where(LINES.reserved > 0).exists(), of_open.where(LINES.reserved < LINES.quantity).exists()
    )
    has_code = exists().where(CODES.shipment_id == SHIPMENTS.id)
    lacks_code: ColumnElement[bool] = exists().where(IS_OPEN, not_(has_code))
    if not options.get(SHIP_ALL):
        ready_lacks_code = exists().where(is_ready, not_(has_code))
        lacks_code = or_(ready_lacks_code, and_(not_(has_leaving), lacks_code))
    in_other = exists().where(
        OTHER_ROW.order_id == ORDERS.id,
        OTHER_ROW.batch_id != batch_id,
        OTHER_BATCH.id == OTHER_ROW.batch_id,
        OTHER_BATCH.closed_at.is_(None),
    )
    return {
        Outcome.ERASED: ORDERS.personal_data_erased_at.is_not(None),
        Outcome.CANCELLED: ORDERS.cancelled_at.is_not(None),
        Outcome.SHIPPED: not_(exists().where(IS_OPEN)),
        Outcome.PARTLY_SHIPPED: exists().where(
            SHIPMENTS.order_id == ORDERS.id, SHIPMENTS.status == DeliveryStatus.SHIPPED
        ),
        Outcome.UNCHANGED: not_(exists().where(IS_OPEN, SHIPMENTS.status != options.get(STATUS, ""))),
        Outcome.NOTHING_WAITS: not_(exists().where(LINES.order_id == ORDERS.id, LINES.waiting > 0)),
        Outcome.NO_ADDRESS: not_(has_email),
        Outcome.HELD: ORDERS.is_held,
        Outcome.TEST: ORDERS.is_test,
        Outcome.BACKORDERED: and_(not_(has_leaving), not_(waits_in_part)),
        Outcome.PARTLY_BACKORDERED: and_(not_(has_leaving), waits_in_part),
        Outcome.NO_CODE: and_(is_mailed, has_email, lacks_code),
        Outcome.NO_EMAIL: and_(is_mailed, not_(has_email)),
        Outcome.CODE_NOT_SHOWN: and_(is_mailed, has_email, not_(lacks_code), _hides_codes(batch_id)),
        Outcome.FAILS_CHECKS: _fails_checks(),
        Outcome.NOT_WHOLE: parts_a_whole,
        Outcome.IN_PART: and_(has_leaving, has_waiting, not_(parts_a_whole)),
        Outcome.ELSEWHERE: in_other,
    }


def _fails_checks() -> ColumnElement[bool]:
    """Whether an order fails the checks before dispatch; the inbox has an unread comment as what it is."""
    checks = shop_settings.current().dispatch_checks
    if not checks.in_use:
        return false()
    is_told = exists().where(ITEMS.order_id == ORDERS.id, ITEMS.kind == InboxKind.DISPATCH_CHECK)
    return or_(is_told, ORDERS.has_unread_comment) if checks.unread_comment else is_told


def _mails_delivery() -> bool:
    return shop_settings.current().sends_automatically(MessageKind.DELIVERY_CONFIRMATION)


def _hides_codes(batch_id: int) -> ColumnElement[bool]:
    """Whether an order is in a language whose delivery confirmation, as the shop wrote it, shows no tracking code."""
    languages = _languages_without_codes()
    if not languages:
        return false()
    shop = shop_settings.current()
    of_batch = select(ORDERS.language).distinct().join(BatchOrder.__table__, ROWS.order_id == ORDERS.id)
    locales = db.session.scalars(of_batch.where(ROWS.batch_id == batch_id)).all()
    return ORDERS.language.in_([locale for locale in locales if mail_language(locale, shop) in languages])


def _languages_without_codes() -> set[str]:
    from webshop_orders.mailing.templates import checking

    shop, kind = shop_settings.current(), MessageKind.DELIVERY_CONFIRMATION
    own = {language: find_own_source(kind, language) for language in LANGUAGES}
    return {
        language
        for language, source in own.items()
        if source is not None
        and any(each.code == "no-tracking-code" for each in checking.omissions(kind, language, source, shop))
    }
