"""The server as it runs in production: processes, ports and signals."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.environment import environ
from webshop_orders.server import SHUTDOWN_SECONDS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

TIMEOUT_SECONDS = 30


class Served:
    """A running server command, and the processes that it started."""

    def __init__(self, folder: Path, *words: str, **settings: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "webshop_orders", *words, "--port", str(self.port)],
            cwd=folder,
            # Nobody reads its standard error meanwhile: a line for each of thousands of requests would fill the pipe.
            env=environ(**{"LOG_LEVEL": "warning", **settings}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell starts background jobs with SIGINT ignored, and child processes inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def children(self) -> set[int]:
        return {pid for pid in pids() if parent_of(pid) == self.process.pid}

    def mail_workers(self) -> set[int]:
        return {pid for pid in self.children() if command_of(pid)[-2:] == ["webshop_orders", "worker"]}

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def first_line_to(self, request: bytes) -> bytes:
        """The first line of the answer to these bytes, or b"" if the server closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            try:
                connection.sendall(request + b"Connection: close\r\n\r\n")
                return connection.makefile("rb").readline()
            except (BrokenPipeError, ConnectionResetError):
                return b""

    def answers(self) -> bool:
        try:
            return self.status("/healthz") == 200
        except OSError:
            return False

    def stop(self, number: int) -> None:
        self.process.send_signal(number)
        self.process.wait(TIMEOUT_SECONDS)


@contextmanager
def serving(folder: Path, *words: str, **settings: str) -> Iterator[Served]:
    served = Served(folder, *words, **settings)
    try:
        yield served
    finally:
        children = served.children()
        served.process.kill()
        for pid in children:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        served.process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def parent_of(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def command_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def alive(pid: int) -> bool:
    return parent_of(pid) is not None


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the condition never became true"
        time.sleep(0.05)


def test_ctrl_c_again_and_again_ends_it_no_differently(tmp_path: Path) -> None:
    with serving(tmp_path, "serve") as served:
        wait_until(lambda: served.answers() and served.mail_workers())
        children = served.children()
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while served.process.poll() is None and time.monotonic() < deadline:
            served.process.send_signal(signal.SIGINT)
            time.sleep(0.001)
        assert served.process.returncode == 0
        assert not any(alive(pid) for pid in children)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_with_its_workers_and_ends_them_all(tmp_path: Path, number: int) -> None:
    with serving(tmp_path, "serve") as served:
        assert f"http://127.0.0.1:{served.port}" in served.line()
        wait_until(lambda: len(served.children()) == 3 and served.mail_workers())
        assert served.status("/healthz") == 200
        children = served.children()
        served.stop(number)
        assert served.process.returncode == 0
        wait_until(lambda: not any(alive(pid) for pid in children))
        stdout, stderr = served.process.communicate()
        assert (stdout, stderr) == ("", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_at_once_while_its_workers_are_starting(tmp_path: Path, number: int) -> None:
    with serving(tmp_path, "serve", "--no-worker") as served:
        wait_until(lambda: len(served.children()) == 2)
        children = served.children()
        began = time.monotonic()
        served.stop(number)
        assert time.monotonic() - began < SHUTDOWN_SECONDS / 2
        assert served.process.returncode == 0
        assert not any(alive(pid) for pid in children)
        assert served.process.communicate()[1] == ""


def test_a_mail_worker_that_dies_is_started_again(tmp_path: Path) -> None:
    with serving(tmp_path, "serve") as served:
        served.line()
        wait_until(served.mail_workers)
        (first,) = served.mail_workers()
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: served.mail_workers() - {first})
        (second,) = served.mail_workers()
        served.stop(signal.SIGTERM)
        wait_until(lambda: not alive(second))


def test_a_process_that_answers_and_dies_is_started_again(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--no-worker", "--workers", "1") as served:
        served.line()
        wait_until(lambda: len(served.children()) == 1)
        (first,) = served.children()
        assert served.status("/healthz") == 200
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: served.children() - {first} and served.answers())
        assert not served.mail_workers()
        served.stop(signal.SIGTERM)


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "webshop_orders", "serve", "--port", str(taken.getsockname()[1])],
            cwd=tmp_path,
            env=environ(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("webshop-orders: ")
    assert done.stderr.count("\n") == 1
    assert "--port" in done.stderr


def test_listening_to_others_without_a_name_for_them_is_said_at_the_start(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--host", "0.0.0.0", "--workers", "1", "--no-worker") as served:
        served.line()
        served.process.send_signal(signal.SIGTERM)
        assert "WEBSHOP_ORDERS_BASE_URL" in served.process.communicate(timeout=TIMEOUT_SECONDS)[1]


MALFORMED_REQUESTS = [
    b"GET /login HTTP/1.1\r\nHost: evil.example\r\n",
    b"GET /login HTTP/1.1\r\n",
    b"GET /login HTTP/1.0\r\nHost:\r\n",
    b"GET /login HTTP/1.1\r\nHost: \xff\xfe\r\n",
    b"GET /login HTTP/1.1\r\nHost: localhost@evil.example\r\n",
    b"GET /login HTTP/1.1\r\nHost: " + b"a" * 10_000 + b"\r\n",
    b"GET /login HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\n",
    b"GET http://evil.example/login HTTP/1.1\r\nHost: evil.example\r\n",
    b"GET /login HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 2_000_000 + b"\r\n",
    b"GET /login HTTP/1.1\r\nHost: localhost\r\n" + b"X: x\r\n" * 10_000,
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n",
    b"\0\xff" * 1_000,
]


def test_requests_that_no_browser_sends_are_refused_and_it_answers_on(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--workers", "1", "--no-worker") as served:
        served.line()
        assert served.first_line_to(b"GET /login HTTP/1.1\r\nHost: localhost\r\n").split()[1:2] == [b"200"]
        for request in MALFORMED_REQUESTS:
            answer = served.first_line_to(request)
            assert answer == b"" or answer.split()[1][:1] == b"4", (request[:80], answer)
        assert served.answers()
        served.stop(signal.SIGTERM)


def test_without_migrating_an_empty_database_is_not_healthy(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--no-migrate", "--no-worker") as served:
        served.line()
        assert served.status("/healthz") == 503
        served.stop(signal.SIGTERM)


def test_the_demo_opens_with_a_link_that_signs_in_and_opens_again_at_once(tmp_path: Path) -> None:
    for _time in ("first", "second"):
        with serving(tmp_path, "demo", "--no-browser") as served:
            link = ""
            while "/login/" not in link:
                link = served.line()
                assert served.process.poll() is None
            assert link.startswith(f"http://127.0.0.1:{served.port}/login/")
            assert " " not in link
            browser = Desk(served)
            for _visit in ("at first", "after signing out"):
                assert "Anna Lind" in browser.get(link)
                browser.post("/logout", page="/orders")
                assert "Anna Lind" not in browser.get("/orders")
            served.stop(signal.SIGTERM)
            assert served.process.returncode == 0
    assert [path.name for path in (tmp_path / "instance").glob("*.sqlite3")] == ["demo.sqlite3"]


def test_the_demo_tells_its_password_and_delivers_its_mail_into_its_own_inbox(tmp_path: Path) -> None:
    with serving(tmp_path, "demo", "--no-browser") as served:
        while "/login/" not in (link := served.line()):
            assert served.process.poll() is None
        users, password = served.line().rsplit(" ", 1)
        assert f"http://127.0.0.1:{served.port}/demo-inbox" in served.line()
        for email in ("anna@example.com", "bo@example.com", "lars@example.com", "vera@example.com"):
            assert email in users
            browser = Desk(served)
            browser.post("/login", page="/login", email=email, password=password)
            assert f"{served.port}/login" not in browser.url
        browser.get(link)
        before = len(re.findall('class="message"', browser.get("/demo-inbox")))
        number = re.findall(r"/orders/(WS-[0-9]+)", browser.get("/orders"))[0]
        typed = {"recipient": "ny@example.com", "agreed": "just-sent"}
        browser.post(f"/orders/{number}/confirmation", page=f"/orders/{number}", **typed)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while "ny@example.com" not in browser.get("/demo-inbox") and time.monotonic() < deadline:
            time.sleep(0.2)
        mail_id = re.findall(r'href="/demo-inbox/([0-9]+)"', browser.get("/demo-inbox"))[0]
        assert before > 20
        assert "ny@example.com" in browser.get(f"/demo-inbox/{mail_id}")
        assert number in browser.get(f"/demo-inbox/{mail_id}/body")
        served.stop(signal.SIGTERM)
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "instance").rglob("*")} == {0}


class Desk:
    """A browser without JavaScript at a running server."""

    def __init__(self, served: Served) -> None:
        self._base = f"http://127.0.0.1:{served.port}"
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self._opener.addheaders = [("Accept-Language", "sv")]
        self.url = ""

    def get(self, path: str, data: bytes | None = None) -> str:
        with self._opener.open(urllib.parse.urljoin(self._base, path), data, timeout=TIMEOUT_SECONDS) as answer:
            self.url = answer.url
            return str(answer.read().decode())

    def post(self, path: str, *, page: str, **typed: str) -> str:
        """Send a form of a page; its version and key are those of the first form that has them."""
        hidden = dict(reversed(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.get(page))))
        return self.get(path, urllib.parse.urlencode({**hidden, **typed}).encode())
