"""Renders templates: each is compiled once for each language, with the sentences of that language in its code."""

from typing import Any

from flask import Flask, current_app, g, request

from webshop_orders.rendering.environment import Environment, HelperFactory, Helpers
from webshop_orders.text import languages

__all__ = ["Helpers", "install", "render", "render_in"]

# One for each language and path below which the order desk is served, of which there is but one in practice.
MAX_ENVIRONMENTS = 16


def install(app: Flask, helpers: HelperFactory) -> None:
    """Let an application render templates with the helpers of a language."""
    app.extensions["rendering"] = {}
    app.extensions["rendering_helpers"] = helpers


def render(template: str, /, **names: Any) -> str:
    """Render a template in the language of the response."""
    return render_in(languages.current(), template, **names)


def render_in(language: str, template: str, /, **names: Any) -> str:
    """Render a template in a language, such as that of a customer."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    environment = environment_of(app, language, request.script_root)
    return environment.get_template(template).render(g=g, request=request, **names)


def environment_of(app: Flask, language: str, script_root: str = "") -> Environment:
    """The environment of a language, made when it is first used."""
    environments: dict[tuple[str, str], Environment] = app.extensions["rendering"]
    environment = environments.get((language, script_root))
    if environment is None:
        if len(environments) >= MAX_ENVIRONMENTS:
            environments.clear()
        helpers = app.extensions["rendering_helpers"](language, script_root)
        environment = environments[language, script_root] = Environment(app.jinja_env, language, helpers)
    return environment
