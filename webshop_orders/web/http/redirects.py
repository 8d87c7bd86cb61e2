"""Safe redirects: URLs that come from outside."""

from flask import request, url_for


def is_safe(url: str) -> bool:
    """Whether a URL is a path of ours, and no browser can read it as another site."""
    is_path = url.startswith("/") and not url.startswith("//")
    return is_path and url.isprintable() and not {"\\", "#"} & set(url)


def safe_next_url() -> str:
    """The page that the user who signs in was going to, where it is safe, else the list of orders."""
    url = request.args.get("next", "")
    return url if is_safe(url) else url_for("orders.index")
