"""Files of JSON: one value, which may be large, or one on each line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors.files import order_shapes, text_files
from webshop_orders.connectors.files.json_stream import JsonStream
from webshop_orders.connectors.files.order_shapes import Record
from webshop_orders.connectors.prestashop import resources as prestashop_resources
from webshop_orders.errors import MalformedInput, RuleViolation
from webshop_orders.validation.json_text import load, load_all

MAX_SNIFFED_LINES = 100
MAX_LINE_CHARACTERS = 4 * 1024 * 1024
# The first bytes of files that are neither JSON nor CSV.
OTHER_FILES = {b"PK\x03\x04": "Excel/zip", b"\xd0\xcf\x11\xe0": "Excel", b"\x1f\x8b": "gzip", b"%PDF": "PDF"}


def first_records(path: Path) -> tuple[list[Record], bool]:
    """The first records of a file, and whether each is on a line of its own; raises RuleViolation for no JSON."""
    lines = _json_lines(path)
    if len(lines) > 1:
        return [record for line in lines for record in order_shapes.unwrap(line)], True
    try:
        first = next(_document_records(path), None)
    except MalformedInput as malformed:
        if lines:
            return [record for line in lines for record in order_shapes.unwrap(line)], True
        raise RuleViolation(f"{path}: {malformed}") from None
    is_line = bool(lines) and first is not None and first.wrapper is None
    return ([first] if first else []), is_line


def _json_lines(path: Path) -> list[dict[str, Any]]:
    """The objects on the first lines of a file, of those lines that are a whole object each."""
    values = []
    for line in _head(path):
        if not line.startswith("{"):
            continue
        try:
            value = load(line)
        except MalformedInput:
            continue
        if isinstance(value, dict) and value:
            values.append(value)
    return values


def _head(path: Path) -> Iterator[str]:
    with text_files.open_text(path, text_files.detect_encoding(path)) as file:
        for _index in range(MAX_SNIFFED_LINES):
            line = file.readline(MAX_LINE_CHARACTERS)
            if not line:
                return
            yield line.lstrip("\ufeff")


def records(path: Path) -> Iterator[Record]:
    """All records of a file of JSON, or of one on each line; raises RuleViolation for what is neither."""
    if len(_json_lines(path)) > 1:
        yield from _line_records(path)
        return
    with _as_violation(path):
        yield from _document_records(path)


def _document_records(path: Path) -> Iterator[Record]:
    with text_files.open_text(path, text_files.detect_encoding(path)) as file:
        for record in order_shapes.records(JsonStream(file)):
            if prestashop_resources.is_order(record.value):
                break
            yield record
        else:
            return
    yield from _prestashop_records(path)


def _prestashop_records(path: Path) -> Iterator[Record]:
    """The orders of PrestaShop, whose addresses and customers are beside them: the file is read as a whole."""
    with text_files.open_text(path, text_files.detect_encoding(path)) as file:
        yield from map(Record, prestashop_resources.orders(load_all(file.read())))


def _line_records(path: Path) -> Iterator[Record]:
    with text_files.open_text(path, text_files.detect_encoding(path)) as file:
        for number, line in enumerate(file, start=1):
            if line.strip("\ufeff \t\r\n"):
                with _as_violation(path, number):
                    yield from order_shapes.unwrap(load(line.lstrip("\ufeff")))


@contextmanager
def _as_violation(path: Path, line: int | None = None) -> Iterator[None]:
    try:
        yield
    except MalformedInput as malformed:
        place = str(path) if line is None else _("%(path)s, line %(number)s", path=path, number=line)
        raise RuleViolation(f"{place}: {malformed}") from None


def is_json(path: Path) -> bool:
    """Whether a file begins as JSON does; raises RuleViolation for a folder, an empty file and one that is no text."""
    if path.is_dir():
        raise RuleViolation(_("%(path)s is a folder. Name a file.", path=path))
    with path.open("rb") as file:
        head = file.read(1024)
    for start, name in OTHER_FILES.items():
        if head.startswith(start):
            raise _other_file(path, name)
    with text_files.open_text(path, text_files.detect_encoding(path, allows_older=True)) as text:
        while chunk := text.read(1024):
            if start_of_text := chunk.lstrip("\ufeff \t\r\n"):
                if start_of_text.startswith("<"):
                    raise _other_file(path, "XML")
                return start_of_text[0] in "{["
    raise RuleViolation(_("%(path)s is empty, so there is nothing to import.", path=path))


def _other_file(path: Path, kind: str) -> RuleViolation:
    return RuleViolation(
        _("%(path)s is a file of the kind %(kind)s. Save it as CSV, or unpack it.", path=path, kind=kind)
    )
