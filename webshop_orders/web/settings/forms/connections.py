"""The settings of a connected shop: its time zone, what its statuses mean, its numbers and mails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _
from wtforms.validators import StopValidation

from webshop_orders.connectors.source_settings import StatusMeaning
from webshop_orders.models import Connection, ConnectionKind
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoiceField, FlagField, LongTextField, NumberField
from webshop_orders.web.http.forms import BaseForm

MAX_STATUSES = 50
MAX_STATUS_LENGTH = 60
MEANINGS = {
    StatusMeaning.PLACED: _l("placed"),
    StatusMeaning.SHIPPED: _l("shipped"),
    StatusMeaning.CANCELLED: _l("cancelled"),
    StatusMeaning.LEFT_OUT: _l("left out"),
    StatusMeaning.ASK: _l("ask"),
}
OTHER_STATUSES = _l("Other statuses, one a line, such as «delivered = shipped»")


class StatusesField(LongTextField):
    """Statuses of a shop's plugins, one a line, such as «delivered = shipped»."""

    def __init__(self, label: Any = None, *, normalise: Callable[[str], str] = str, **kwargs: Any) -> None:
        super().__init__(label, max_length=5_000, **kwargs)
        self.normalise = normalise

    def read(self, text: str) -> dict[str, str]:
        words = {meaning.value: meaning for meaning in MEANINGS}
        words |= {str(label).casefold(): meaning for meaning, label in MEANINGS.items()}
        meanings: dict[str, str] = {}
        for row in filter(None, map(str.strip, text.split("\n"))):
            status, _equals, word = (part.strip().casefold() for part in row.partition("="))
            status = self.normalise(status)
            if not status or len(status) > MAX_STATUS_LENGTH or word not in words:
                labels = ", ".join(str(label) for label in MEANINGS.values())
                raise StopValidation(
                    _("«%(row)s»: write status = meaning, with one of %(meanings)s.", row=row[:80], meanings=labels)
                )
            meanings[status] = words[word].value
        if len(meanings) > MAX_STATUSES:
            raise StopValidation(_("At most %(most)s statuses.", most=MAX_STATUSES))
        return meanings

    def _value(self) -> str:
        if self.raw_data is not None or not isinstance(self.data, dict):
            return super()._value()
        return "\n".join(f"{status} = {MEANINGS[StatusMeaning(meaning)]}" for status, meaning in self.data.items())


class TimeZoneField(ChoiceField):
    """A time zone, or that of the order desk."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        choices = [("", _l("that of the order desk")), *((zone, zone) for zone in _zones())]
        super().__init__(label, choices=choices, **kwargs)


@cache
def _zones() -> list[str]:
    """The names of cities, found in the files of time zones."""
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))


class ConnectionSettingsForm(BaseForm):
    time_zone = TimeZoneField(_l("Time zone of the shop"))
    other_statuses = StatusesField(OTHER_STATUSES)
    mail_max_age_days = NumberField(_l("Mail nobody about orders older than so many days"), minimum=0, maximum=3_650)
    uses_shop_number = FlagField(_l("Use the shop's order numbers as ours"))

    known_statuses: tuple[str, ...] = ()

    @property
    def status_fields(self) -> list[Any]:
        return [self._fields[_field_name(index)] for index in range(len(self.known_statuses))]

    def values(self, usual: Mapping[str, StatusMeaning]) -> dict[str, Any]:
        """The columns of the connection; its status map has those alone that differ from the usual ones."""
        rows = zip(self.known_statuses, self.status_fields, strict=True)
        meanings = {status: field.data for status, field in rows if field.data != usual[status].value}
        return {
            "time_zone": self.time_zone.data or None,
            "status_map": {**(self.other_statuses.data or {}), **meanings},
            "mail_max_age_days": self.mail_max_age_days.data,
            "uses_shop_number": bool(self.uses_shop_number.data),
        }


def form_for(kind: ConnectionKind, usual: Mapping[str, StatusMeaning]) -> type[ConnectionSettingsForm]:
    """The form with a row for each status that a kind of shop is known to have."""
    choices = [(meaning.value, label) for meaning, label in MEANINGS.items()]
    rows = {
        _field_name(index): ChoiceField(status, choices=choices, required=True) for index, status in enumerate(usual)
    }
    others = StatusesField(OTHER_STATUSES, normalise=_normaliser(kind))
    fields = {**rows, "other_statuses": others, "known_statuses": tuple(usual)}
    return type("ConnectionSettingsForm", (ConnectionSettingsForm,), fields)


def _normaliser(kind: ConnectionKind) -> Callable[[str], str]:
    """What makes a status as it is typed one of the shop system."""
    if kind is not ConnectionKind.WOOCOMMERCE:
        return str
    from webshop_orders.connectors.woocommerce import statuses

    return statuses.normalise


def initial_values(connection: Connection, usual: Mapping[str, StatusMeaning]) -> dict[str, Any]:
    """The values of the form as they are stored, the usual meanings for the rest."""
    stored = connection.status_map
    return {
        "time_zone": connection.time_zone or "",
        "other_statuses": {status: meaning for status, meaning in stored.items() if status not in usual},
        "mail_max_age_days": connection.mail_max_age_days,
        "uses_shop_number": connection.uses_shop_number,
        **{_field_name(index): stored.get(status, usual[status].value) for index, status in enumerate(usual)},
    }


def _field_name(index: int) -> str:
    return f"status_{index}"
