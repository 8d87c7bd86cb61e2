"""What compiled templates call to escape values and to mark HTML as such."""

from functools import partial
from typing import Any

from jinja2.runtime import markup_join
from markupsafe import Markup, _escape_inner  # type: ignore[attr-defined]

escape_text = _escape_inner  # of a `str`, to a `str`: `markupsafe.escape` would make a Markup of each
mark_safe = partial(str.__new__, Markup)  # Markup(html) without its constructor


def html_of(value: Any) -> str:
    """The HTML of a value that is neither a plain string nor Markup, as `markupsafe.escape` has it."""
    if hasattr(value, "__html__"):
        return str(value.__html__())
    return escape_text(str(value))


def join(parts: tuple[Any, ...]) -> str:
    """The parts of `a ~ b` as one text: as HTML, and the others escaped, if one of them is HTML."""
    for part in parts:
        if type(part) is not str and type(part) is not int:
            return markup_join(parts)
    return "".join(map(str, parts))
