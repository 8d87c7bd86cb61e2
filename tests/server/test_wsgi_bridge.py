"""The WSGI application behind a server that speaks with its clients in an event loop."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest

from webshop_orders.server import wsgi_bridge
from webshop_orders.server.request_bodies import BodyLimits
from webshop_orders.server.wsgi_bridge import CHUNK_BYTES, WsgiBridge

LIMITS = BodyLimits(max_bytes=1_000, max_dropped_bytes=5_000, grace_seconds=0.1, min_bytes_per_second=10_000)
Message = dict[str, Any]


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Length", environ.get("CONTENT_LENGTH", "none"))])
    return [environ["wsgi.input"].read()]


def scope(*headers: tuple[bytes, bytes], path: bytes = b"/", **changes: Any) -> Message:
    return {
        "type": "http",
        "method": "POST",
        "http_version": "1.1",
        "scheme": "http",
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": b"",
        "headers": list(headers),
        "client": ("192.0.2.7", "5000"),
        "server": ("127.0.0.1", "8000"),
        **changes,
    }


def length(number: int) -> tuple[bytes, bytes]:
    return (b"content-length", str(number).encode())


CHUNKED = (b"transfer-encoding", b"chunked")


def part(content: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": content, "more_body": more}


def exchange(
    app: Callable[..., Any], request: Message, *messages: Message, limits: BodyLimits = LIMITS
) -> tuple[int, dict[bytes, bytes], bytes]:
    """The status, headers and body of the response; a client that sends no more messages stays connected."""
    sent: list[Message] = []

    async def run() -> None:
        remaining = iter(messages)

        async def receive() -> Message:
            for message in remaining:
                return message
            await asyncio.sleep(60)
            raise AssertionError("the bridge waits without a limit")

        async def send(message: Any) -> None:
            sent.append(message)

        bridge = WsgiBridge(app, threads=1, limits=limits, refusal=lambda scope, status: ("text/plain", b"refused"))
        await bridge(request, receive, send)

    asyncio.run(run())
    start, *bodies = sent
    assert not bodies[-1].get("more_body")
    return start["status"], dict(start["headers"]), b"".join(body["body"] for body in bodies)


def test_a_body_in_parts_reaches_the_application_whole() -> None:
    parts = [part(b"one ", more=True), part(b"two", more=False)]
    assert exchange(echo, scope(length(7)), *parts)[2] == b"one two"


def test_a_chunked_body_has_the_length_that_arrived() -> None:
    status, headers, content = exchange(echo, scope(CHUNKED), part(b"abc", more=True), part(b"", more=False))
    assert (status, headers[b"x-length"], content) == (200, b"3", b"abc")


def test_a_request_without_a_body_waits_for_nothing() -> None:
    assert exchange(echo, scope())[0] == 200
    assert exchange(echo, scope(length(0)))[0] == 200


@pytest.mark.parametrize("header", [length(100), CHUNKED])
def test_a_body_that_ends_early_is_refused(header: tuple[bytes, bytes]) -> None:
    called = threading.Event()
    gone: Message = {"type": "http.disconnect"}
    status, headers, _content = exchange(lambda *_: called.set(), scope(header), part(b"abc", more=True), gone)
    assert (status, headers[b"connection"]) == (HTTPStatus.BAD_REQUEST, b"close")
    assert not called.is_set()


@pytest.mark.parametrize("header", [length(100), CHUNKED])
def test_a_body_that_does_not_arrive_in_time_is_refused(header: tuple[bytes, bytes]) -> None:
    status, headers, _content = exchange(echo, scope(header), part(b"abc", more=True))
    assert (status, headers[b"connection"]) == (HTTPStatus.REQUEST_TIMEOUT, b"close")


def test_a_body_may_take_longer_where_more_of_it_arrives() -> None:
    limits = replace(LIMITS, grace_seconds=0.1, min_bytes_per_second=1_000)

    async def parts() -> AsyncIterator[Message]:
        for number in range(4):
            await asyncio.sleep(0.09)
            yield part(b"x" * 200, more=number < 3)

    async def run() -> list[Message]:
        source, sent = parts(), []

        async def send(message: Any) -> None:
            sent.append(message)

        bridge = WsgiBridge(echo, threads=1, limits=limits, refusal=lambda *_: ("text/plain", b""))
        await bridge(scope(length(800)), source.__anext__, send)
        return sent

    assert asyncio.run(run())[0]["status"] == 200


def test_a_body_that_is_too_long_is_read_and_left_to_the_application_to_refuse() -> None:
    def refuse(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("413 Content Too Large", [("X-Length", environ["CONTENT_LENGTH"])])
        return [b""]

    parts = [part(b"x" * 2_000, more=True), part(b"x" * 1_000, more=False)]
    for header in (length(3_000), CHUNKED):
        status, headers, _content = exchange(refuse, scope(header), *parts)
        assert (status, headers[b"x-length"]) == (413, b"3000")
        assert b"connection" not in headers


def test_a_client_that_waits_for_leave_sends_nothing_that_is_too_long() -> None:
    status, headers, content = exchange(echo, scope(length(3_000), (b"expect", b"100-continue")))
    assert (status, headers[b"x-length"], content) == (200, b"3000", b"")


@pytest.mark.parametrize("header", [length(9_000), CHUNKED])
def test_a_body_without_end_is_cut_off(header: tuple[bytes, bytes]) -> None:
    parts = [part(b"x" * 2_000, more=True)] * 9
    assert exchange(echo, scope(header), *parts)[0] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_more_bodies_at_once_than_allowed_are_refused_with_a_time_to_come_again() -> None:
    status, headers, _content = exchange(echo, scope(length(3)), limits=replace(LIMITS, max_bodies=0))
    assert (status, headers[b"retry-after"]) == (HTTPStatus.SERVICE_UNAVAILABLE, b"2")


def test_bodies_that_were_read_or_refused_make_room_for_others() -> None:
    async def run() -> list[int]:
        statuses = []

        async def send(message: Any) -> None:
            statuses.extend([message["status"]] if "status" in message else [])

        limits = replace(LIMITS, max_bodies=1)
        bridge = WsgiBridge(echo, threads=1, limits=limits, refusal=lambda *_: ("text/plain", b""))
        for message in (part(b"abc", more=False), {"type": "http.disconnect"}, part(b"abc", more=False)):

            async def receive(message: Message = message) -> Message:
                return message

            await bridge(scope(length(3)), receive, send)
        return statuses

    assert asyncio.run(run()) == [200, 400, 200]


def test_slow_bodies_hold_no_thread() -> None:
    async def run() -> int:
        statuses = []

        async def never() -> Message:
            await asyncio.sleep(60)
            raise AssertionError("cancelled before")

        async def send(message: Any) -> None:
            statuses.extend([message["status"]] if "status" in message else [])

        limits = replace(LIMITS, grace_seconds=30)
        bridge = WsgiBridge(echo, threads=1, limits=limits, refusal=lambda *_: ("text/plain", b""))
        slow = [asyncio.create_task(bridge(scope(length(3)), never, send)) for _number in range(200)]
        await asyncio.wait_for(bridge(scope(), never, send), 10)
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        return statuses[0]

    assert asyncio.run(run()) == 200


class Streamed:
    """A long response; whether it was closed."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks = chunks
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks

    def close(self) -> None:
        self.closed = True


def streaming(chunks: Iterator[bytes]) -> tuple[Callable[..., Any], Streamed]:
    streamed = Streamed(chunks)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Streamed:
        start_response("200 OK", [])
        return streamed

    return app, streamed


def test_a_long_response_is_sent_in_parts_and_closed() -> None:
    app, streamed = streaming(iter([b"x" * CHUNK_BYTES, b"y" * CHUNK_BYTES, b"z"]))
    assert len(exchange(app, scope())[2]) == 2 * CHUNK_BYTES + 1
    assert streamed.closed


def test_a_response_that_fails_half_way_is_broken_off() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x" * CHUNK_BYTES
        raise RuntimeError("the second part")

    app, streamed = streaming(chunks())
    with pytest.raises(RuntimeError, match="the second part"):
        exchange(app, scope())
    assert streamed.closed


def test_slow_readers_hold_no_thread_and_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wsgi_bridge, "SEND_SECONDS", 1)
    app, streamed = streaming(iter([b"x" * CHUNK_BYTES] * 3))

    def either(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        return (app if environ["PATH_INFO"] == "/long" else echo)(environ, start_response)

    async def run() -> None:
        async def receive() -> Message:
            raise AssertionError("there is no body")

        async def send(message: Message) -> None:
            if message.get("more_body"):
                await asyncio.sleep(60)

        bridge = WsgiBridge(either, threads=1, limits=LIMITS, refusal=lambda *_: ("text/plain", b""))
        slow = asyncio.create_task(bridge(scope(path=b"/long"), receive, send))
        await asyncio.sleep(0.1)
        await asyncio.wait_for(bridge(scope(), receive, send), 0.5)
        assert not slow.done()
        with pytest.raises(TimeoutError):
            await slow

    asyncio.run(run())
    assert streamed.closed


def environ_of(request: Message) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        seen.update(environ)
        return echo(environ, start_response)

    exchange(app, request)
    return seen


def test_paths_and_headers_arrive_as_their_bytes() -> None:
    environ = environ_of(scope((b"x-name", "Åsa".encode()), path=b"/a%20b%C3%A5%2F", query_string=b"q=%C3%A5"))
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/a bå/"
    assert environ["QUERY_STRING"] == "q=%C3%A5"
    assert environ["HTTP_X_NAME"].encode("latin-1").decode() == "Åsa"
    assert (environ["REMOTE_ADDR"], environ["SERVER_PORT"]) == ("192.0.2.7", "8000")


def test_headers_that_come_twice_are_joined() -> None:
    headers = [(b"host", b"one"), (b"host", b"two"), (b"cookie", b"a=1"), (b"cookie", b"b=2")]
    environ = environ_of(scope(*headers))
    assert (environ["HTTP_HOST"], environ["HTTP_COOKIE"]) == ("one,two", "a=1; b=2")


def test_a_header_with_an_underscore_is_not_taken_for_another() -> None:
    environ = environ_of(scope((b"x_forwarded_for", b"10.0.0.1"), (b"content_length", b"5")))
    assert "HTTP_X_FORWARDED_FOR" not in environ
    assert "CONTENT_LENGTH" not in environ
