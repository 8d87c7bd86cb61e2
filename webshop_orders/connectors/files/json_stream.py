"""The values of a large JSON file one at a time, so that the whole of it is never in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

from flask_babel import gettext as _

from webshop_orders.errors import MalformedInput
from webshop_orders.validation import json_text

CHUNK_CHARACTERS = 1 << 16
MAX_VALUE_CHARACTERS = 64 * 1024 * 1024
MAX_CUT_CHARACTERS = 20  # of a number, a word or an escape sequence that ends with the buffer
MAX_EXPONENT_SIGNS = 2  # `e+` after the digits that are a number too
WHITESPACE = " \t\r\n\ufeff"


class JsonStream:
    """A JSON text that is read as its values are asked for; raises MalformedInput where it is none."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._buffer = ""
        self._position = 0
        self._passed = 0  # characters that are no longer in the buffer
        self._is_complete = False

    def peek(self) -> str:
        """The next character that is not white space, without passing it; empty at the end."""
        while True:
            while self._position < len(self._buffer) and self._buffer[self._position] in WHITESPACE:
                self._position += 1
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._read_more():
                return ""

    def take(self, character: str) -> None:
        """Pass a character that must come next."""
        if self.peek() != character:
            raise self._malformed(self._position)
        self._position += 1

    def value(self) -> Any:
        """The next value as a whole, with the same rules as for any JSON that is sent to us."""
        self.peek()
        while True:
            try:
                value, end = json_text.decode_prefix(self._buffer, self._position)
            except json.JSONDecodeError as error:
                self._grow(error)
                continue
            if isinstance(value, int | float) and end + MAX_EXPONENT_SIGNS >= len(self._buffer) and self._read_more():
                continue  # the number may go on
            self._position = end
            return value

    def items(self) -> Iterator[Any]:
        """The elements of an array that comes next."""
        self.take("[")
        if self.peek() == "]":
            self._position += 1
            return
        while True:
            yield self.value()
            if self.peek() != ",":
                break
            self._position += 1
        self.take("]")

    def first_name(self) -> str:
        """The name of the first field of an object that comes next; empty if it has none."""
        self.take("{")
        return self._name() if self.peek() != "}" else ""

    def rest_of_object(self, name: str | None = None) -> dict[str, Any]:
        """The fields of an object up to its end: from the value of `name`, or after one that was read."""
        fields: dict[str, Any] = {}
        if name:
            fields[name] = self.value()
        while self.peek() == ",":
            self._position += 1
            name = self._name()
            if name in fields:
                raise MalformedInput(_("The field %(field)s is given twice.", field=name[:100]), field=name[:100])
            fields[name] = self.value()
        self.take("}")
        return fields

    def _name(self) -> str:
        name = self.value() if self.peek() == '"' else None
        if not isinstance(name, str):
            raise self._malformed(self._position)
        self.take(":")
        return name

    def _grow(self, error: json.JSONDecodeError) -> None:
        """Read more where an error is that the text ends here; raises MalformedInput where it is another one."""
        is_cut_off = error.msg.startswith("Unterminated string") or error.pos >= len(self._buffer) - MAX_CUT_CHARACTERS
        is_too_long = len(self._buffer) - self._position > MAX_VALUE_CHARACTERS
        malformed = self._malformed(error.pos)
        if not is_cut_off or is_too_long or not self._read_more():
            raise malformed

    def _read_more(self) -> bool:
        """Double what is in the buffer, so that a long value is not decoded again for each chunk."""
        if self._is_complete:
            return False
        chunk = self._file.read(max(CHUNK_CHARACTERS, len(self._buffer) - self._position))
        if not chunk:
            self._is_complete = True
            return False
        self._passed += self._position
        self._buffer, self._position = self._buffer[self._position :] + chunk, 0
        return True

    def _malformed(self, position: int) -> MalformedInput:
        place = self._passed + position + 1
        return MalformedInput(_("This is not JSON: it goes wrong at character %(place)s.", place=place))
