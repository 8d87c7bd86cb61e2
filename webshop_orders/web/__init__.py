"""People's pages."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Flask, Response, g, has_request_context, request
from flask_wtf.csrf import CSRFError

from webshop_orders import shop_settings
from webshop_orders.errors import DomainError
from webshop_orders.extensions import csrf
from webshop_orders.web import (
    access,
    access_log,
    access_sentences,
    account,
    asked,
    cancellations,
    comments,
    confirmations,
    converters,
    customers,
    embed,
    error_pages,
    export,
    formatting,
    frame,
    health,
    hosts,
    integrations,
    lines,
    list_columns,
    login_code,
    mail_templates,
    messages,
    order,
    order_page,
    orders,
    outbox,
    own_changes,
    passwords,
    personal_data,
    products,
    saved_views,
    second_factor,
    second_factor_requirement,
    security,
    sentences,
    sessions,
    settings,
    shipments,
    shop_differences,
    users,
    webhooks,
    words,
)
from webshop_orders.web.answers import FormRefused
from webshop_orders.web.session_carriers import FRAMED, carrier

ROOMS = (
    account,
    access_log,
    cancellations,
    comments,
    confirmations,
    customers,
    embed,
    export,
    health,
    integrations,
    lines,
    list_columns,
    login_code,
    mail_templates,
    messages,
    order,
    orders,
    outbox,
    passwords,
    personal_data,
    products,
    saved_views,
    second_factor,
    second_factor_requirement,
    sessions,
    settings,
    shipments,
    shop_differences,
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
        hosts,
        security,
        frame,
        access,
        asked,
        second_factor,
        access_sentences,
        error_pages,
        formatting,
        sentences,
        words,
        own_changes,
    ):
        part.install(app)
    app.before_request(check_origin)  # after access, so that whoever is refused is known by name
    app.register_error_handler(FormRefused, order_page.refuse)
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
    is_signed = access.is_of_programs() or carrier().proves_origin or is_frames
    if request.endpoint is not None and not is_signed:
        try:
            csrf.protect()
        except CSRFError:
            access.note_refusal("origin")
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
