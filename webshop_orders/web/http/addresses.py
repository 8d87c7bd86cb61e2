"""Addresses of views, remembered: a page has some fifty, and those of an order are the same on each of its pages."""

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote

from flask import Flask
from flask import url_for as flask_url_for
from werkzeug.routing import BuildError

CACHE_SIZE = 4096
SAFE_IN_ANCHORS = "%!#$&'()*+,/:;=?@"


def address_function(app: Flask, script_root: str) -> Callable[..., str]:
    """The `url_for` of templates, for the views of an application below a path."""

    @lru_cache(CACHE_SIZE, typed=True)
    def url_for(endpoint: str, /, *, _anchor: str | None = None, **values: object) -> str:
        """The address of a view, as `flask.url_for` has it. Values that the path does not take are its query string."""
        if special := [name for name in values if name.startswith("_")]:
            raise TypeError(f"{special} of Flask's url_for may depend on the request")
        values = {name: value for name, value in values.items() if value is not None}
        rules = list(app.url_map.iter_rules(endpoint))
        for method in ("GET", None):  # two views may share an endpoint
            for rule in rules:
                if rule.suitable_for(values, method) and (built := rule.build(values)) is not None:
                    address = f"{script_root}/{built[1].lstrip('/')}"
                    return f"{address}#{quote(_anchor, safe=SAFE_IN_ANCHORS)}" if _anchor is not None else address
        raise BuildError(endpoint, values, None)

    return url_for


def external_url(endpoint: str, **values: object) -> str:
    """The URL of a view with scheme and host, which are those of the request."""
    return flask_url_for(endpoint, _external=True, **values)  # type: ignore[arg-type]


TEMPLATE_GLOBALS = {"external_url": external_url}
