"""The filters of mail templates, each with a limit on the text that it makes."""

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any

from liquid import Environment
from liquid.builtin.filters import array, misc, string
from liquid.exceptions import FilterArgumentError, FilterValueError
from liquid.filter import string_filter
from liquid.limits import to_int
from liquid.undefined import is_undefined

from webshop_orders.mailing.limits import MAX_FILTER_RESULT, MAX_FILTER_WORK
from webshop_orders.mailing.plain_text import align_right


@string_filter
def truncate(text: str, length: Any = 50, end: Any = "...") -> str:
    """A text longer than `length`, cut so that it is that long with its end; as Shopify's, python-liquid's cuts one
    that is exactly so long too."""
    limit, end = _count(length), str(end)
    return text if len(text) <= limit else text[: max(0, limit - len(end))] + end


@string_filter
def truncate_words(text: str, count: Any = 15, end: Any = "...") -> str:
    """The first words of a text that has more of them, at least one; as Shopify's."""
    limit, words = max(1, _count(count)), text.split()
    return text if len(words) <= limit else " ".join(words[:limit]) + str(end)


def _count(value: Any) -> int:
    try:
        if not is_undefined(value):
            return int(to_int(value))
    except ValueError:
        pass
    raise FilterArgumentError(f"expected an integer, found {type(value).__name__}", token=None)


FILTERS: dict[str, Callable[..., Any]] = {
    "append": string.append,
    "capitalize": string.capitalize,
    "default": misc.default,
    "downcase": string.downcase,
    "escape": string.escape,
    "first": array.first,
    "join": array.join,
    "last": array.last,
    "newline_to_br": string.newline_to_br,
    "prepend": string.prepend,
    "remove": string.remove,
    "replace": string.replace,
    "size": misc.size,
    "split": string.split,
    "strip": string.strip,
    "truncate": truncate,
    "truncatewords": truncate_words,
    "upcase": string.upcase,
    "beside": align_right,
}
filter_work: ContextVar[int] = ContextVar("filter_work", default=0)


def bounded(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that raises FilterValueError before it would make a text longer than MAX_FILTER_RESULT."""

    @wraps(filter_)
    def apply(value: Any, *args: Any, **kwargs: Any) -> Any:
        _reject_keyword_arguments(name, kwargs)
        if name != "default":
            args = tuple(map(_written, args))
        expected = _length(value) + sum(_length(arg) for arg in args)
        if name == "replace" and args:
            seq, sub = str(args[0]), str(args[1]) if len(args) > 1 else ""
            expected = max(expected, len(str(value)) + str(value).count(seq) * (len(sub) - len(seq)))
        if name == "join":
            expected += _length(args[0] if args else " ") * _item_count(value)
        if expected > MAX_FILTER_RESULT:
            raise FilterValueError("the text gets too long", token=None)
        filter_work.set(filter_work.get() + expected)
        if filter_work.get() > MAX_FILTER_WORK:
            raise FilterValueError("the filters have too much to do", token=None)
        return filter_(value, *args, **kwargs)

    return apply


def _written(argument: Any) -> Any:
    """An argument as Liquid writes it: nil as nothing and booleans in lower case; python-liquid writes «None»."""
    if argument is None:
        return ""
    return str(argument).lower() if isinstance(argument, bool) else argument


def _reject_keyword_arguments(name: str, kwargs: dict[str, Any]) -> None:
    """Raise FilterArgumentError for an argument given by name, whose length would not be counted."""
    for key, value in kwargs.items():
        # Liquid passes its environment by this name; a template could pass something else.
        if key != "allow_false" and not (key == "environment" and isinstance(value, Environment)):
            raise FilterArgumentError(f"{name} knows no {key}:", token=None)


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, (list, tuple)):
        return sum(_length(item) + 1 for item in value)
    return 20 + sum(_length(item) for item in value.values()) if isinstance(value, dict) else 20


def _item_count(value: Any) -> int:
    return len(value) if isinstance(value, (list, tuple)) else 1
