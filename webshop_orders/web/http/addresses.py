"""Addresses of views, remembered: a page has some fifty, and those of an order are the same on each of its pages."""

from collections.abc import Callable
from functools import lru_cache

from flask import Flask
from werkzeug.routing import BuildError

CACHE_SIZE = 4096


def address_function(app: Flask, script_root: str) -> Callable[..., str]:
    """The `url_for` of templates, for the views of an application below a path."""

    @lru_cache(CACHE_SIZE, typed=True)
    def url_for(endpoint: str, /, **values: object) -> str:
        """The address of a view, as `flask.url_for` has it. Values that the path does not take are its query string."""
        values = {name: value for name, value in values.items() if value is not None}
        rules = list(app.url_map.iter_rules(endpoint))
        for method in ("GET", None):  # two views may share an endpoint
            for rule in rules:
                if rule.suitable_for(values, method) and (built := rule.build(values)) is not None:
                    return f"{script_root}/{built[1].lstrip('/')}"
        raise BuildError(endpoint, values, None)

    return url_for
