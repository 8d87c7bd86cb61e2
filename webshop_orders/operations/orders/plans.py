"""A plan: how the units of an order's open shipments are shared among these and new ones, carried out as one change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.errors import MAX_SENTENCES, NoChange, NotFound, RuleViolation
from webshop_orders.models import MAX_QUANTITY, Actor, DeliveryStatus, Line, Order, Shipment
from webshop_orders.models.event_facts import UnitsRearranged
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import bundles
from webshop_orders.operations.orders.moves import move_codes, move_holds, move_units, unplaced_codes

MAX_OPEN = 20  # open shipments of an order that is planned
Cell = tuple[int, int]  # the id of a row, and the place of a target


class PlanRefused(RuleViolation):
    """Cells of a plan that break a rule, each with a sentence, and shipments whose tracking codes nothing would get."""

    def __init__(self, cells: Mapping[Cell, str], codes: Mapping[int, str] | None = None) -> None:
        self.cells = dict(cells)
        self.codes = dict(codes or {})
        sentences = dict.fromkeys([*self.cells.values(), *self.codes.values()])
        super().__init__(" ".join(list(sentences)[:MAX_SENTENCES]))


@dataclass(frozen=True)
class Row:
    """Units of one article, in at most one line of each open shipment; a bundle brings its parts along."""

    lines: list[Line]

    @property
    def id(self) -> int:
        return self.lines[0].id

    @property
    def name(self) -> str:
        return self.lines[0].name

    @property
    def sku(self) -> str:
        return self.lines[0].sku

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def backordered(self) -> int:
        return sum(bundles.backordered_of(line) for line in self.lines)

    def line_in(self, shipment: Shipment | None) -> Line | None:
        return next((line for line in self.lines if line.shipment is shipment), None)

    def quantity_in(self, shipment: Shipment | None) -> int:
        line = self.line_in(shipment)
        return line.quantity if line else 0

    def joins(self, line: Line) -> bool:
        """Whether a line is of this row's article, and the only one of it in its shipment."""
        return self.line_in(line.shipment) is None and any(other.can_merge_with(line) for other in self.lines)


@dataclass(frozen=True)
class Plan:
    """What is to be where.

    `targets` are open shipments, or None for a new one; `quantities` has for each row, by its id, the units in each of
    them. Rows that it does not have stay where they are. `codes_to` is the place of the target that gets the tracking
    codes of a shipment, by the number of that, where it is left without lines.
    """

    targets: Sequence[Shipment | None]
    quantities: Mapping[int, Sequence[int]]
    codes_to: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Move:
    """Units of a line that go to another shipment; `target` is the place of that among the plan's targets."""

    row: Row
    line: Line
    quantity: int
    source: Shipment
    target: int


def rows(order: Order) -> list[Row]:
    """What a plan can move: the lines of the open shipments, but for parts of bundles, by their articles."""
    by_article: dict[tuple[object, ...], list[Row]] = {}
    found: list[Row] = []
    for shipment in order.open_shipments:
        for line in _movable(shipment):
            candidates = by_article.setdefault(line.article, [])
            row = next((row for row in candidates if row.joins(line)), None)
            if row is None:
                row = Row([])
                candidates.append(row)
                found.append(row)
            row.lines.append(line)
    return found


def row_of(order: Order, line_id: int) -> Row:
    """The row that a line is in; raises NotFound where a plan cannot move it."""
    row = next((row for row in rows(order) if any(line.id == line_id for line in row.lines)), None)
    if row is None:
        raise NotFound(_("This product is no longer in order %(number)s.", number=order.number))
    return row


def check_plannable(order: Order) -> None:
    """Raise RuleViolation where an order has nothing to plan, or more open shipments than a plan can have."""
    order.check_not_cancelled()
    if not order.open_shipments:
        raise RuleViolation(_("Everything in this order is shipped, so nothing can be moved any more."))
    _check_number(len(order.open_shipments))


def rearrange(order: Order, plan: Plan, *, by: Actor) -> UnitsRearranged:
    """Move units between the open shipments of an order as a plan says, all of them or none.

    Backordered units move first, to the last of the targets first, so that what can leave today stays and leaves; a
    shipment without lines disappears. Returns what moved. Raises PlanRefused for cells that do not add up to what there
    is and for tracking codes that nothing would get, RuleViolation for a shipment that cannot take anything, NotFound
    for a row that is gone, and NoChange where all is as planned already.
    """
    moves = _moves(order, plan)
    if not moves or _is_new_name_only(order, plan, moves):
        raise NoChange(_("Everything is where it should be already."))
    emptied = _emptied(order, plan, moves)
    with_codes = [shipment for shipment in emptied if shipment.tracking_codes]
    _check_codes(plan, with_codes, emptied, moves)
    references = {shipment: shipment.reference for shipment in order.open_shipments}
    targets = _carry_out(order, plan, moves)
    for source in with_codes:
        move_codes(source, targets[plan.codes_to[source.seq]])
    _refresh(targets, moves)
    facts = UnitsRearranged(
        moves=[
            {
                "product": move.row.name,
                "sku": move.row.sku,
                "quantity": move.quantity,
                "source": references[move.source],
                "target": targets[move.target].reference,
            }
            for move in moves
        ],
        codes=[
            {"source": references[source], "target": targets[plan.codes_to[source.seq]].reference}
            for source in with_codes
        ],
    )
    history.record(order, facts, by=by)
    return facts


def preview(order: Order, plan: Plan) -> list[DeliveryStatus | None]:
    """The status that each of the targets would have, None for one without lines; rows that do not add up stay.

    It changes the order, which is one to be previewed.
    """
    by_id = {row.id: row for row in rows(order)}
    quantities = {
        row_id: units
        for row_id, units in plan.quantities.items()
        if row_id in by_id and sum(units) == by_id[row_id].quantity
    }
    checked = Plan(plan.targets, quantities)
    moves = _moves(order, checked)
    targets = _carry_out(order, checked, moves)
    _refresh(targets, moves)
    return [
        targets[place].status if place in targets and targets[place].lines else None
        for place in range(len(plan.targets))
    ]


def without_backordered(order: Order) -> dict[int, list[int]]:
    """The quantities that leave what waits for stock to a new shipment, where the rest of a shipment can leave today.

    The targets are the open shipments, and the new one.
    """
    waiting: dict[int, int] = {}
    for shipment in order.open_shipments:
        units = bundles.backordered_units(shipment)
        if sum(units.values()) < shipment.quantity:
            waiting |= {line.id: count for line, count in units.items()}
    filled = {}
    for row in rows(order):
        stays = {line.shipment: line.quantity - waiting.get(line.id, 0) for line in row.lines}
        filled[row.id] = [*(stays.get(shipment, 0) for shipment in order.open_shipments)]
        filled[row.id].append(row.quantity - sum(stays.values()))
    return filled


def all_together(order: Order) -> dict[int, list[int]]:
    """The quantities that put everything into the first of the open shipments."""
    others = [0] * (len(order.open_shipments) - 1)
    return {row.id: [row.quantity, *others] for row in rows(order)}


def one_each(order: Order) -> dict[int, list[int]]:
    """The quantities that put one unit of each row into a shipment; evenly, where there are more than shipments."""
    found = rows(order)
    most = max((row.quantity for row in found), default=1)
    places = min(max(most, len(order.open_shipments)), MAX_OPEN)
    return {
        row.id: [row.quantity // places + (place < row.quantity % places) for place in range(places)] for row in found
    }


def _movable(shipment: Shipment) -> list[Line]:
    """The lines of a shipment but for the parts of its bundles, which follow these."""
    bundled = {line.bundle for line in shipment.lines if line.bundle and not line.is_part}
    return [line for line in shipment.lines if not (line.is_part and line.bundle in bundled)]


def _check_number(open_shipments: int) -> None:
    if open_shipments > MAX_OPEN:
        raise RuleViolation(_("At most %(most)s open shipments can be planned at once.", most=MAX_OPEN))


def _moves(order: Order, plan: Plan) -> list[Move]:
    """What has to move, in this sequence; raises what `rearrange` does."""
    check_plannable(order)
    open_shipments = order.open_shipments
    for target in plan.targets:
        if target is not None and target not in open_shipments:
            raise RuleViolation(_("%(shipment)s is shipped, so nothing can be added to it.", shipment=target.reference))
    by_id = {row.id: row for row in rows(order)}
    if any(row_id not in by_id for row_id in plan.quantities):
        raise NotFound(_("This product is no longer in order %(number)s.", number=order.number))
    _check_sums(plan, by_id)
    is_used = [any(units[place] for units in plan.quantities.values()) for place in range(len(plan.targets))]
    new = sum(used and target is None for used, target in zip(is_used, plan.targets, strict=True))
    _check_number(len(open_shipments) + new)
    return [move for row_id, units in plan.quantities.items() for move in _moves_of_row(by_id[row_id], plan, units)]


def _check_sums(plan: Plan, by_id: Mapping[int, Row]) -> None:
    refused: dict[Cell, str] = {}
    for row_id, units in plan.quantities.items():
        row = by_id[row_id]
        beyond = [place for place, count in enumerate(units) if not 0 <= count <= MAX_QUANTITY]
        if beyond:
            sentence = _("Give a whole number from %(least)s to %(most)s.", least=0, most=MAX_QUANTITY)
            refused |= {(row_id, place): sentence for place in beyond}
            continue
        if sum(units) == row.quantity:
            continue
        sentence = ngettext(
            "There is %(quantity)s × %(name)s in all, not %(planned)s.",
            "There are %(quantity)s × %(name)s in all, not %(planned)s.",
            row.quantity,
            quantity=row.quantity,
            name=row.name,
            planned=sum(units),
        )
        changed = [place for place, target in enumerate(plan.targets) if units[place] != row.quantity_in(target)]
        refused |= {(row_id, place): sentence for place in changed or range(len(units))}
    if refused:
        raise PlanRefused(refused)


def _moves_of_row(row: Row, plan: Plan, units: Sequence[int]) -> Iterator[Move]:
    """The moves of a row: backordered units to the last targets, from the lines with most of them that leave."""
    wished = {target: count for target, count in zip(plan.targets, units, strict=True) if target is not None}
    leaving = {line: line.quantity - wished.get(line.shipment, 0) for line in row.lines}
    waiting = {line: min(count, bundles.backordered_of(line)) for line, count in leaving.items()}
    for place in reversed(range(len(plan.targets))):
        missing = units[place] - row.quantity_in(plan.targets[place])
        while missing > 0:
            line = max((line for line in row.lines if leaving[line] > 0), key=waiting.__getitem__)
            count = min(missing, leaving[line])
            yield Move(row, line, count, line.shipment, place)
            missing -= count
            leaving[line] -= count
            waiting[line] -= min(count, waiting[line])


def _is_new_name_only(order: Order, plan: Plan, moves: Sequence[Move]) -> bool:
    """Whether everything in the order's only shipment would move to one new one."""
    targets = {move.target for move in moves}
    everything = sum(move.quantity for move in moves) == sum(row.quantity for row in rows(order))
    return len(order.shipments) == 1 and everything and len(targets) == 1 and plan.targets[targets.pop()] is None


def _emptied(order: Order, plan: Plan, moves: Sequence[Move]) -> list[Shipment]:
    """The shipments that are left without lines."""
    leaving: dict[Line, int] = {}
    for move in moves:
        leaving[move.line] = leaving.get(move.line, 0) + move.quantity
    arriving = [plan.targets[move.target] for move in moves]
    return [
        shipment
        for shipment in order.open_shipments
        if shipment not in arriving and all(leaving.get(line) == line.quantity for line in _movable(shipment))
    ]


def _check_codes(plan: Plan, sources: Sequence[Shipment], emptied: Sequence[Shipment], moves: Sequence[Move]) -> None:
    """Raise PlanRefused where the tracking codes of `sources` would go to no shipment, or to one without lines."""
    arriving = {move.target for move in moves}
    takers = {
        place
        for place, target in enumerate(plan.targets)
        if (place in arriving if target is None else target not in emptied)
    }
    lost = {source.seq: unplaced_codes(source) for source in sources if plan.codes_to.get(source.seq) not in takers}
    if lost:
        raise PlanRefused({}, lost)


def _carry_out(order: Order, plan: Plan, moves: Sequence[Move]) -> dict[int, Shipment]:
    """Move the units; gives the shipments by the places of the targets, but for new ones that get nothing.

    Raises PlanRefused for more units than a line can have.
    """
    arriving = {move.target for move in moves}
    targets = {
        place: target or order.add_shipment()
        for place, target in enumerate(plan.targets)
        if target is not None or place in arriving
    }
    staying = {shipment: shipment.quantity for shipment in order.open_shipments}
    for move in moves:
        try:
            for line, units in bundles.units_with_parts(move.line, move.quantity).items():
                move_units(line, units, targets[move.target])
                staying[move.source] -= units
        except RuleViolation as violation:
            raise PlanRefused({(move.row.id, move.target): str(violation)}) from violation
    for source in dict.fromkeys(move.source for move in moves):
        places = {move.target for move in moves if move.source is source}
        followed = [targets[place] for place in sorted(places) if not staying[source] or plan.targets[place] is None]
        move_holds(source, followed)
    return targets


def _refresh(targets: Mapping[int, Shipment], moves: Sequence[Move]) -> None:
    """Decide anew on the status of each shipment whose lines changed, of which those without lines leave the order."""
    changed = dict.fromkeys([*(move.source for move in moves), *(targets[move.target] for move in moves)])
    for shipment in changed:
        shipment.refresh_status()
