"""The forms of Konfiguration."""

from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import StopValidation

from webshop_orders.web.http.fields import ChoiceField, EmailField, FlagField, NumberField, StrictField, TextField
from webshop_orders.web.http.forms import BaseForm


class TimeZoneField(StrictField):
    def read(self, text: str) -> str:
        if text not in available_timezones():
            raise StopValidation(_("Give a time zone such as Europe/Stockholm."))
        return text


class PatternField(StrictField):
    """The address of a carrier's tracking page, with `{code}` in it."""

    def read(self, text: str) -> str:
        if not text.startswith(("https://", "http://")) or " " in text or text.count("{code}") != 1:
            raise StopValidation(_("Give a web address that has {code} where the tracking code goes."))
        return text


class ShopForm(BaseForm):
    name = TextField(_l("The shop's name"), most=60, required=True)
    number_prefix = TextField(_l("Prefix of order numbers"), most=10)
    number_digits = NumberField(_l("Digits in order numbers"), least=3, greatest=12)
    rounds_to_whole_kronor = FlagField(_l("Round what is to be paid to whole kronor (öresavrundning)"))
    stock_safety_margin = NumberField(_l("Stock safety margin"), least=0, greatest=99_999)
    backorderable_by_default = FlagField(_l("Products may be backordered unless they say otherwise"))
    language = ChoiceField(
        _l("Language"), choices=[("", _l("as each browser asks for")), ("sv", "Svenska"), ("en", "English")]
    )
    time_zone = TimeZoneField(_l("Time zone"), required=True)

    def values(self) -> dict[str, Any]:
        return {**self.data, "number_prefix": self.number_prefix.data or ""}


class MailForm(BaseForm):
    mails_order_confirmations = FlagField(_l("Mail order confirmations when orders are placed"))
    mails_delivery_confirmations = FlagField(_l("Mail delivery confirmations when shipments are shipped"))
    sender_name = TextField(_l("Sender's name"), most=60)
    sender_email = EmailField(_l("Sender's e-mail"))
    notification_email = EmailField(_l("Address that is told of new orders"))

    def values(self) -> dict[str, Any]:
        return dict(self.data)


class CarrierForm(BaseForm):
    name = TextField(_l("Carrier"), most=60, required=True)
    pattern = PatternField(_l("Address of its tracking page"), most=300, required=True)
