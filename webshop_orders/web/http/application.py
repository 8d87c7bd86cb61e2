"""Flask without what none of our views needs."""

from collections.abc import Callable
from typing import Any

from flask import Flask


class Application(Flask):
    """The application; none of its functions is a coroutine, so it does not look whether one is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func
