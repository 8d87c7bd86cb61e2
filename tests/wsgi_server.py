"""A WSGI application that answers on loopback, for browsers and other real clients."""

from collections.abc import Callable, Iterable, Iterator
from threading import Thread
from typing import Any

from werkzeug.serving import make_server


class WsgiServer:
    """Serves an application in threads, from the moment it is made until `stop`."""

    def __init__(self, app: Callable[..., Iterable[bytes]], port: int = 0) -> None:
        self._server = make_server("127.0.0.1", port, closing_responses(app), threaded=True)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self._is_up = True

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        if self._is_up:
            self._is_up = False
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


def closing_responses(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterator[bytes]]:
    """An application whose responses are closed even where the client resets the connection.

    Werkzeug 3.1 reads what is left of the request before it closes a response, and where that read fails it never
    does: a static file then stays open, of which Python warns.
    """

    def respond(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        response = app(environ, start_response)

        def parts() -> Iterator[bytes]:
            try:
                yield from response
            finally:
                close = getattr(response, "close", None)
                if close is not None:
                    close()

        return parts()

    return respond
