"""Webhook receivers on loopback that answer as configured."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook as Reader


@dataclass
class Heard:
    """A request as it was received."""

    path: str
    headers: dict[str, str]
    body: bytes

    def read(self, secret: str) -> Any:
        """The payload, after the standard's own library has verified the signature."""
        return Reader(secret).verify(self.body, self.headers)


class Listener:
    """A receiver: the requests it got, and `answer`, which returns a status for each request or raises to hang up."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answer: Callable[[Heard], int] = lambda heard: 204
        self.headers: dict[str, str] = {}
        self.text = b""
        self.url = ""

    def types(self, secret: str) -> list[str]:
        return [heard.read(secret)["type"] for heard in self.heard]


@contextmanager
def listening(listener: Listener, host: str = "127.0.0.1") -> Iterator[Listener]:
    """A real HTTP server that passes its requests to `listener`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard = Heard(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            try:
                status = listener.answer(heard)
            except ConnectionError:
                self.close_connection = True
                return
            listener.heard.append(heard)
            self.send_response(status)
            for name, value in listener.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(listener.text)))
            self.end_headers()
            self.wfile.write(listener.text)

        def log_message(self, *_ignored: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

    server = Server((host, 0), Handler)
    shown = f"[{host}]" if ":" in host else host
    listener.url = f"http://{shown}:{server.server_address[1]}/hooks?from=ws"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
