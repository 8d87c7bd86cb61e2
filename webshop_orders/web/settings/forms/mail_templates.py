"""The form of a mail template, with the order to preview it with and the recipient of a test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

from flask import request
from flask_babel import gettext as _

from webshop_orders.models import MailSource
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http import controls
from webshop_orders.web.http.fields import EmailField, StrictField, TextField
from webshop_orders.web.http.forms import BaseForm

if TYPE_CHECKING:
    from webshop_orders.mailing.templates.checking import TemplateOmission
    from webshop_orders.mailing.templates.faults import TemplateFault


class SourceField(StrictField):
    """A part of a template exactly as it was typed; all parts are checked together, by `checking.faults`."""

    def pre_validate(self, form: Any) -> None:
        self.data = self.raw.replace("\r\n", "\n").replace("\r", "\n")


class LongSourceField(SourceField):
    control = staticmethod(controls.text_area)


class MailTemplateForm(BaseForm):
    subject = SourceField(_l("Subject"))
    html = LongSourceField(_l("HTML"))
    text = LongSourceField(_l("Plain text"))
    order = TextField(_l("Order"), max_length=64)
    shipment = TextField(_l("Shipment"), max_length=9)
    recipient = EmailField(_l("E-mail"))

    @classmethod
    def of(cls, source: MailSource, **values: Any) -> Self:
        return cls.blank(subject=source.subject, html=source.html, text=source.text, **values)

    @property
    def source(self) -> MailSource:
        return MailSource(subject=self.subject.data or "", text=self.text.data or "", html=self.html.data or "")

    @property
    def shown_version(self) -> int:
        """The template version that the form was rendered from; 0 for the shipped one, -1 for malformed input."""
        text = request.form.get("seen", "")
        return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else -1

    @property
    def confirmed(self) -> set[str]:
        """The codes of the warnings that the user has confirmed."""
        return set(request.form.getlist("agreed"))

    def add_faults(self, faults: list[TemplateFault]) -> None:
        for fault in faults:
            field = self._fields[fault.part]
            field.errors = [*field.errors, fault_sentence(fault)]

    def unconfirmed(self, warnings: list[TemplateOmission]) -> list[TemplateOmission]:
        return [warning for warning in warnings if warning.code not in self.confirmed]


def fault_sentence(fault: TemplateFault) -> str:
    """A fault with its line, as it is shown beside its field."""
    return _("Line %(line)s: %(sentence)s", line=fault.line, sentence=fault.sentence) if fault.line else fault.sentence
