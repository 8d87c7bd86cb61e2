"""The language of a response, and the shop's name in it."""

from functools import lru_cache

from flask import g, has_request_context, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from webshop_orders import shop_settings
from webshop_orders.web.http import frame

LANGUAGES = ["sv", "en"]  # the first one where nothing else decides


def language() -> str:
    """The language of the host around the page, else the shop's setting, else what the browser prefers."""
    if "language" in g:  # set by the API, which negotiates it itself
        return str(g.language)
    host_page = frame.current() if has_request_context() else None
    if host_page is not None and host_page.language:
        return host_page.language
    setting = shop_settings.current().language if "shop" in g else None
    if setting or not has_request_context():
        return setting or LANGUAGES[0]
    return preferred(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=64)
def preferred(accept_language: str) -> str:
    """The language of ours that suits the header of a browser best."""
    return parse_accept_header(accept_language, LanguageAccept).best_match(LANGUAGES) or LANGUAGES[0]


def shop_name() -> str:
    return shop_settings.current().name if "shop" in g else "webshop-orders"


TEMPLATE_GLOBALS = {"shop_name": shop_name}
