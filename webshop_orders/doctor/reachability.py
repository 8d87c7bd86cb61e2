"""Whether a server outside can be reached from this machine."""

import socket
from urllib.parse import urlsplit

CONNECT_SECONDS = 5
PORTS = {"http": 80, "https": 443}


def obstacle(url: str) -> str | None:
    """Why no connection to the server of an address can be opened; None if it can. Nothing is requested."""
    address = urlsplit(url)
    try:
        port = address.port or PORTS[address.scheme]
        socket.create_connection((address.hostname, port), CONNECT_SECONDS).close()
    except (OSError, ValueError) as error:
        return str(getattr(error, "strerror", None) or error)
    return None
