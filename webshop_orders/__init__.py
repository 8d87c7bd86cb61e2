"""webshop-orders: the order desk of a web shop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Create the application, configured from the environment and from `settings`, which take precedence.

    With `INSTANCE` in `settings`, the environment is not read. Raises ConfigError if a setting is missing or invalid.
    """
    # Imported here, since this module is imported with every other one, and they import nearly all of them.
    from webshop_orders import application, cli

    app = application.create(settings or {})
    cli.register(app)
    return app
