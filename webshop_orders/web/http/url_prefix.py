"""The path below which people reach the order desk, where it shares a host name with other pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from flask import request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def middleware(prefix: str, inner: WSGIApplication) -> WSGIApplication:
    """Take the prefix off the path of each request, and name it as SCRIPT_NAME, from which all URLs are built.

    The proxy may have taken it off already, and programs on the machine itself may leave it out.
    """

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == prefix or path.startswith(f"{prefix}/"):
            environ["PATH_INFO"] = path[len(prefix) :] or "/"
        environ["SCRIPT_NAME"] = prefix
        return inner(environ, start_response)

    return application


def is_below(url: str) -> bool:
    """Whether a path leads to the order desk and not to other pages of its host, out of the prefix again included."""
    return url.startswith(f"{request.script_root}/") and "/.." not in unquote(url)
