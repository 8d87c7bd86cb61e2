"""Addresses that others hand us."""

from flask import request, url_for


def is_safe(page: str) -> bool:
    """Whether an address is a page of the order desk, and not another site that looks like one."""
    is_path = page.startswith("/") and not page.startswith("//")
    return is_path and page.isprintable() and not {"\\", "#"} & set(page)


def safe_next_url() -> str:
    """Where the person who signs in was going, as long as that is a page of ours."""
    page = request.args.get("next", "")
    return page if is_safe(page) else url_for("orders.index")
