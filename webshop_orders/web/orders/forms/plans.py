"""The form of the board on which staff share out units among shipments."""

from __future__ import annotations

import re
from typing import Any, Self

from flask import request
from flask_babel import gettext as _

from webshop_orders.errors import DomainError
from webshop_orders.models import MAX_QUANTITY, Order
from webshop_orders.operations.orders import plans, shipments, touched_parts
from webshop_orders.operations.orders.plans import Plan, PlanRefused
from webshop_orders.operations.orders.touched_parts import Part
from webshop_orders.text.patterns import without_direction_marks
from webshop_orders.web.orders.forms.base import OrderForm

CELL = re.compile(r"u([1-9][0-9]{0,17})-([1-9][0-9]{0,8}|new[1-9][0-9]?)")
CODES = re.compile(r"codes-([1-9][0-9]{0,8})")
NEW = re.compile(r"new[1-9][0-9]?")
QUANTITY = re.compile(r"0|[1-9][0-9]{0,4}")


class PlanForm(OrderForm):
    """A cell for each row and shipment; for shipments with tracking codes, which one gets these if they are left empty.

    `typed` has the text of each cell by the id of its row's line and its column: the number of a shipment, or `new1`,
    `new2` and so on. `codes` has the column that was chosen for the codes of a shipment. Errors are kept by the same.
    """

    tab = "shipping"
    page = "plan"
    kind = "plan"

    def __init__(self, key: int | None = None, *, blank: bool = False, **values: Any) -> None:
        super().__init__(key, blank=blank, **values)
        self.typed: dict[tuple[int, str], str] = {}
        self.codes: dict[int, str] = {}
        self.cell_errors: dict[tuple[int, str], str] = {}
        self.codes_errors: dict[int, str] = {}
        self.columns: list[str] = []
        if request.method == "POST" and not blank:
            self._read()

    @classmethod
    def filled(cls, order: Order, quantities: dict[int, list[int]]) -> Self:
        """The form with these quantities, by row, in the order's open shipments and as many new ones."""
        form = cls.blank()
        keys = [str(shipment.seq) for shipment in order.open_shipments]
        for row_id, units in quantities.items():
            new = [f"new{number}" for number in range(1, len(units) - len(keys) + 1)]
            form.typed |= {(row_id, key): str(count or "") for key, count in zip([*keys, *new], units, strict=False)}
        return form

    def rests_on(self, order: Order) -> set[Part]:
        """What is in the open shipments, and their statuses."""
        return set().union(*map(touched_parts.contents, order.open_shipments)) or {touched_parts.EVERYTHING}

    @property
    def new_columns(self) -> int:
        """How many new shipments the form has."""
        return max((int(column[3:]) for _row, column in self.typed if NEW.fullmatch(column)), default=0)

    def validate(self, extra_validators: Any = None) -> bool:
        return bool(super().validate(extra_validators)) and not self.cell_errors

    def add_error(self, error: DomainError) -> None:
        if not isinstance(error, PlanRefused):
            super().add_error(error)
            return
        self.cell_errors |= {(row_id, self.columns[place]): text for (row_id, place), text in error.cells.items()}
        self.codes_errors |= error.codes

    def plan(self, order: Order) -> Plan:
        """The plan that was typed; raises NotFound for a line or a shipment that the order does not have."""
        self.columns = list(dict.fromkeys(column for _row, column in self.typed))
        targets = [None if NEW.fullmatch(column) else shipments.get(order, int(column)) for column in self.columns]
        places = {column: place for place, column in enumerate(self.columns)}
        quantities: dict[int, list[int]] = {}
        for (line_id, column), text in self.typed.items():
            row = plans.row_of(order, line_id)
            units = quantities.setdefault(row.id, [0] * len(targets))
            units[places[column]] += read_quantity(text) or 0
        codes_to = {seq: places[column] for seq, column in self.codes.items() if column in places}
        return Plan(targets, quantities, codes_to)

    def _read(self) -> None:
        for name, values in request.form.lists():
            cell, codes = CELL.fullmatch(name), CODES.fullmatch(name)
            if cell:
                key = int(cell[1]), cell[2]
                self.typed[key] = values[0]
                if len(values) > 1 or read_quantity(values[0]) is None:
                    sentence = _("Give a whole number from %(least)s to %(most)s.", least=0, most=MAX_QUANTITY)
                    self.cell_errors[key] = sentence
            elif codes:
                self.codes[int(codes[1])] = values[0]


def read_quantity(text: str) -> int | None:
    """The number that is typed in a cell, 0 in an empty one; None for anything else."""
    stripped = without_direction_marks(text).strip()
    return int(stripped or 0) if QUANTITY.fullmatch(stripped or "0") else None
