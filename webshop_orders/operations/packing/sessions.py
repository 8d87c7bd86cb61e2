"""Who packs which shipment: one person at a time, from the first scan until it has left or was left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.errors import Conflict, NotFound, RuleViolation
from webshop_orders.models import (
    Actor,
    Event,
    Line,
    Order,
    PackingLine,
    PackingScan,
    PackingSession,
    PackingState,
    ScanKind,
    Shipment,
)
from webshop_orders.operations.orders import bundles, loading

# A working day; whoever comes back later begins anew.
FORGOTTEN_AFTER = timedelta(hours=12)
QUESTIONS = {ScanKind.ASKED_TO_SHIP, ScanKind.ASKED_FOR_MISSING}


class HeldByOther(Conflict):
    """Someone else is packing the shipment: who, and since when."""

    def __init__(self, session: PackingSession, reference: str) -> None:
        super().__init__(_("%(name)s is packing %(shipment)s.", name=session.user_name, shipment=reference))
        self.session = session


class TakenOver(Conflict):
    """Someone else has taken over the shipment that one was packing."""


class Ended(Conflict):
    """The shipment was shipped, or left, from this session."""

    def __init__(self, sentence: str, session: PackingSession, reference: str) -> None:
        super().__init__(sentence)
        self.session = session
        self.reference = reference


@dataclass
class Packing:
    """A shipment that is being packed: its lines as the packer sees them, and the scans that count, the latest last.

    The order is as it is now, which may differ (`differences`).
    """

    session: PackingSession
    order: Order
    lines: list[PackingLine]
    scans: list[PackingScan]

    @property
    def reference(self) -> str:
        return f"{self.order.number}-{self.session.seq}"

    @property
    def shipment(self) -> Shipment | None:
        """The shipment, unless the order has it no longer."""
        return self.order.find_shipment(self.session.seq)

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def packed(self) -> int:
        return sum(line.packed for line in self.lines)

    @property
    def left(self) -> int:
        """Units that are not packed yet."""
        return self.quantity - self.packed

    @property
    def codes(self) -> list[PackingScan]:
        """The codes of the parcels' labels that were scanned."""
        return [scan for scan in self.scans if scan.kind is ScanKind.CODE]

    @property
    def expects_label(self) -> bool:
        """Whether a further parcel was begun whose label is still to come."""
        parcels = [scan.kind for scan in self.scans if scan.kind in {ScanKind.CODE, ScanKind.NEW_PARCEL}]
        return parcels[-1:] == [ScanKind.NEW_PARCEL]

    @property
    def question(self) -> PackingScan | None:
        """What the packer was asked last, while it is not answered."""
        return self.scans[-1] if self.scans and self.scans[-1].kind in QUESTIONS else None

    @property
    def is_complete(self) -> bool:
        """Whether all of it is packed, and the label of each parcel scanned."""
        return self.left == 0 and bool(self.codes) and not self.expects_label

    def find_line(self, line_id: int | None) -> PackingLine | None:
        return next((line for line in self.lines if line.line_id == line_id), None)

    def get_line(self, line_id: int) -> PackingLine:
        """A line of it; raises NotFound."""
        line = self.find_line(line_id)
        if line is None:
            raise NotFound(_("%(shipment)s does not have this product any more.", shipment=self.reference))
        return line

    def log(self, kind: ScanKind, *, request_key: str | None, **values: object) -> PackingScan:
        """Keep a scan that counts."""
        scan = PackingScan(session_id=self.session.id, kind=kind, request_key=request_key, **values)
        db.session.add(scan)
        if kind is not ScanKind.UNDONE:
            self.scans.append(scan)
        self.session.seen_at = now()
        return scan

    def was_done(self, request_key: str | None) -> bool:
        """Whether a request with this key was carried out in the session before."""
        return was_carried_out(self.session, request_key)


def packable(shipment: Shipment) -> list[Line]:
    """The lines that are packed: of a bundle its parts, where they are lines of their own."""
    return [line for line in shipment.lines_by_bundle if not bundles.parts_of(line)]


def load(session_id: int, by: Actor) -> Packing:
    """A session of the packer's own, to be shown. Raises NotFound, Ended and TakenOver."""
    return _read(*_own(db.session.get(PackingSession, session_id), by))


def lock(session_id: int, by: Actor, order: Order | None = None) -> Packing:
    """The same, locked so that its scans count one after the other; `order` where that is locked already."""
    return _read(*_own(get_for_update(PackingSession, session_id), by), order)


def number_of(session_id: int, by: Actor) -> str:
    """The number of the order of a session of the packer's own. Raises as `load` does."""
    return _own(db.session.get(PackingSession, session_id), by)[1]


def _own(session: PackingSession | None, by: Actor) -> tuple[PackingSession, str]:
    """The session, if it is the packer's own and goes on, and the number of its order."""
    if session is None:
        raise NotFound(_("This packing was forgotten. Scan the slip again to begin anew."))
    number = db.session.scalars(select(Order.number).where(Order.id == session.order_id)).one()
    reference = f"{number}-{session.seq}"
    if session.state is PackingState.SHIPPED:
        raise Ended(_("%(shipment)s is packed and shipped already.", shipment=reference), session, reference)
    if session.state is PackingState.LEFT:
        sentence = _("%(shipment)s was left without being packed. Scan its slip to begin anew.", shipment=reference)
        raise Ended(sentence, session, reference)
    if session.user_id != by.user_id:
        raise TakenOver(_("%(name)s has taken over %(shipment)s.", name=session.user_name, shipment=reference))
    return session, number


def was_carried_out(session: PackingSession, request_key: str | None) -> bool:
    """Whether a request with this key was carried out in a session, which it may have ended."""
    if request_key is None:
        return False
    scans = select(PackingScan.id).where(PackingScan.session_id == session.id, PackingScan.request_key == request_key)
    events = select(Event.id).where(Event.order_id == session.order_id, Event.request_key == request_key)
    return db.session.scalar(scans.union_all(events).limit(1)) is not None


def _read(session: PackingSession, number: str, order: Order | None = None) -> Packing:
    order = order or loading.load_order(number)
    return Packing(session, order, lines_of(session, order), _scans(session))


def lines_of(session: PackingSession, order: Order) -> list[PackingLine]:
    """In the sequence in which the shipment has them; what it has no longer comes last."""
    lines = db.session.scalars(
        select(PackingLine).where(PackingLine.session_id == session.id).order_by(PackingLine.line_id)
    ).all()
    shipment = order.find_shipment(session.seq)
    places = {line.id: place for place, line in enumerate(packable(shipment) if shipment else [])}
    return sorted(lines, key=lambda line: places.get(line.line_id, len(places)))


def _scans(session: PackingSession) -> list[PackingScan]:
    scans = select(PackingScan).where(PackingScan.session_id == session.id, ~PackingScan.undone)
    return list(db.session.scalars(scans.order_by(PackingScan.id)))


def holder_of(order_id: int, seq: int) -> PackingSession | None:
    """The session in which someone is packing a shipment now."""
    being_packed = select(PackingSession).where(PackingSession.state == PackingState.PACKING)
    return db.session.scalar(being_packed.where(PackingSession.order_id == order_id, PackingSession.seq == seq))


def begun_by(user_id: int) -> list[tuple[PackingSession, str]]:
    """What a user is packing, the latest first, each with its reference."""
    rows = db.session.execute(
        select(PackingSession, Order.number)
        .join(Order, Order.id == PackingSession.order_id)
        .where(PackingSession.user_id == user_id, PackingSession.state == PackingState.PACKING)
        .order_by(PackingSession.seen_at.desc(), PackingSession.id.desc())
    )
    return [(session, f"{number}-{session.seq}") for session, number in rows]


def start(order: Order, seq: int, *, batch_id: int | None = None, by: Actor) -> Packing:
    """Begin to pack a shipment, or go on with it.

    Raises HeldByOther, NotFound, Held, and RuleViolation where the shipment is closed.
    """
    loading.check_not_erased(order)
    shipment = order.find_shipment(seq)
    if shipment is None:
        raise NotFound(_("Order %(number)s has no shipment %(seq)s.", number=order.number, seq=seq))
    shipment.check_open()
    shipment.check_not_held()
    held = holder_of(order.id, seq)
    if held is None:
        session = _insert(shipment, batch_id, by)
        if session is not None:
            add_lines(session, packable(shipment))
            return Packing(session, order, lines_of(session, order), [])
        held = holder_of(order.id, seq)
        assert held is not None
    if held.user_id != by.user_id:
        raise HeldByOther(held, shipment.reference)
    held.batch_id = batch_id or held.batch_id
    return _read(held, order.number, order)


def _insert(shipment: Shipment, batch_id: int | None, by: Actor) -> PackingSession | None:
    """A new session; None where another packer was a moment faster, which the unique index says."""
    session = PackingSession(
        order_id=shipment.order.id,
        seq=shipment.seq,
        batch_id=batch_id,
        user_id=by.user_id,
        user_name=by.name,
        order_version=shipment.order.version,
        ships_when_scanned=_last_choice(by),
    )
    try:
        with db.session.begin_nested():
            db.session.add(session)
            db.session.flush()
    except IntegrityError:
        return None
    return session


def _last_choice(by: Actor) -> bool:
    """Whether the packer had the last shipment leave when all was scanned."""
    choices = select(PackingSession.ships_when_scanned).where(PackingSession.user_id == by.user_id)
    return bool(db.session.scalar(choices.order_by(PackingSession.id.desc()).limit(1)))


def add_lines(session: PackingSession, lines: Iterable[Line], packed: dict[int, int] | None = None) -> None:
    """Note lines as the packer sees them from now on; `packed` has the units of those that have some packed."""
    for line in lines:
        db.session.add(
            PackingLine(
                session_id=session.id,
                line_id=line.id,
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                packed=min((packed or {}).get(line.id, 0), line.quantity),
            )
        )
    db.session.flush()


def take_over(session_id: int, *, by: Actor) -> Packing:
    """Go on with what someone else is packing: what is in the parcel stays ticked off. Raises NotFound and Ended."""
    session = get_for_update(PackingSession, session_id)
    if session is not None and session.state is PackingState.PACKING:
        assert by.user_id is not None
        session.user_id, session.user_name = by.user_id, by.name
        session.began_at = session.seen_at = now()
    return _read(*_own(session, by))


def leave(packing: Packing) -> None:
    """Stop packing a shipment, which others can then pack; what was scanned is forgotten."""
    packing.session.state = PackingState.LEFT
    db.session.flush()


def choose_shipping(packing: Packing, ships_when_scanned: bool) -> None:
    """Have a shipment leave by itself once all of it and its label are scanned, or not."""
    packing.session.ships_when_scanned = ships_when_scanned


def forget() -> None:
    """Delete what was packed, or left alone, more than half a day ago."""
    stale = select(PackingSession.id).where(PackingSession.seen_at < now() - FORGOTTEN_AFTER)
    ids = db.session.scalars(stale).all()
    if not ids:
        return
    delete_sessions(ids)


def delete_sessions(ids: Iterable[int]) -> None:
    """Delete sessions with their lines and scans."""
    gone = list(ids)
    for model, column in ((PackingScan, PackingScan.session_id), (PackingLine, PackingLine.session_id)):
        db.session.execute(delete(model).where(column.in_(gone)).execution_options(synchronize_session=False))
    statement = delete(PackingSession).where(PackingSession.id.in_(gone))
    db.session.execute(statement.execution_options(synchronize_session=False))


def actor_in(packing: Packing, by: Actor) -> Actor:
    """Who changes the order from a session: the packer, within the batch."""
    return replace(by, batch_id=packing.session.batch_id)


def check_open(packing: Packing) -> Shipment:
    """The shipment; raises RuleViolation where it cannot be packed any more, Held where it must not leave now."""
    if packing.shipment is None:
        raise RuleViolation(_("%(shipment)s is no more: its products were moved.", shipment=packing.reference))
    packing.shipment.check_open()
    packing.shipment.check_not_held()
    return packing.shipment
