"""The forms of batches."""

import hashlib
from dataclasses import dataclass
from typing import Any, Self

from flask import g
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, BatchAction
from webshop_orders.operations.batches import outcomes
from webshop_orders.operations.batches.actions import STATUSES
from webshop_orders.operations.batches.outcomes import RULES, Outcome
from webshop_orders.operations.batches.selection import MAX_NAME_LENGTH
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.batches.choices import NAMES
from webshop_orders.web.http.fields import INCOMPLETE, TextField
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.orders.forms.base import submitted_key
from webshop_orders.web.orders.selected import can_be_number, submitted_numbers, takes_all


class NameForm(BaseForm):
    name = TextField(_l("Name"), max_length=MAX_NAME_LENGTH, required=True)


@dataclass(frozen=True)
class Selection:
    """What is selected in the list: all orders that match it, or those with these numbers; and what to `do` with them.

    `unreadable` are numbers that no order can have.
    """

    takes_all: bool
    numbers: list[str]
    unreadable: list[str]
    do: str

    @classmethod
    def submitted(cls) -> Self:
        """The selection of the list's form; raises RuleViolation where it does not say what to do."""
        do, numbers = BaseForm.submitted("do"), submitted_numbers()
        if do not in NAMES:
            raise RuleViolation(_("Choose what to do with the orders."))
        return cls(
            takes_all=takes_all(),
            numbers=[number for number in numbers if can_be_number(number)],
            unreadable=[number for number in numbers if not can_be_number(number)],
            do=do,
        )

    @property
    def actor(self) -> Actor:
        """The current user, with a key that is the same for the same orders of the same page."""
        actor: Actor = g.user.actor
        page = submitted_key()
        if page is None:
            return actor
        what = "all" if self.takes_all else "\n".join(self.numbers)
        return actor.with_request_key(hashlib.sha256(f"{page}\n{what}".encode()).hexdigest())


@dataclass(frozen=True)
class Start:
    """How an action is started: for which warnings too, with which `status`, and whether for one group `only`."""

    action: BatchAction
    agreed: frozenset[Outcome] = frozenset()
    only: Outcome | None = None
    status: str = STATUSES[0].value

    @classmethod
    def read(cls, action: BatchAction, values: MultiDict[str, str]) -> Self:
        """The choices of a form or an address; raises RuleViolation for what the page does not offer."""
        rules = RULES[action]
        only, status = values.getlist("only"), values.getlist("status")
        if len(only) > 1 or len(status) > 1:
            raise RuleViolation(str(INCOMPLETE))
        if only and only[0] not in rules.all:
            raise RuleViolation(_("Choose one of the groups of orders."))
        if status and status[0] not in STATUSES:
            raise RuleViolation(_("Choose a delivery status."), field="status")
        agreed = frozenset(outcome for outcome in rules.warned if outcome in values.getlist("agreed"))
        return cls(
            action,
            agreed,
            Outcome(only[0]) if only else None,
            status[0] if status else cls.status,
        )

    @property
    def arguments(self) -> dict[str, Any]:
        """The same in the query string of an address."""
        is_status = self.action is BatchAction.SET_STATUS
        return {
            "agreed": tuple(sorted(outcome.value for outcome in self.agreed)),
            "status": self.status if is_status else None,
        }

    @property
    def accepted(self) -> frozenset[Outcome]:
        """The warnings that hold nothing back, with that of the only group."""
        is_warned = self.only in RULES[self.action].warned
        return self.agreed | {self.only} if self.only and is_warned else self.agreed

    @property
    def options(self) -> dict[str, object]:
        return outcomes.options_of(self.accepted, self.status)
