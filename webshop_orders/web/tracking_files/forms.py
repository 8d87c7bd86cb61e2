import re

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from wtforms.validators import StopValidation

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, ColumnRole, Decision, Finding, TrackingFile
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import INCOMPLETE, FlagField, LongTextField, NumberField
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.orders.forms.base import actor_of_form

MAX_PASTED = 400_000  # characters: Werkzeug takes 500 000 bytes of a form that are no file
NUMBER = re.compile(r"[1-9][0-9]{0,8}")
COLUMN = re.compile(r"0|[1-9][0-9]{0,2}")
COLUMN_LABELS = {
    ColumnRole.ORDER: _l("Order number"),
    ColumnRole.REFERENCE: _l("Reference"),
    ColumnRole.CODE: _l("Tracking code"),
    ColumnRole.CARRIER: _l("Carrier"),
    ColumnRole.SENT: _l("Sent"),
}


class TableTextField(LongTextField):
    """A table that was pasted, of which every character counts: its data are as they were typed."""

    def pre_validate(self, form: object) -> None:
        if len(self.raw) > self.max_length:
            raise StopValidation(_("That is too much to paste. Save it as a file, and choose that."))
        self.data = self.raw


class UploadForm(BaseForm):
    """A file, or a table that was pasted; a batch whose orders are meant first."""

    text = TableTextField(_l("Or paste the table"), max_length=MAX_PASTED)

    @property
    def actor(self) -> Actor:
        return actor_of_form()

    @property
    def file(self) -> FileStorage | None:
        """The file that was chosen, if one was."""
        file = request.files.get("file")
        return file if file is not None and file.filename else None


class StartForm(BaseForm):
    ships = FlagField(_l("Mark as shipped as well"))
    expected = NumberField(minimum=0, maximum=1_000_000)


def submitted_columns(file: TrackingFile) -> dict[ColumnRole, int | None]:
    """The columns that were chosen; raises RuleViolation for one that the file does not have."""
    chosen: dict[ColumnRole, int | None] = {}
    for role in ColumnRole:
        text = BaseForm.submitted(role.value)
        if text and not (COLUMN.fullmatch(text) and int(text) < len(file.headings)):
            raise RuleViolation(_("Choose one of the file's columns."), field=role.value)
        chosen[role] = int(text) if text else None
    return chosen


class Choice:
    """What was decided, of which row or of all with which finding, and of which shipment: by the button pressed."""

    BUTTONS = {"take": Decision.TAKE, "leave_out": Decision.LEAVE_OUT, "ask_again": None}

    def __init__(self) -> None:
        pressed = [name for name in self.BUTTONS if BaseForm.submitted(name)]
        if len(pressed) != 1:
            raise RuleViolation(INCOMPLETE)
        value = BaseForm.submitted(pressed[0])
        self.decision = self.BUTTONS[pressed[0]]
        self.number = int(value) if NUMBER.fullmatch(value) else None
        self.finding = Finding(value) if value in set(Finding) else None
        seq = BaseForm.submitted(f"shipment-{self.number}")
        self.seq = int(seq) if NUMBER.fullmatch(seq) else None
