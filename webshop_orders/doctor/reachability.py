"""Diagnostics of servers outside that this machine has to reach."""

import socket
from urllib.parse import urlsplit

from flask_babel import LazyString

from webshop_orders.config import ENV_PREFIX
from webshop_orders.doctor.diagnostic import Diagnostic

CONNECT_SECONDS = 5
PORTS = {"http": 80, "https": 443}


def diagnose(url: str | None, reachable: LazyString, unreachable: LazyString) -> Diagnostic | None:
    """Whether the server of an address can be reached; None without an address. Nothing is requested of it.

    The sentences name its `host`, the second one also the `reason` and the `prefix` of settings.
    """
    if not url:
        return None
    host = urlsplit(url).hostname
    if reason := _obstacle(url):
        return Diagnostic(False, unreachable % {"host": host, "reason": reason, "prefix": ENV_PREFIX})
    return Diagnostic(True, reachable % {"host": host})


def _obstacle(url: str) -> str | None:
    """Why no connection to the server of an address can be opened; None if it can."""
    address = urlsplit(url)
    try:
        port = address.port or PORTS[address.scheme]
        socket.create_connection((address.hostname, port), CONNECT_SECONDS).close()
    except (OSError, ValueError) as error:
        return str(getattr(error, "strerror", None) or error)
    return None
