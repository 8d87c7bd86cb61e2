"""JSON from others, taken exactly as agreed or refused with a sentence that names the field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from babel.numbers import is_currency
from flask_babel import gettext as _

from webshop_orders.clock import now
from webshop_orders.errors import FieldError, InvalidDocument, MalformedInput
from webshop_orders.text.patterns import CONTROL, CONTROL_EXCEPT_NEWLINE, EMAIL, SURROGATE

MOST_CHARACTERS = 2 * 1024 * 1024
MAX_AMOUNT = 10**9  # ten million kronor; more for one thing is a slip
MOST_DIGITS = 18
MOST_UNKNOWN = 20
MOST_FAULTS = 100
# RFC 3339, section 5.6.
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
# Where a value stands in a document: the names and indexes on the way to it.
Place = tuple[str | int, ...]
Faults = list[tuple[Place, str]]


def load(text: str | bytes) -> Any:
    """The value that a JSON text stands for.

    Raises Unreadable where it is not JSON as RFC 8259 has it, is not UTF-8, names a field twice or nests absurdly.
    """
    if len(text) > MOST_CHARACTERS:
        raise MalformedInput(_("This is too long: at most %(most)s characters can be taken.", most=MOST_CHARACTERS))
    return load_all(text)


def load_all(text: str | bytes) -> Any:
    """The same for a text that may be as long as it is, such as a file that someone imports."""
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(
            decoded, object_pairs_hook=_without_doubles, parse_constant=_refuse_constant, parse_int=_whole
        )
    except UnicodeDecodeError:
        raise MalformedInput(_("This is not UTF-8 text.")) from None
    except json.JSONDecodeError as error:
        raise MalformedInput(
            _("This is not JSON: it goes wrong at character %(place)s.", place=error.pos + 1)
        ) from None
    except RecursionError:
        raise MalformedInput(_("This is nested too deeply.")) from None


class Fields:
    """The fields of a JSON object, each taken once by its name; `finish` refuses the document if any was wrong.

    Every method notes what is wrong with the path of the field, such as `lines[2].quantity`, and gives a stand-in,
    so that one answer can name all that is wrong. Null is as good as absent.
    """

    def __init__(self, value: Any, place: Place = (), faults: Faults | None = None) -> None:
        self._place = place
        self._faults: Faults = faults if faults is not None else []
        self._parts: list[Fields] = []
        self._left: dict[Any, Any] = dict(value) if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self._note(place, _("%(field)s must be an object in braces.", field=_path(place) or "JSON"))

    def text(self, name: str, *, most: int = 200, lines: bool = False) -> str | None:
        """Text without spaces around it, or None where nothing is left of it; `lines` lets it have several."""
        value, place = self._take(name)
        if value is None:
            return None
        if not isinstance(value, str):
            return self._note(place, _("%(field)s must be text in quotes.", field=_path(place)))
        text = value.replace("\r\n", "\n").strip() if lines else value.strip(" ")
        if len(text) > most:
            return self._note(
                place, _("%(field)s is too long: at most %(most)s characters.", field=_path(place), most=most)
            )
        if (CONTROL_EXCEPT_NEWLINE if lines else CONTROL).search(text) or SURROGATE.search(text):
            return self._note(
                place,
                _("%(field)s holds characters that cannot be used there, such as line breaks.", field=_path(place)),
            )
        return text or None

    def required_text(self, name: str, *, most: int = 200, lines: bool = False) -> str:
        return self._required(name, self.text, most=most, lines=lines) or ""

    def matching(self, name: str, pattern: str | re.Pattern[str], *, example: str, most: int = 200) -> str | None:
        """Text of a given form, which the refusal shows by an example."""
        text = self.text(name, most=most)
        if text is not None and not re.fullmatch(pattern, text):
            return self.refuse(name, _unlike(self.path_of(name), example))
        return text

    def required_matching(self, name: str, pattern: str | re.Pattern[str], *, example: str, most: int = 200) -> str:
        return self._required(name, self.matching, pattern=pattern, example=example, most=most) or ""

    def currency(self, name: str) -> str | None:
        """An ISO 4217 code."""
        code = self.matching(name, "[A-Z]{3}", example="SEK")
        if code is not None and not is_currency(code):
            return self.refuse(name, _("%(field)s is no currency.", field=self.path_of(name)))
        return code

    def email(self, name: str) -> str | None:
        return self.matching(name, EMAIL, example="name@example.com", most=254)

    def moment(self, name: str, *, latest: timedelta | None = None) -> datetime | None:
        """An RFC 3339 time with its zone, given back in UTC; `latest` is how far from now it may lie ahead."""
        text = self.text(name)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text.upper()).astimezone(UTC) if MOMENT.fullmatch(text) else None
        except (ValueError, OverflowError):
            moment = None
        if moment is None or not EARLIEST <= moment < LATEST:
            return self.refuse(name, _unlike(self.path_of(name), "2026-11-23T09:14:00Z"))
        if latest is not None and moment > now() + latest:
            return self.refuse(name, _("%(field)s lies in the future.", field=self.path_of(name)))
        return moment

    def whole(self, name: str, *, least: int = 0, greatest: int) -> int | None:
        """A whole number; 3.0, "3" and true are none."""
        value, place = self._take(name)
        if value is None:
            return None
        if type(value) is not int or not least <= value <= greatest:
            sentence = _(
                "%(field)s must be a whole number from %(least)s to %(greatest)s.",
                field=_path(place),
                least=least,
                greatest=greatest,
            )
            return self._note(place, sentence)
        return value

    def required_whole(self, name: str, *, least: int = 0, greatest: int) -> int:
        return self._required(name, self.whole, least=least, greatest=greatest) or least

    def flag(self, name: str) -> bool | None:
        value, place = self._take(name)
        if value is not None and not isinstance(value, bool):
            return self._note(place, _("%(field)s must be true or false.", field=_path(place)))
        return value

    def part(self, name: str) -> Fields | None:
        """An object within this one."""
        value, place = self._take(name)
        return None if value is None else self._keep(value, place)

    def required_part(self, name: str) -> Fields:
        """An object within this one, which has to be there."""
        return self._required(name, self.part) or Fields({})

    def parts(self, name: str, *, most: int) -> list[Fields]:
        """A list of objects."""
        return [self._keep(value, place) for value, place in self.items(name, most=most)]

    def required_parts(self, name: str, *, most: int) -> list[Fields]:
        """A list of objects, at least one."""
        if self._left.get(name) in (None, []):
            self._left.pop(name, None)
            self.refuse(name, _missing(self.path_of(name)))
            return []
        return self.parts(name, most=most)

    def items(self, name: str, *, most: int) -> list[tuple[Any, Place]]:
        """The values of a list, each with its place."""
        value, place = self._take(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self._note(place, _("%(field)s must be a list in brackets.", field=_path(place)))
            return []
        if len(value) > most:
            self._note(place, _("%(field)s holds too many: at most %(most)s.", field=_path(place), most=most))
            return []
        return [(one, (*place, index)) for index, one in enumerate(value)]

    def inside(self, value: Any, place: Place) -> Fields:
        """The fields of a list's object; where it is a text instead, that is its field `code`."""
        return self._keep({"code": value} if isinstance(value, str) else value, place)

    def has(self, name: str) -> bool:
        """Whether the field is there at all, be it as null; to be asked before it is taken."""
        return name in self._left

    def is_null(self, name: str) -> bool:
        """Whether the field is there and says that there is nothing; to be asked before it is taken."""
        return name in self._left and self._left[name] is None

    def path_of(self, name: str) -> str:
        return _path((*self._place, name))

    def pointer_of(self, name: str) -> str:
        return _pointer((*self._place, name))

    def refuse(self, name: str, sentence: str) -> Any:
        """Note that a field is wrong in a way that only its reader can see; gives the None that stands in for it."""
        return self._note((*self._place, name), sentence)

    def finish(self) -> None:
        """Raise WrongFields with all that was wrong, and with the fields that nobody took."""
        self._refuse_unknown()
        if self._faults:
            faults = [FieldError(_pointer(place), sentence) for place, sentence in self._faults[:MOST_FAULTS]]
            raise InvalidDocument(faults, field=_path(self._faults[0][0]) or None)

    def _refuse_unknown(self) -> None:
        for name in list(self._left)[:MOST_UNKNOWN]:
            place = (*self._place, str(name)[:100].encode("utf-8", "backslashreplace").decode())
            self._note(place, _("%(field)s is not a field that is known here.", field=_path(place)))
        for part in self._parts:
            part._refuse_unknown()

    def _required(self, name: str, take: Callable[..., Any], **limits: Any) -> Any:
        faults = len(self._faults)
        value = take(name, **limits)
        if value is None and len(self._faults) == faults:
            self.refuse(name, _missing(self.path_of(name)))
        return value

    def _take(self, name: str) -> tuple[Any, Place]:
        return self._left.pop(name, None), (*self._place, name)

    def _keep(self, value: Any, place: Place) -> Fields:
        part = Fields(value, place, self._faults)
        self._parts.append(part)
        return part

    def _note(self, place: Place, sentence: str) -> Any:
        self._faults.append((place, sentence))
        return None


def _path(place: Place) -> str:
    """A place as people read it, such as `lines[2].quantity`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")


def _pointer(place: Place) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


def _missing(path: str) -> str:
    return _("%(field)s is missing.", field=path)


def _unlike(path: str, example: str) -> str:
    return _("%(field)s must look like %(example)s.", field=path, example=example)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise MalformedInput(_("The field %(field)s is given twice.", field=name[:100]), field=name[:100])
        fields[name] = value
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedInput(_("%(constant)s is not a number that JSON knows.", constant=name))


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:  # Python's own limit raises a ValueError that names itself
        raise MalformedInput(_("A number has too many digits."))
    return int(digits)
