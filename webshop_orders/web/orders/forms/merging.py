"""Forms whose fields others may change meanwhile: theirs are taken over where the user changed nothing, and where both
changed one, the user chooses between the two values."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from wtforms import FormField

from webshop_orders.models import Event, EventFacts, Order
from webshop_orders.operations.orders import touched_parts
from webshop_orders.web.http.fields import StrictField
from webshop_orders.web.orders.forms.base import OrderForm

VERSION = re.compile(r"[0-9]{1,9}")
TAKE = re.compile(r"(theirs|mine) ([a-z0-9_-]+)")
# The value before a change that does not say it, which no field has.
UNKNOWN = object()


@dataclass(frozen=True)
class FieldConflict:
    """A field that someone else changed too: by whom and when, and both values as they are shown."""

    name: str
    label: str
    theirs: str
    mine: str
    by: str
    at: datetime


class MergedForm(OrderForm):
    """A form that is merged with what was changed since it was rendered, field by field.

    When it is shown again it keeps its version, to be compared with, and says up to which version the user has `seen`
    the changes that were in its way. Sending it with `take` decides one field, for theirs or the user's own; in any
    other way it decides all that the user has seen for their own.
    """

    def __init__(self, key: int | None = None, **values: Any) -> None:
        super().__init__(key, **values)
        self.conflicts: dict[str, FieldConflict] = {}
        self.is_submitted = request.method == "POST" and not values.get("blank")
        take = TAKE.fullmatch(self.submitted("take")) if self.is_submitted else None
        self.taken, self.taken_field = take.groups() if take else ("", "")
        seen = self.submitted("seen") if self.is_submitted else ""
        self.seen = int(seen) if VERSION.fullmatch(seen) else 0
        decided = request.form.getlist("decided") if self.is_submitted else []
        self.decided = [*decided, *([self.taken_field] if self.taken else [])]

    def stored(self, order: Order) -> dict[str, Any]:
        """The present value of each field, by its name in the page."""
        raise NotImplementedError

    def before(self, order: Order, facts: EventFacts) -> dict[str, Any]:
        """The values before a change, of the fields that it changed."""
        raise NotImplementedError

    def typed(self, order: Order, name: str) -> Any:
        """The value that was typed into a field, as `stored` has it."""
        return self._find(name).data

    def fill(self, order: Order, name: str, value: Any) -> None:
        """Replace what was typed into a field by a value that is stored."""
        self._find(name).fill(value)

    def show(self, order: Order, name: str, value: Any) -> str:
        """A value of a field in words."""
        return "–" if value is None else str(value)

    def version_in(self, order: Order) -> int:
        """The version that the form carries when it is shown: its own, as long as it has one."""
        version = self.form_version if self.is_submitted else None
        return version if version is not None and 0 < version <= order.version else order.version

    def in_the_way(self, order: Order, changes: list[Event]) -> list[Event]:
        """The changes that the form cannot be carried out after: those not seen yet, and those of fields to choose."""
        missed = super().in_the_way(order, [event for event in changes if event.version > self.seen])
        for name, theirs in self.stored(order).items():
            event = self._merge(order, name, theirs, changes)
            if event is not None and event not in missed:
                missed.append(event)
        if missed:
            self.seen = order.version  # the page will tell of them
        return missed

    def _merge(self, order: Order, name: str, theirs: Any, changes: list[Event]) -> Event | None:
        """Take over a value that others changed and the user did not; the change that conflicts with the user's."""
        before = [
            (event, values[name]) for event in changes if name in (values := self.before(order, event.read_facts()))
        ]
        if not before:
            return None
        field, (_first, base), (last, _before) = self._find(name), before[0], before[-1]
        mine = self.typed(order, name)
        if mine == base or (self.taken == "theirs" and self.taken_field == name):
            self.fill(order, name, theirs)
            return None
        is_decided = last.version <= self.seen and (not self.taken or name in self.decided)
        if mine == theirs or is_decided or not touched_parts.by_others([last], self.actor):
            return None
        their_words, my_words = (self.show(order, name, value) for value in (theirs, mine))
        label = str(field.label.text)
        self.conflicts[name] = FieldConflict(name, label, their_words, my_words, last.actor_name, last.at)
        return last

    def _find(self, name: str) -> StrictField:
        """The field of this name in the page."""
        parts = [part.form[field] for part in self if isinstance(part, FormField) for field in part.form._fields]
        return next(field for field in [*self, *parts] if field.name == name)
