"""The application: its configuration, extensions, engines, blueprints and errors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, Response
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.middleware.proxy_fix import ProxyFix

from webshop_orders import api, config, shop_settings, web
from webshop_orders.connectors import callbacks
from webshop_orders.db import migrations, postgresql, sqlite
from webshop_orders.db.extensions import REPLICA, db
from webshop_orders.errors import DomainError, UntrustedHost
from webshop_orders.logs import requests as request_log
from webshop_orders.outbox.mail.smtp import mail
from webshop_orders.text.languages import babel
from webshop_orders.transactions import database_errors
from webshop_orders.web.auth.csrf import csrf
from webshop_orders.web.http import error_pages, locale, url_prefix
from webshop_orders.web.http.application import Application

PACKAGE = Path(__file__).parent
# In a checkout, templates, static files and migrations are beside the package; in a wheel they are inside it.
ASSETS = PACKAGE / "assets" if (PACKAGE / "assets").is_dir() else PACKAGE.parent


def create(settings: Mapping[str, Any]) -> Flask:
    app = Application(__package__, static_folder=ASSETS / "static", template_folder=str(ASSETS / "templates"))
    _configure(app, settings)
    _init_extensions(app)
    _prepare_engines(app)
    web.install(app)
    api.install(app)
    callbacks.install(app)
    for error in (HTTPException, InternalServerError, UntrustedHost):
        app.register_error_handler(error, _handle_error)
    app.register_error_handler(SQLAlchemyError, _handle_database_error)
    _mount(app)
    _trust_proxies(app)
    app.wsgi_app = request_log.middleware(app, app.wsgi_app)  # type: ignore[assignment, method-assign]
    return app


def _configure(app: Flask, settings: Mapping[str, Any]) -> None:
    app.config.from_mapping(config.DEFAULTS)
    app.config.from_mapping({} if "INSTANCE" in settings else config.from_environment())
    app.config.from_mapping(settings)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
    if url := app.config.get("DATABASE_READ_URI"):
        app.config["SQLALCHEMY_BINDS"] = {REPLICA: {"url": url, **_engine_options(url, replica=True)}}


def _engine_options(url: str, *, replica: bool = False) -> dict[str, Any]:
    if make_url(url).get_backend_name() == "sqlite":
        return {"module": sqlite.driver()}
    return postgresql.replica_engine_options() if replica else postgresql.engine_options()


def _init_extensions(app: Flask) -> None:
    db.init_app(app)
    migrations.init_app(app, ASSETS / "migrations")
    mail.init_app(app)
    csrf.init_app(app)
    babel.init_app(
        app,
        default_translation_directories=str(PACKAGE / "translations"),
        locale_selector=locale.language,
        timezone_selector=lambda: shop_settings.current().time_zone,
    )


def _prepare_engines(app: Flask) -> None:
    with app.app_context():
        for name, engine in db.engines.items():
            if engine.dialect.name == "sqlite":
                sqlite.prepare(engine)
            elif name == REPLICA:
                postgresql.prepare_replica(engine)
            else:
                postgresql.prepare(engine)


def _handle_error(error: Exception) -> Response:
    """Render an error that no blueprint handles: as JSON for the API, as a page otherwise."""
    renderer = api if api.is_addressed() else error_pages
    error = database_errors.as_refusal(getattr(error, "original_exception", None)) or error
    return renderer.show(error) if isinstance(error, DomainError) else renderer.show_http_error(error)


def _handle_database_error(error: SQLAlchemyError) -> Response:
    """Raises the error again where it is a defect of ours, to be logged."""
    refusal = database_errors.as_refusal(error)
    if refusal is None:
        raise error
    return _handle_error(refusal)


def _mount(app: Flask) -> None:
    """Answer below the path of BASE_URL, where it has one.

    Flask's APPLICATION_ROOT would make it the cookie's path, and browsers drop a `__Host-` cookie of any path but `/`.
    """
    if prefix := app.config["URL_PREFIX"]:
        app.wsgi_app = url_prefix.middleware(prefix, app.wsgi_app)  # type: ignore[assignment, method-assign]


def _trust_proxies(app: Flask) -> None:
    """Take client address, scheme and host from the X-Forwarded headers of TRUSTED_PROXIES proxies."""
    if count := app.config.get("TRUSTED_PROXIES", 0):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
