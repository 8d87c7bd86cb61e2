"""Reading the body of a request whole, within limits of size, time and number, before any thread works on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Any, Self

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

MAX_MEMORY = 64 * 1024  # bytes of each body; more of it goes to a temporary file


@dataclass(frozen=True)
class BodyLimits:
    """How much of a body is read, how long that may take, and how many are read at once."""

    max_bytes: int  # what is longer is read to its end and dropped, so that the client gets the application's refusal
    max_dropped_bytes: int = 32 * 1024 * 1024  # beyond this, it comes before the end: browsers do not show it
    grace_seconds: float = 20  # for any body, beside the time that its bytes may take
    min_bytes_per_second: float = 2_000
    max_bodies: int = 1_000


class BodyRefused(Exception):
    """A body that is not handed to the application, with the status of the response."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class Body:
    """A body that has arrived: `length` is what the client sent, which `file` holds unless it was too long."""

    def __init__(self) -> None:
        self.file: IO[bytes] = SpooledTemporaryFile(MAX_MEMORY)  # noqa: SIM115 - closed with the body
        self.length = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.file.close()

    def add(self, chunk: bytes, limits: BodyLimits) -> None:
        """Raises BodyRefused where the body is too long even to be dropped."""
        self.length += len(chunk)
        if self.length > limits.max_dropped_bytes:
            raise BodyRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if self.length <= limits.max_bytes:
            self.file.write(chunk)


class BodyReader:
    """Reads bodies in the event loop, where a slow client costs a connection and a little memory, but no thread."""

    def __init__(self, limits: BodyLimits) -> None:
        self._limits = limits
        self._count = 0

    async def read(self, receive: Receive, headers: Mapping[bytes, bytes]) -> Body:
        """The whole body; without a declared length, until the client ends it. Raises BodyRefused."""
        declared_length = int(headers.get(b"content-length", 0))
        if self._count >= self._limits.max_bodies:
            raise BodyRefused(HTTPStatus.SERVICE_UNAVAILABLE)
        if declared_length > self._limits.max_dropped_bytes:
            raise BodyRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if declared_length > self._limits.max_bytes and b"expect" in headers:
            return Body()  # the client waits for the application's refusal before it sends anything
        body = Body()
        self._count += 1
        try:
            await self._receive_all(receive, body)
        except BaseException:
            body.file.close()
            raise
        finally:
            self._count -= 1
        body.file.seek(0)
        return body

    async def _receive_all(self, receive: Receive, body: Body) -> None:
        began = asyncio.get_running_loop().time()
        has_more = True
        while has_more:
            may_take = self._limits.grace_seconds + body.length / self._limits.min_bytes_per_second
            try:
                async with asyncio.timeout_at(began + may_take):
                    message = await receive()
            except TimeoutError:
                raise BodyRefused(HTTPStatus.REQUEST_TIMEOUT) from None
            if message["type"] != "http.request":  # the client is gone, or sent less than it declared
                raise BodyRefused(HTTPStatus.BAD_REQUEST)
            body.add(message.get("body") or b"", self._limits)
            has_more = message.get("more_body", False)
