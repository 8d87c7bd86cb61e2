"""The base class of all forms."""

from typing import Any, Self

from flask import request
from wtforms import Form

from webshop_orders.errors import DomainError
from webshop_orders.web.http import retry_after


class BaseForm(Form):
    """A form that reads the submitted values of a POST."""

    def __init__(self, *, blank: bool = False, **values: Any) -> None:
        super().__init__(request.form if request.method == "POST" and not blank else None, **values)

    @staticmethod
    def submitted(name: str) -> str:
        """A field of the submitted form that is no part of this one; empty where it is missing or came twice."""
        values = request.form.getlist(name)
        return values[0] if len(values) == 1 else ""

    @classmethod
    def blank(cls, **values: Any) -> Self:
        """The form with initial values, whatever was submitted."""
        return cls(blank=True, **values)

    def add_error(self, error: DomainError) -> None:
        """Show an error beside the field that it is about, or else above the form."""
        retry_after.remember(error)
        message = str(error)
        if error.field in self._fields:
            self._fields[error.field].errors = [*self._fields[error.field].errors, message]
        else:
            self.form_errors.append(message)
