"""What the rows of a file do: which shipment of which order gets which code, and what is particular about it."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from webshop_orders import shop_settings
from webshop_orders.documents.known_carriers import match_name
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import RuleViolation
from webshop_orders.models import CellNote, ColumnRole, Decision, Finding, TrackingFile, TrackingFileRow
from webshop_orders.operations.orders import typed_codes
from webshop_orders.operations.tracking_files import check_digits
from webshop_orders.operations.tracking_files.orders import OrderFacts, OrderNames, orders_with_codes, read_facts
from webshop_orders.text.tracking_codes import compact

NOT_SENT = {
    *("nej", "no", "nei", "ei", "nein", "0", "false", "falskt", "epätosi", "-", "–"),
    *("ej skickad", "inte skickad", "not sent", "not shipped", "unshipped", "ikke sendt", "ikke afsendt", "pending"),
    *(
        "makulerad",
        "annullerad",
        "avbruten",
        "cancelled",
        "canceled",
        "annulleret",
        "kansellert",
        "väntar",
        "utkast",
        "draft",
    ),
}
MIN_CODE_LENGTH = 4  # a shorter one is the result of a formula, or the number of a row
HAS_DIGIT = re.compile("[0-9]")


@dataclass
class Meaning:
    """What a row was found to mean."""

    order: OrderFacts | None = None
    seq: int | None = None
    codes: list[NewTrackingCode] = field(default_factory=list)
    is_sent: bool = True
    findings: list[Finding] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_possible(self) -> bool:
        return all(finding.is_question for finding in self.findings)


class Cells:
    """The cells of a row by what their columns tell."""

    def __init__(self, file: TrackingFile, row: TrackingFileRow) -> None:
        self._file, self._row = file, row

    def has(self, role: ColumnRole) -> bool:
        return self._file.column(role) is not None

    def text(self, role: ColumnRole) -> str:
        column = self._file.column(role)
        return self._row.cells[column] if column is not None and column < len(self._row.cells) else ""

    def note(self, role: ColumnRole) -> CellNote | None:
        note = self._row.notes.get(str(self._file.column(role)))
        return CellNote(note) if note else None

    @property
    def references(self) -> list[str]:
        return [text for role in (ColumnRole.ORDER, ColumnRole.REFERENCE) if (text := self.text(role))]


def check(file: TrackingFile, rows: Sequence[TrackingFileRow]) -> None:
    """Find out anew what the rows mean, and note it in them; what was decided about them stays."""
    cells = [Cells(file, row) for row in rows]
    names = OrderNames({text for row in cells for text in row.references}, file.within_batch_id)
    named = [_find_orders(row, names) for row in cells]
    orders = read_facts(found.order_id for found_in_row in named for found in found_in_row)
    meanings = [_read(row, cell, found, orders) for row, cell, found in zip(rows, cells, named, strict=True)]
    others = orders_with_codes({new.code for meaning in meanings for new in meaning.codes})
    for row, meaning in zip(rows, meanings, strict=True):
        _compare_with_shop(row, meaning, others, names.within)
    _compare_with_each_other(rows, meanings)
    for row, meaning in zip(rows, meanings, strict=True):
        _note(row, meaning)


def _find_orders(cells: Cells, names: OrderNames) -> set[Any]:
    """The orders that a row names; the reference is asked only where the order's number says nothing."""
    for text in cells.references:
        if found := names.find(text):
            return found
    return set()


def _read(row: TrackingFileRow, cells: Cells, named: set[Any], orders: dict[int, OrderFacts]) -> Meaning:
    meaning = Meaning(is_sent=_is_sent(cells))
    order_ids = {found.order_id for found in named}
    if len(order_ids) == 1:
        meaning.order = orders[next(iter(order_ids))]
    _read_code(cells, meaning)
    if not cells.references:
        meaning.findings.append(Finding.NO_ORDER_NUMBER)
    elif not named:
        meaning.findings.append(Finding.UNKNOWN)
    elif meaning.order is None:
        meaning.findings.append(Finding.SEVERAL_ORDERS)
        meaning.facts["orders"] = sorted(orders[order_id].number for order_id in order_ids)
    elif meaning.order.is_closed:
        meaning.findings.append(Finding.CLOSED)
    else:
        _choose_shipment(row, meaning, {found.seq for found in named if found.seq is not None})
    return meaning


def _read_code(cells: Cells, meaning: Meaning) -> None:
    text, note = cells.text(ColumnRole.CODE), cells.note(ColumnRole.CODE)
    if note in (CellNote.CUT, CellNote.FAULT):
        meaning.findings.append(Finding.CUT_NUMBER if note is CellNote.CUT else Finding.FAULT)
        return
    if not text:
        meaning.findings.append(Finding.NO_CODE)
        return
    carriers = shop_settings.current().carriers
    preset = typed_codes.carrier_of_method(meaning.order.shipping_method) if meaning.order else None
    named = match_name(cells.text(ColumnRole.CARRIER), [carrier.name for carrier in carriers])
    try:
        meaning.codes = typed_codes.parse_input(text, named or preset, carriers, preset)
    except RuleViolation:
        meaning.findings.append(Finding.NOT_A_CODE)
        return
    if any(len(compact(new.code)) < MIN_CODE_LENGTH or not HAS_DIGIT.search(new.code) for new in meaning.codes):
        meaning.codes = []
        meaning.findings.append(Finding.NOT_A_CODE)
    elif note in (CellNote.NUMBER, CellNote.PADDED):
        meaning.findings.append(Finding.LEADING_ZEROS)
    if any(check_digits.is_wrong(new.code, carriers) for new in meaning.codes):
        meaning.findings.append(Finding.CHECK_DIGIT)


def _is_sent(cells: Cells) -> bool:
    """Whether the row's parcel has left: where a column tells it, if that has a time or a yes."""
    if not cells.has(ColumnRole.SENT):
        return True
    text = cells.text(ColumnRole.SENT).strip().casefold()
    return bool(text) and text not in NOT_SENT


def _choose_shipment(row: TrackingFileRow, meaning: Meaning, seqs: set[int]) -> None:
    """The shipment that the row names, or the only one that can be meant; otherwise the one that someone chose."""
    order = meaning.order
    assert order is not None
    with_code = [
        shipment.seq
        for shipment in order.shipments.values()
        if meaning.codes and all(compact(new.code) in shipment.codes for new in meaning.codes)
    ]
    named = [seq for seq in seqs if seq in order.shipments]
    if seqs and not named:
        meaning.findings.append(Finding.UNKNOWN)
        meaning.facts["gone"] = order.reference(min(seqs))
        return
    candidates = named or with_code or order.open_seqs or list(order.shipments)
    if len(candidates) == 1:
        meaning.seq = candidates[0]
        return
    meaning.facts["choices"] = candidates
    meaning.findings.append(Finding.SEVERAL_SHIPMENTS)
    if row.chosen_seq in candidates:
        meaning.seq = row.chosen_seq


def _compare_with_shop(
    row: TrackingFileRow, meaning: Meaning, others: dict[str, dict[int, str]], within: set[int] | None
) -> None:
    order = meaning.order
    if order is None or order.is_closed:
        return
    shipment = order.shipments.get(meaning.seq) if meaning.seq is not None else None
    if shipment is not None and meaning.codes:
        if all(compact(new.code) in shipment.codes for new in meaning.codes):
            meaning.findings.append(Finding.PRESENT)
        elif shipment.is_shipped and shipment.codes:
            meaning.findings.append(Finding.SHIPPED)
    elsewhere = {
        number
        for new in meaning.codes
        for order_id, number in others.get(compact(new.code), {}).items()
        if order_id != order.id
    }
    if elsewhere:
        meaning.findings.append(Finding.ELSEWHERE)
        meaning.facts["elsewhere"] = sorted(elsewhere)[:5]
    if within is not None and order.id not in within:
        meaning.findings.append(Finding.OUTSIDE_BATCH)


def _compare_with_each_other(rows: Sequence[TrackingFileRow], meanings: Sequence[Meaning]) -> None:
    """Find codes that come twice. A row that is not carried out makes no other one a repetition."""
    users: dict[str, dict[int, str]] = defaultdict(dict)
    seen: dict[tuple[int, int | None, str], int] = {}
    for row, meaning in zip(rows, meanings, strict=True):
        if meaning.order is None or not meaning.is_possible or row.decision is Decision.LEAVE_OUT:
            continue
        keys = [(meaning.order.id, meaning.seq, compact(new.code)) for new in meaning.codes]
        if keys and all(key in seen for key in keys):
            meaning.findings.append(Finding.TWICE)
            meaning.facts["first"] = seen[keys[0]]
            continue
        for key in keys:
            seen.setdefault(key, row.number)
            users[key[2]][meaning.order.id] = meaning.order.number
    for meaning in meanings:
        sharing = {number for new in meaning.codes for number in users.get(compact(new.code), {}).values()}
        if meaning.order is not None and meaning.is_possible and len(sharing) > 1:
            meaning.findings.append(Finding.TWO_ORDERS)
            meaning.facts["sharing"] = sorted(sharing - {meaning.order.number})[:5]


def _note(row: TrackingFileRow, meaning: Meaning) -> None:
    """Write what a row means into it; what makes it impossible comes first, then what is asked.

    That it is to be taken was decided of the findings that it had: with others, it is asked again.
    """
    findings = sorted(meaning.findings, key=lambda finding: (finding.is_question, list(Finding).index(finding)))
    if row.decision is Decision.TAKE and not {finding.value for finding in findings} <= set(row.findings):
        row.decision, row.chosen_seq = None, None
    row.order_id = meaning.order.id if meaning.order else None
    row.seq = meaning.seq
    row.codes = [{"code": new.code, "carrier": new.carrier, "url": new.url} for new in meaning.codes]
    row.is_sent = meaning.is_sent
    row.finding = findings[0] if findings else None
    row.findings = [finding.value for finding in findings]
    row.facts = meaning.facts
