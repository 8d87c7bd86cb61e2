"""The server that tests give to browsers."""

import socket
import struct
import time
from collections.abc import Iterator

from tests.wsgi_server import WsgiServer

RESET_WHEN_CLOSED = struct.pack("ii", 1, 0)


class Response:
    def __init__(self) -> None:
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield b"x" * 1000

    def close(self) -> None:
        self.is_closed = True


def test_a_response_is_closed_whenever_the_client_resets_the_connection() -> None:
    responses = []

    def respond(environ: object, start_response: object) -> Response:
        start_response("200 OK", [("Content-Length", "1000")])  # type: ignore[operator]
        responses.append(Response())
        return responses[-1]

    server = WsgiServer(respond)
    for wait in range(40):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_WHEN_CLOSED)
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            time.sleep(wait % 8 / 1000)
    server.stop()

    assert responses
    assert all(response.is_closed for response in responses)
