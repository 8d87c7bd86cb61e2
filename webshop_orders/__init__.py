"""webshop-orders: the order desk of a web shop."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, Response
from jinja2 import StrictUndefined
from sqlalchemy.engine import make_url
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.middleware.proxy_fix import ProxyFix

from webshop_orders import api, cli, config, shop_settings, web
from webshop_orders.connectors import callbacks
from webshop_orders.db import postgresql, sqlite
from webshop_orders.db.extensions import REPLICA, db, migrate
from webshop_orders.errors import DomainError, UntrustedHost
from webshop_orders.outbox.mail.smtp import mail
from webshop_orders.text.languages import babel
from webshop_orders.web.auth.csrf import csrf
from webshop_orders.web.http import error_pages, locale

HERE = Path(__file__).parent
# In a checkout the assets stand beside the package; a wheel carries them inside.
ASSETS = HERE / "assets" if (HERE / "assets").is_dir() else HERE.parent


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """The application, set up from the environment and from `settings`, which win.

    Raises ConfigError where a setting is missing or wrong.
    """
    app = Flask(__name__, static_folder=ASSETS / "static", template_folder=str(ASSETS / "templates"))
    given = settings or {}
    app.config.from_mapping(config.ALWAYS)
    app.config.from_mapping({} if "INSTANCE" in given else config.from_environment())
    app.config.from_mapping(given)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
    if url := app.config.get("DATABASE_READ_URI"):
        app.config["SQLALCHEMY_BINDS"] = {REPLICA: {"url": url, **_engine_options(url, replica=True)}}
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _bind_extensions(app)
    web.install(app)
    api.install(app)
    callbacks.install(app)
    for error in (HTTPException, InternalServerError, UntrustedHost):
        app.register_error_handler(error, _answer_in_kind)
    _trust_proxies(app)
    cli.register(app)
    return app


def _answer_in_kind(error: Exception) -> Response:
    """Tell programs in JSON and people in pages what went wrong before any view, or that we failed."""
    entrance = api if api.is_addressed() else error_pages
    return entrance.show(error) if isinstance(error, DomainError) else entrance.show_http_error(error)


def _trust_proxies(app: Flask) -> None:
    """Believe what as many proxies as stand before us say of the client; what else looks at a host comes after it."""
    if count := app.config.get("TRUSTED_PROXIES", 0):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ASSETS / "migrations"), render_as_batch=True)
    mail.init_app(app)
    csrf.init_app(app)
    babel.init_app(
        app,
        default_translation_directories=str(HERE / "translations"),
        locale_selector=locale.language,
        timezone_selector=lambda: shop_settings.current().time_zone,
    )
    with app.app_context():
        for name, engine in db.engines.items():
            if engine.dialect.name == "sqlite":
                sqlite.prepare(engine)
            elif name == REPLICA:
                postgresql.prepare_replica(engine)
            else:
                postgresql.prepare(engine)


def _engine_options(url: str, *, replica: bool = False) -> dict[str, Any]:
    if make_url(url).get_backend_name() == "sqlite":
        return {"module": sqlite.driver()}
    return postgresql.options_of_replica() if replica else postgresql.options()
