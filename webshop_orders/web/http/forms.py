"""What every form of the order desk has in common."""

from __future__ import annotations

import re
import secrets
from typing import Any, ClassVar, Self

from flask import g, request
from wtforms import Form

from webshop_orders.errors import ConfirmationWarning, DomainError
from webshop_orders.models import Actor

KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


class BaseForm(Form):
    """A form that reads what was posted, where something was."""

    def __init__(self, *, blank: bool = False, **values: Any) -> None:
        super().__init__(request.form if request.method == "POST" and not blank else None, **values)

    @classmethod
    def blank(cls, **values: Any) -> Self:
        """The form as it is drawn at first, whatever was posted."""
        return cls(blank=True, **values)

    def add_error(self, error: DomainError) -> None:
        """Put a refusal beside the field that it is about, or else above the form."""
        message = str(error)
        if error.field in self._fields:
            self._fields[error.field].errors = [*self._fields[error.field].errors, message]
        else:
            self.form_errors.append(message)


class OrderForm(BaseForm):
    """A form on a tab of an order. It carries the version of the order that it was drawn from, and a key of its own.

    `key` tells forms of a kind apart that stand on one page, such as those of each shipment. `doubts` are what the
    form is drawn with again where it may be a mistake to send it, and `agreed` the codes of those seen and overlooked.
    """

    tab: ClassVar[str]
    kind: ClassVar[str]
    bumps_version: ClassVar[bool] = True

    def __init__(self, key: int | None = None, **values: Any) -> None:
        super().__init__(**values)
        self.key = key
        self.warnings: list[ConfirmationWarning] = []

    @property
    def seen_version(self) -> int | None:
        """The version of the order that the form was drawn from; -1, which none has, where it did not come along."""
        if not self.bumps_version:
            return None
        text = request.form.get("version", "")
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1

    @property
    def actor(self) -> Actor:
        """Who sent the form, and by which key, so that the same form sent twice is carried out once."""
        key = request.form.get("request_key", "")
        actor: Actor = g.user.actor
        return actor.with_request_key(key if KEY.fullmatch(key) else None)

    @property
    def agreed(self) -> set[str]:
        return set(request.form.getlist("agreed"))


def new_request_key() -> str:
    return secrets.token_urlsafe(12)
