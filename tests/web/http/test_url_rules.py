"""The rules of URLs, whose functions that build them are compiled when they are needed."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, Rule

from tests.web.conftest import on_sqlite
from webshop_orders.web.http.application import UrlRule


def value_of(converter: BaseConverter) -> Any:
    """A value that an argument with this converter can have."""
    return min(converter.items) if isinstance(converter, AnyConverter) else converter.to_python("7")


def is_compiled(rule: Rule, name: str) -> bool:
    return bool(getattr(rule, name).__name__.startswith("<builder:"))


@on_sqlite
def test_builds_the_urls_that_werkzeug_builds_the_first_time_and_later(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        plain, ours = Rule(rule.rule, **rule.get_empty_kwargs()), UrlRule(rule.rule, **rule.get_empty_kwargs())
        for twin in (plain, ours):
            twin.bind(app.url_map)
        values: dict[str, Any] = dict.fromkeys(rule.arguments, "7")
        values |= {name: value_of(converter) for name, converter in plain._converters.items()}
        for append_unknown in (True, True, False, False):
            extra = {"rule": ["å", "b"]} if append_unknown else {}
            assert ours.build(values | extra, append_unknown) == plain.build(values | extra, append_unknown)


@on_sqlite
@pytest.mark.own_app
def test_an_application_compiles_no_rule_before_its_url_is_built(app: Flask) -> None:
    assert not any(
        is_compiled(rule, name) for rule in app.url_map.iter_rules() for name in ("_build", "_build_unknown")
    )
    with app.test_request_context():
        app.url_for("static", filename="x.css")
    (rule,) = app.url_map.iter_rules("static")
    assert is_compiled(rule, "_build_unknown")
