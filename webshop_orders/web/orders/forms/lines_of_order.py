"""The base class of forms that have some fields for each of several lines of an order."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from flask import request
from wtforms import Field

from webshop_orders.errors import DomainError
from webshop_orders.models import MAX_QUANTITY
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import NumberField
from webshop_orders.web.orders.forms.base import OrderForm

ID = r"([1-9][0-9]{0,17})"


class UnitsField(NumberField):
    """A number of units; an empty field is none."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, minimum=0, maximum=MAX_QUANTITY, **kwargs)
        self.required = False


class LinesForm(OrderForm):
    """A form with the fields `of_each_line`, each named after the id of its line, such as `quantity-5`.

    The first of them has the units, and a form that is sent has it for each of its lines. Which lines those are is
    different for each order, so each has a class of its own, as WTForms has it under "Dynamic Form Composition".
    """

    of_each_line: ClassVar[dict[str, Any]] = {"quantity": lambda: UnitsField(_l("Quantity"))}

    @classmethod
    def for_lines(cls, line_ids: Iterable[int]) -> type[Self]:
        """The form with the fields of these lines."""
        fields = {f"{name}-{line_id}": make() for line_id in line_ids for name, make in cls.of_each_line.items()}
        return type(cls.__name__, (cls,), fields)

    @classmethod
    def of_request(cls, key: int | None = None) -> Self:
        """The form that was sent, with the lines that it was sent for."""
        return cls.for_lines(cls._ids_in(request.form))(key)

    @classmethod
    def _ids_in(cls, names: Iterable[str]) -> list[int]:
        units = re.compile(f"{next(iter(cls.of_each_line))}-{ID}")
        return [int(found[1]) for name in names if (found := units.fullmatch(name))]

    @property
    def line_ids(self) -> list[int]:
        return self._ids_in(self._fields)

    @property
    def units(self) -> dict[int, int]:
        """The units that were typed, by line, where there are any."""
        name = next(iter(self.of_each_line))
        typed = {line_id: self[f"{name}-{line_id}"].data for line_id in self.line_ids}
        return {line_id: int(units) for line_id, units in typed.items() if units}

    def add_error(self, error: DomainError) -> None:
        """What is about no line in particular is said at the first one."""
        if error.field in {"lines", "quantity"} and self.line_ids:
            error.field = f"{next(iter(self.of_each_line))}-{self.line_ids[0]}"
        super().add_error(error)

    def of_line(self, line_id: int) -> dict[str, Field]:
        return {name: self[f"{name}-{line_id}"] for name in self.of_each_line}
