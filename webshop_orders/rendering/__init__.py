"""Renders templates: each is compiled once for each language, with the sentences of that language in its code."""

from typing import Any

from flask import Flask, current_app, g, request

from webshop_orders.rendering.environment import Environment
from webshop_orders.text import languages


def render(template: str, /, **names: Any) -> str:
    """Render a template in the language of the response."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    environment = environment_of(app, languages.current())
    return environment.get_template(template).render(g=g, request=request, **names)


def environment_of(app: Flask, language: str) -> Environment:
    """The environment of a language, made when it is first used, with the filters and globals of `app.jinja_env`."""
    environments: dict[str, Environment] = app.extensions.setdefault("rendering", {})
    if language not in environments:
        environments[language] = Environment(app.jinja_env, language)
    return environments[language]
