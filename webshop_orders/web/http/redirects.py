"""Safe redirects: URLs that come from outside; and where one goes without any."""

from flask import request, url_for

from webshop_orders.web.http import url_prefix
from webshop_orders.web.http.frame import is_framed


def is_safe(url: str) -> bool:
    """Whether a URL is a path, and no browser can read it as another site."""
    is_path = url.startswith("/") and not url.startswith("//")
    return is_path and url.isprintable() and not {"\\", "#"} & set(url)


def home_url() -> str:
    """The figures of the day; in a frame, whose host has its own start page, the list of orders."""
    return url_for("orders.index" if is_framed() else "today.show")


def safe_next_url() -> str:
    """The page that the user who signs in was going to, where it is safe and ours, else where the desk opens."""
    url = request.args.get("next", "")
    return url if is_safe(url) and url_prefix.is_below(url) else home_url()
