"""People's pages: their views, and what runs before and after each of them."""

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

from flask import Flask, Request, Response, request
from flask_wtf.csrf import CSRFError

from webshop_orders import rendering
from webshop_orders.errors import DomainError
from webshop_orders.web import event_descriptions, health, hold_words, labels, metrics
from webshop_orders.web.auth import (
    account,
    authentication,
    authorization,
    csrf,
    inbox_counts,
    login_code,
    passwords,
    second_factor,
    sign_in,
)
from webshop_orders.web.batches import changes as batch_changes
from webshop_orders.web.batches import making as batch_making
from webshop_orders.web.batches import page as batch_page
from webshop_orders.web.embed import arrival
from webshop_orders.web.http import (
    addresses,
    assets,
    converters,
    error_pages,
    formatting,
    frame,
    locale,
    read_your_writes,
    request_checks,
    retry_after,
    security_headers,
    trusted_hosts,
)
from webshop_orders.web.inbox import kinds as inbox_kinds
from webshop_orders.web.inbox import today
from webshop_orders.web.inbox import views as inbox
from webshop_orders.web.orders import (
    backorder_notices,
    cancellations,
    captures,
    comments,
    confirmations,
    credit_notes,
    customers,
    export,
    free_lines,
    holds,
    lines,
    list_query,
    messages,
    neighbours,
    order,
    page,
    payments,
    pinned_views,
    plans,
    presence,
    price_changes,
    products,
    refunds,
    returns,
    saved_views,
    shipments,
    shipping_fee,
    source_differences,
    stock_terms,
    tracking,
    undo,
)
from webshop_orders.web.orders import columns as list_columns
from webshop_orders.web.orders import list as order_list
from webshop_orders.web.orders.editing import FormRejected
from webshop_orders.web.packing import command_codes
from webshop_orders.web.packing import scanning as packing_scans
from webshop_orders.web.packing import starting as packing_starts
from webshop_orders.web.palette import keys
from webshop_orders.web.palette import search as palette_search
from webshop_orders.web.printing import labels as address_labels
from webshop_orders.web.printing import logo, packing_slips, pdf_files, pick_lists
from webshop_orders.web.settings import (
    access_descriptions,
    access_log,
    carriers,
    demo_inbox,
    incoming_calls,
    integrations,
    mail,
    mail_templates,
    parts,
    personal_data,
    printing,
    shop,
    shops,
    users,
    webhooks,
)
from webshop_orders.web.settings import dispatch_checks as dispatch_check_settings
from webshop_orders.web.settings import holds as hold_settings
from webshop_orders.web.settings import messages as outbox_messages
from webshop_orders.web.settings import second_factor as second_factor_requirement
from webshop_orders.web.stock import backorders as product_backorders
from webshop_orders.web.stock import import_export as product_files
from webshop_orders.web.stock import incoming as incoming_deliveries
from webshop_orders.web.stock import list as product_list
from webshop_orders.web.stock import product, product_stock
from webshop_orders.web.stock import tabs as stock_tabs
from webshop_orders.web.stock import words as stock_words
from webshop_orders.web.tracking_files import labels as tracking_file_labels
from webshop_orders.web.tracking_files import views as tracking_files
from webshop_orders.web.withdrawals import public as public_withdrawals
from webshop_orders.web.withdrawals import views as withdrawals

# Modules with views. Those of one blueprint, such as the pages of `settings`, may share it.
VIEWS: tuple[ModuleType, ...] = (
    health,
    metrics,
    # auth
    account,
    login_code,
    passwords,
    second_factor,
    sign_in,
    # batches
    batch_changes,
    batch_making,
    batch_page,
    # embed
    arrival,
    # inbox
    inbox,
    today,
    # orders
    backorder_notices,
    cancellations,
    captures,
    comments,
    confirmations,
    credit_notes,
    customers,
    export,
    free_lines,
    holds,
    lines,
    list_columns,
    messages,
    neighbours,
    order,
    order_list,
    payments,
    pinned_views,
    plans,
    presence,
    products,
    refunds,
    returns,
    saved_views,
    shipments,
    shipping_fee,
    stock_terms,
    source_differences,
    tracking,
    undo,
    # packing
    command_codes,
    packing_scans,
    packing_starts,
    # printing
    address_labels,
    logo,
    packing_slips,
    pdf_files,
    pick_lists,
    # palette
    keys,
    palette_search,
    # settings
    access_log,
    carriers,
    dispatch_check_settings,
    hold_settings,
    incoming_calls,
    integrations,
    mail,
    mail_templates,
    outbox_messages,
    personal_data,
    printing,
    second_factor_requirement,
    shop,
    shops,
    users,
    webhooks,
    # stock
    incoming_deliveries,
    product_backorders,
    product,
    product_list,
    product_stock,
    product_files,
    # tracking_files
    tracking_files,
    # withdrawals
    public_withdrawals,
    withdrawals,
)
# In this sequence. The first one that raises or returns a response ends it.
BEFORE_REQUEST: tuple[Callable[[Request], Any], ...] = (
    trusted_hosts.refuse_untrusted_host,  # before anything builds a URL from the host
    request_checks.check_body,  # before anything parses the form
    frame.load_session_from_form,  # before anything reads the session
    authentication.identify_user,  # sets g.user and the shop's settings, which all below need
    authorization.check_role,
    second_factor.require_set_up,  # after the role: it redirects only users who may be here
    read_your_writes.expect_changes,
    csrf.check_origin,  # last, so that the access log names the user who is refused
)
AFTER_REQUEST: tuple[Callable[[Response], Response], ...] = (retry_after.set_header,)
ERROR_HANDLERS: dict[type[Exception], Callable[[Any], Response]] = {
    DomainError: error_pages.show,
    CSRFError: error_pages.show_csrf_error,
    FormRejected: page.render_rejection,
}
# Modules whose TEMPLATE_FILTERS, `template_filters` of a language, and TEMPLATE_GLOBALS templates can use.
TEMPLATE_HELPERS: tuple[ModuleType, ...] = (
    access_descriptions,
    addresses,
    authorization,
    command_codes,
    credit_notes,
    csrf,
    event_descriptions,
    formatting,
    frame,
    hold_words,
    inbox_counts,
    inbox_kinds,
    labels,
    list_query,
    locale,
    parts,
    price_changes,
    second_factor,
    stock_tabs,
    stock_words,
    tracking_file_labels,
)


def install(app: Flask) -> None:
    """Add people's pages to an application."""
    app.wsgi_app = security_headers.middleware(app, app.wsgi_app)  # type: ignore[assignment, method-assign]
    app.wsgi_app = trusted_hosts.middleware(app, app.wsgi_app)  # type: ignore[assignment, method-assign]
    app.session_interface = frame.session_interface
    app.url_map.redirect_defaults = False  # an order's first tab has two URLs
    app.url_map.converters.update(converters.CONVERTERS)
    for blueprint in dict.fromkeys(view.blueprint for view in VIEWS):
        app.register_blueprint(blueprint)
    if app.config["DEMO_INBOX"]:
        app.register_blueprint(demo_inbox.blueprint)
    app.before_request(_check_request)
    for finish in AFTER_REQUEST:
        app.after_request(finish)
    for error, handler in ERROR_HANDLERS.items():
        app.register_error_handler(error, handler)
    rendering.install(app, partial(_template_helpers, app))


def _check_request() -> Any:
    checked_request = request._get_current_object()  # type: ignore[attr-defined]
    for check in BEFORE_REQUEST:
        response = check(checked_request)
        if response is not None:
            return response
    return None


def _template_helpers(app: Flask, language: str, script_root: str) -> rendering.Helpers:
    filters: dict[str, Callable[..., Any]] = {}
    names: dict[str, Any] = {}
    for module in TEMPLATE_HELPERS:
        filters.update(getattr(module, "TEMPLATE_FILTERS", {}))
        names.update(getattr(module, "TEMPLATE_GLOBALS", {}))
        if hasattr(module, "template_filters"):
            filters.update(module.template_filters(language))
    pure: dict[str, Callable[..., Any]] = {
        "asset": assets.asset_function(app, script_root),
        "language": lambda: language,
        "url_for": addresses.address_function(app, script_root),
        "url_prefix": lambda: script_root,
    }
    return rendering.Helpers(filters, names, pure)
