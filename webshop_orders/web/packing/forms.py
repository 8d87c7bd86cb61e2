"""The forms of pack mode."""

from typing import Any

from flask import request
from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import FlagField, QuantityField, TextField
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.query_args import read_id
from webshop_orders.web.orders.forms.base import actor_of_form, submitted_key


class PackingForm(BaseForm):
    """A form of pack mode with an idempotency key, so that it can be sent twice."""

    @property
    def request_key(self) -> str | None:
        return submitted_key()

    @property
    def actor(self) -> Actor:
        return actor_of_form()

    @property
    def batch_id(self) -> int | None:
        """The batch that is packed, where the page is that of one."""
        return read_id(self.submitted("batch"))

    def check(self) -> None:
        """Raise RuleViolation with the sentence of the first field that is invalid."""
        if not self.validate():
            raise RuleViolation(next(error for errors in self.errors.values() for error in errors))


class ScanField(TextField):
    """A code as a scanner types it: with the separators of GS1, which are control characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(_l("Scan or type"), max_length=500, required=True, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([value.replace("\x1d", "\u241d") for value in valuelist])

    def empty_message(self) -> str:
        return _("Nothing was scanned.")


class ScanForm(PackingForm):
    code = ScanField()


class LineForm(PackingForm):
    """Units of a line that are packed by hand, or missing."""

    quantity = QuantityField(_l("Quantity"))


class ChoiceForm(PackingForm):
    ships_when_scanned = FlagField(_l("Ship when all is scanned"))


def is_within_region() -> bool:
    """Whether htmx asks for what is below the scan field alone, which itself is never swapped."""
    return request.headers.get("HX-Target", "").endswith("#packing")
