"""The WSGI application as an ASGI application, for a server that speaks with its clients in an event loop.

A thread is taken when a request has arrived whole, and only while the application works: neither clients that send
slowly nor those that read slowly hold one.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote_to_bytes

from webshop_orders import request_ids
from webshop_orders.logs.requests import HEADER
from webshop_orders.server.request_bodies import Body, BodyLimits, BodyReader, BodyRefused, Receive

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Refusal = Callable[[Scope, HTTPStatus], tuple[str, bytes]]

CHUNK_BYTES = 256 * 1024
SEND_SECONDS = 300  # in which a client has to take a chunk: a phone may be that slow
RETRY_AFTER_SECONDS = 2
logger = logging.getLogger(__name__)


@dataclass
class WsgiResponse:
    """What a WSGI application answers: the start, which it gives by a call, and the chunks of the body."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    chunks: Iterator[bytes] = field(default_factory=lambda: iter(()))
    close: Callable[[], object] = lambda: None

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], object]:
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return _refuse_write

    def read(self) -> tuple[bytes, bool]:
        """The next bytes of the body, some CHUNK_BYTES where there are as many, and whether they are the last."""
        parts, size = [], 0
        for part in self.chunks:
            parts.append(part)
            size += len(part)
            if size >= CHUNK_BYTES:
                return b"".join(parts), False
        return b"".join(parts), True


class WsgiBridge:
    """Calls `application` in one of `threads` threads for each request that `limits` allow.

    `refusal` makes the type and text of the response where they do not.
    """

    def __init__(self, application: WSGIApplication, *, threads: int, limits: BodyLimits, refusal: Refusal) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._reader = BodyReader(limits)
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self._read_body(scope, receive)
        except BodyRefused as refused:
            await self._refuse(scope, send, refused.status)
            return
        with body:
            await self._send(send, *await self._in_thread(self._respond, environ(scope, body)))

    async def _read_body(self, scope: Scope, receive: Receive) -> Body:
        headers = dict(scope["headers"])
        length = headers.get(b"content-length")
        has_body = b"transfer-encoding" in headers or int(length or 0) > 0
        return await self._reader.read(receive, headers) if has_body else Body()

    def _respond(self, environ: WSGIEnvironment) -> tuple[WsgiResponse, bytes, bool]:
        """The start of the response with its first bytes, for most responses all of them."""
        response = WsgiResponse()
        chunks = self._application(environ, response.start)
        response.chunks, response.close = iter(chunks), getattr(chunks, "close", response.close)
        try:
            content, is_last = response.read()
        except BaseException:
            response.close()
            raise
        if is_last:
            response.close()
        return response, content, is_last

    async def _send(self, send: Send, response: WsgiResponse, content: bytes, is_last: bool) -> None:
        """Raises TimeoutError where the client does not read, and what the application raises: both break it off."""
        await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
        if is_last:
            await send({"type": "http.response.body", "body": content})
            return
        try:
            while not is_last:
                await _send_within_limit(send, content)
                content, is_last = await self._in_thread(response.read)
            await send({"type": "http.response.body", "body": content})
        finally:
            await self._in_thread(response.close)

    async def _refuse(self, scope: Scope, send: Send, status: HTTPStatus) -> None:
        """Close the connection, since what is left of the body would be taken for the next request."""
        request_id = request_ids.begin()
        content_type, content = self._refusal(scope, status)
        headers = [(b"content-type", content_type.encode()), (b"connection", b"close")]
        headers.append((HEADER.lower().encode(), request_id.encode()))
        logger.info("request refused by the server", extra={"method": scope["method"], "status": int(status)})
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _in_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


async def _send_within_limit(send: Send, content: bytes) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await send({"type": "http.response.body", "body": content, "more_body": True})


def environ(scope: Scope, body: Body) -> WSGIEnvironment:
    """The WSGI environment of an ASGI request, after PEP 3333; texts in it are bytes read as Latin-1."""
    client, server = scope.get("client") or ("", 0), scope.get("server") or ("", 0)
    variables: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": str(client[0]),
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body.file,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        _add_header(variables, name.decode("latin-1"), value.decode("latin-1"))
    if body.length:
        variables["CONTENT_LENGTH"] = str(body.length)
        variables.pop("HTTP_TRANSFER_ENCODING", None)  # it was decoded
    return variables


def _add_header(variables: WSGIEnvironment, name: str, value: str) -> None:
    """Add a header; one that comes again is appended.

    Names with an underscore are left out, since they would be taken for the name with a hyphen, such as that of a
    header that only proxies may set.
    """
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
    if key in variables:
        value = f"{variables[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
    variables[key] = value


def _refuse_write(data: bytes) -> NoReturn:
    raise NotImplementedError("the write function of WSGI is for applications older than its iterables")
