"""Responses of views: a request from htmx gets the region alone, any other the whole page."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from flask import Response, flash, redirect, request

from webshop_orders import rendering
from webshop_orders.web.http.frame import is_framed


def wants_fragment() -> bool:
    """Whether htmx requests the region alone; to restore a page of the browser's history it requests the whole page."""
    return request.headers.get("HX-Request-Type") == "partial"


def render_region(template: str, *, status: int = 200, **context: Any) -> Response:
    """Render a region by its template: alone, or within the page."""
    layout = "layouts/fragment.html" if wants_fragment() else "layouts/page.html"
    return Response(rendering.render(template, layout=layout, **context), status)


def see_other(url: str) -> Response:
    """Redirect after a POST without JavaScript to the page that shows its result."""
    return redirect(url, 303)  # type: ignore[return-value]


def load_page(url: str) -> Response:
    """Load a whole page after a POST, also where htmx requested a fragment."""
    return Response(headers={"HX-Redirect": url}) if wants_fragment() else see_other(url)


def open_page(url: str) -> Response:
    """Open another page in answer to a GET. In a frame htmx does so, since the session may be in its headers only."""
    if not wants_fragment():
        return redirect(url)  # type: ignore[return-value]
    if is_framed():
        return Response(headers={"HX-Location": json.dumps({"path": url, "target": "#main", "replace": "true"})})
    return Response(headers={"HX-Redirect": url})


def open_after_change(url: str) -> Response:
    """Open another page in answer to a POST; in a frame as `open_page` does."""
    return open_page(url) if wants_fragment() else see_other(url)


@dataclass(frozen=True)
class ToastAction:
    """What a toast offers to do next: a link or, where it has `fields`, a form with them that is posted.

    The answer is the region of the order's page, or another page if it `opens_page`. After a link, the focus is in the
    element with the id `goes_to`.
    """

    name: str  # by which scripts and tests find it; not an id, since several toasts can offer the same
    label: str
    url: str
    fields: dict[str, str] = field(default_factory=dict)
    goes_to: str = ""
    opens_page: bool = False


def flash_message(sentence: str, kind: str = "done", *, actions: Iterable[ToastAction] = ()) -> None:
    """Show a sentence as a toast, with its actions, on this response or, after a redirect, on the next one."""
    offered = [asdict(action) for action in actions]
    flash((sentence, offered) if offered else sentence, kind)  # type: ignore[arg-type]  # which keeps any JSON
