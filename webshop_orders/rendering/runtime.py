"""What compiled templates call to escape values and to mark HTML as such."""

from functools import partial
from typing import Any

from markupsafe import Markup, _escape_inner  # type: ignore[attr-defined]

escape_text = _escape_inner  # of a `str`, to a `str`: `markupsafe.escape` would make a Markup of each
mark_safe = partial(str.__new__, Markup)  # Markup(html) without its constructor


def html_of(value: Any) -> str:
    """The HTML of a value that is neither a plain string nor Markup, as `markupsafe.escape` has it."""
    if hasattr(value, "__html__"):
        return str(value.__html__())
    return escape_text(str(value))
