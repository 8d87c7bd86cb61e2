"""People's pages."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Flask, Response, g, has_request_context, request
from flask_wtf.csrf import CSRFError

from webshop_orders import shop_settings
from webshop_orders.errors import DomainError
from webshop_orders.web import event_descriptions, health, labels
from webshop_orders.web.auth import account, audit, authorization, login_code, passwords, second_factor, sign_in
from webshop_orders.web.auth.session_transport import FRAMED, session_transport
from webshop_orders.web.embed import arrival, frame
from webshop_orders.web.http import (
    converters,
    error_pages,
    formatting,
    read_your_writes,
    security_headers,
    trusted_hosts,
)
from webshop_orders.web.http.csrf import csrf
from webshop_orders.web.http.responses import FormRejected
from webshop_orders.web.orders import (
    cancellations,
    comments,
    confirmations,
    customers,
    export,
    lines,
    list_query,
    messages,
    order,
    page,
    products,
    saved_views,
    shipments,
    source_differences,
)
from webshop_orders.web.orders import columns as list_columns
from webshop_orders.web.orders import list as order_list
from webshop_orders.web.settings import (
    access_descriptions,
    access_log,
    integrations,
    mail_templates,
    personal_data,
    settings,
    users,
    webhooks,
)
from webshop_orders.web.settings import messages as outbox_messages
from webshop_orders.web.settings import second_factor as second_factor_requirement

ROOMS = (
    account,
    access_log,
    cancellations,
    comments,
    confirmations,
    customers,
    arrival,
    export,
    health,
    integrations,
    lines,
    list_columns,
    login_code,
    mail_templates,
    messages,
    order,
    order_list,
    outbox_messages,
    passwords,
    personal_data,
    products,
    saved_views,
    second_factor,
    second_factor_requirement,
    sign_in,
    settings,
    shipments,
    source_differences,
    users,
    webhooks,
)
LANGUAGES = ["sv", "en"]


def install(app: Flask) -> None:
    """Open the pages of the order desk on an application."""
    app.url_map.redirect_defaults = False  # an order's first tab answers under both of its addresses
    converters.install(app)
    for room in ROOMS:
        app.register_blueprint(room.blueprint)
    for part in (
        trusted_hosts,
        security_headers,
        frame,
        authorization,
        list_query,
        second_factor,
        access_descriptions,
        error_pages,
        formatting,
        event_descriptions,
        labels,
        read_your_writes,
    ):
        part.install(app)
    app.before_request(check_origin)  # after access, so that whoever is refused is known by name
    app.register_error_handler(FormRejected, page.render_rejection)
    app.jinja_env.globals.update(asset=_assets_of(app), language=language, shop_name=shop_name)


def show(error: DomainError) -> Response:
    """Answer what was refused before any view."""
    return error_pages.show(error)


def show_http_error(error: Exception) -> Response:
    """Answer what went wrong before or outside any view."""
    return error_pages.show_http(error)


def check_origin() -> None:
    """See that a form comes from a page of ours, where there is a view to take it at all."""
    is_frames = request.blueprint == "embed" and FRAMED in request.headers  # which no other site can have sent along
    is_signed = authorization.is_of_programs() or session_transport().proves_origin or is_frames
    if request.endpoint is not None and not is_signed:
        try:
            csrf.protect()
        except CSRFError:
            audit.record_refusal("origin")
            raise


def language() -> str:
    """The language to speak: the host's around us, the shop's, or else what the browser asks for, Swedish first."""
    if "language" in g:  # a program's, which asks for itself
        return str(g.language)
    around = frame.current() if has_request_context() else None
    if around is not None and around.language:
        return around.language
    decided = shop_settings.current().language if "shop" in g else None
    asked_for = request.accept_languages.best_match(LANGUAGES) if has_request_context() else None
    return decided or asked_for or LANGUAGES[0]


def shop_name() -> str:
    return shop_settings.current().name if "shop" in g else "webshop-orders"


def _assets_of(app: Flask) -> Callable[[str], str]:
    folder, below = Path(app.static_folder or ""), app.static_url_path

    @cache
    def with_fingerprint(name: str) -> str:
        content = (folder / name).read_bytes()
        return f"{below}/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"

    def asset(name: str) -> str:
        """The address of a static file, which changes with its content, so that browsers can keep it for good."""
        return request.script_root + with_fingerprint(name)

    return asset
