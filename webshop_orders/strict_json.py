"""JSON from others, taken exactly as agreed or refused with a sentence that names the field."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, NoReturn

from flask_babel import gettext as _

from webshop_orders.errors import Refused
from webshop_orders.signs import CONTROL, CONTROL_BUT_LINES, EMAIL, SURROGATE

MOST_CHARACTERS = 2 * 1024 * 1024
MOST_AMOUNT = 10**9  # ten million kronor; more for one thing is a slip
MOST_DIGITS = 18
# RFC 3339, section 5.6.
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def load(text: str | bytes) -> Any:
    """The value that a JSON text stands for.

    Raises Refused where it is not JSON as RFC 8259 has it, is not UTF-8, names a field twice or nests absurdly.
    """
    if len(text) > MOST_CHARACTERS:
        raise Refused(_("This is too long: at most %(most)s characters can be taken.", most=MOST_CHARACTERS))
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(
            decoded, object_pairs_hook=_without_doubles, parse_constant=_refuse_constant, parse_int=_whole
        )
    except UnicodeDecodeError:
        raise Refused(_("This is not UTF-8 text.")) from None
    except json.JSONDecodeError as error:
        raise Refused(_("This is not JSON: it goes wrong at character %(place)s.", place=error.pos + 1)) from None
    except RecursionError:
        raise Refused(_("This is nested too deeply.")) from None


class Fields:
    """The fields of a JSON object, each taken once by its name; `finish` refuses those that nobody took.

    Every method raises Refused with the path of the field, such as `lines[2].quantity`. Null is as good as absent.
    """

    def __init__(self, value: Any, path: str = "") -> None:
        if not isinstance(value, dict):
            _refuse(path, _("%(field)s must be an object in braces.", field=path or "JSON"))
        self._left: dict[Any, Any] = dict(value)
        self._path = path
        self._parts: list[Fields] = []

    def text(self, name: str, *, most: int = 200, lines: bool = False) -> str | None:
        """Text without spaces around it, or None where nothing is left of it; `lines` lets it have several."""
        value, path = self._take(name)
        if value is None:
            return None
        if not isinstance(value, str):
            _refuse(path, _("%(field)s must be text in quotes.", field=path))
        text = value.replace("\r\n", "\n").strip() if lines else value.strip(" ")
        if len(text) > most:
            _refuse(path, _("%(field)s is too long: at most %(most)s characters.", field=path, most=most))
        if (CONTROL_BUT_LINES if lines else CONTROL).search(text) or SURROGATE.search(text):
            _refuse(path, _("%(field)s holds characters that cannot be used there, such as line breaks.", field=path))
        return text or None

    def required_text(self, name: str, *, most: int = 200) -> str:
        return self.text(name, most=most) or self._refuse_missing(name)

    def matching(self, name: str, pattern: str | re.Pattern[str], *, example: str, most: int = 200) -> str | None:
        """Text of a given form, which the refusal shows by an example."""
        text = self.text(name, most=most)
        if text is not None and not re.fullmatch(pattern, text):
            self._refuse_unlike(name, example)
        return text

    def email(self, name: str) -> str | None:
        return self.matching(name, EMAIL, example="name@example.com", most=254)

    def moment(self, name: str) -> datetime | None:
        """An RFC 3339 time with its zone, given back in UTC."""
        text = self.text(name)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text.upper()).astimezone(UTC) if MOMENT.fullmatch(text) else None
        except (ValueError, OverflowError):
            moment = None
        if moment is None or not EARLIEST <= moment < LATEST:
            self._refuse_unlike(name, "2026-11-23T09:14:00Z")
        return moment

    def whole(self, name: str, *, least: int = 0, greatest: int) -> int | None:
        """A whole number; 3.0, "3" and true are none."""
        value, path = self._take(name)
        if value is None:
            return None
        if type(value) is not int or not least <= value <= greatest:
            _refuse(
                path,
                _(
                    "%(field)s must be a whole number from %(least)s to %(greatest)s.",
                    field=path,
                    least=least,
                    greatest=greatest,
                ),
            )
        return value

    def required_whole(self, name: str, *, least: int = 0, greatest: int) -> int:
        value = self.whole(name, least=least, greatest=greatest)
        return self._refuse_missing(name) if value is None else value

    def flag(self, name: str) -> bool | None:
        value, path = self._take(name)
        if value is not None and not isinstance(value, bool):
            _refuse(path, _("%(field)s must be true or false.", field=path))
        return value

    def part(self, name: str) -> Fields | None:
        """An object within this one."""
        value, path = self._take(name)
        return None if value is None else self._keep(Fields(value, path))

    def required_part(self, name: str) -> Fields:
        return self.part(name) or self._refuse_missing(name)

    def required_parts(self, name: str, *, most: int) -> list[Fields]:
        """A list of objects, at least one."""
        value, path = self._take(name)
        if value is None or value == []:
            self._refuse_missing(name)
        if not isinstance(value, list):
            _refuse(path, _("%(field)s must be a list in brackets.", field=path))
        if len(value) > most:
            _refuse(path, _("%(field)s holds too many: at most %(most)s.", field=path, most=most))
        return [self._keep(Fields(one, f"{path}[{index}]")) for index, one in enumerate(value)]

    def has(self, name: str) -> bool:
        """Whether the field is there at all, be it as null; to be asked before it is taken."""
        return name in self._left

    def path_of(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def finish(self) -> None:
        """Refuse the first field that nobody took, in here or in a part."""
        if self._left:
            name = str(next(iter(self._left)))[:100].encode("utf-8", "backslashreplace").decode()
            path = self.path_of(name)
            _refuse(path, _("%(field)s is not a field that is known here.", field=path))
        for part in self._parts:
            part.finish()

    def _take(self, name: str) -> tuple[Any, str]:
        return self._left.pop(name, None), self.path_of(name)

    def _keep(self, part: Fields) -> Fields:
        self._parts.append(part)
        return part

    def _refuse_missing(self, name: str) -> NoReturn:
        path = self.path_of(name)
        _refuse(path, _("%(field)s is missing.", field=path))

    def _refuse_unlike(self, name: str, example: str) -> NoReturn:
        path = self.path_of(name)
        _refuse(path, _("%(field)s must look like %(example)s.", field=path, example=example))


def _refuse(path: str, sentence: str) -> NoReturn:
    raise Refused(sentence, field=path or None)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise Refused(_("The field %(field)s is given twice.", field=name[:100]), field=name[:100])
        fields[name] = value
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise Refused(_("%(constant)s is not a number that JSON knows.", constant=name))


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:  # Python's own limit raises a ValueError that names itself
        raise Refused(_("A number has too many digits."))
    return int(digits)
