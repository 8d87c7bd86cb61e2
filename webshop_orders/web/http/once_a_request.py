"""Values that are computed once for each request."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from flask import g

T = TypeVar("T")


def once_a_request(function: Callable[[], T]) -> Callable[[], T]:
    """Remember the result of a function for the rest of the request."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembered() -> T:
        values = vars(g._get_current_object())  # a look-up through the proxy costs ten times as much
        if name not in values:
            values[name] = function()
        value: T = values[name]
        return value

    return remembered
