"""What is measured beside each other: each system with its database, behind the same server with one process."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from tests.outbox.servers import free_port

SECONDS_TO_START, SECONDS_TO_STOP = 120, 20
TOKEN = re.compile(r'name="(csrf_token|csrfmiddlewaretoken)"[^>]*value="([^"]+)"')


@dataclass
class Answer:
    status: int
    body: bytes
    statements: int
    location: str | None

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Client:
    """One browser with one connection that it keeps, and the process of the server that it asks."""

    port: int
    server: int = 0
    cookies: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self._ask("GET", path, None, headers or {})

    def post(self, path: str, values: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Answer:
        form = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://127.0.0.1:{self.port}/"}
        return self._ask("POST", path, urlencode(values, doseq=True), {**form, **(headers or {})})

    def _ask(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        carried = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Accept-Language": "sv", **({"Cookie": carried} if carried else {}), **headers}
        self.connection.request(method, path, body, sent)
        answer = self.connection.getresponse()
        content = answer.read()
        for given in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: one.value for name, one in SimpleCookie(given).items()}
        statements = int(answer.headers.get("X-Statements", 0))
        return Answer(answer.status, content, statements, answer.headers.get("Location"))


def token(page: str) -> str:
    """The proof of origin in the forms of a page, ours or Django's."""
    found = TOKEN.search(page)
    assert found is not None, page[:2000]
    return found[2]


def resident(client: Client) -> int:
    """The resident sets of a server and of what it started, in kilobytes."""
    of_server = {client.server}
    statuses = [path.read_text() for path in Path("/proc").glob("[0-9]*/status")]
    told = [dict(line.split(":", 1) for line in status.splitlines() if ":" in line) for status in statuses]
    of_server |= {int(one["Pid"]) for one in told if int(one["PPid"]) in of_server}
    return sum(int(one["VmRSS"].split()[0]) for one in told if int(one["Pid"]) in of_server and "VmRSS" in one)


@contextmanager
def serving(target: str, *, python: str = sys.executable, **settings: str) -> Iterator[Client]:
    """A WSGI application behind granian, with one process that answers one request at a time."""
    port = free_port()
    command = [python, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "1"]
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), **settings}
    process = subprocess.Popen([*command, "--log-level", "warning", "--port", str(port), target], env=environment)
    client = Client(port, process.pid)
    try:
        _wait_for(client, process)
        yield client
    finally:
        client.connection.close()
        process.terminate()
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:  # one that was still starting
            process.kill()


def _wait_for(client: Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client.get("/")
            return
        except OSError:
            client.connection.close()
            time.sleep(0.2)
    raise AssertionError(f"nothing answers on port {client.port}")
