"""The systems under comparison, each with its database, behind the same server with one process."""

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

STARTUP_SECONDS, SHUTDOWN_SECONDS = 120, 20
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
    """A browser with one persistent connection, and the process id of its server."""

    port: int
    server: int = 0
    cookies: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self._send("GET", path, None, headers or {})

    def post(self, path: str, values: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Answer:
        form = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://127.0.0.1:{self.port}/"}
        return self._send("POST", path, urlencode(values, doseq=True), {**form, **(headers or {})})

    def _send(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        all_headers = {"Accept-Language": "sv", **({"Cookie": cookies} if cookies else {}), **headers}
        self.connection.request(method, path, body, all_headers)
        answer = self.connection.getresponse()
        content = answer.read()
        for header in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        statements = int(answer.headers.get("X-Statements", 0))
        return Answer(answer.status, content, statements, answer.headers.get("Location"))


def token(page: str) -> str:
    """The CSRF token in the forms of a page, ours or Django's."""
    match = TOKEN.search(page)
    assert match is not None, page[:2000]
    return match[2]


def resident(client: Client) -> int:
    """The resident set size of a server and its child processes, in kilobytes."""
    pids = {client.server}
    statuses = [path.read_text() for path in Path("/proc").glob("[0-9]*/status")]
    processes = [dict(line.split(":", 1) for line in status.splitlines() if ":" in line) for status in statuses]
    pids |= {int(process["Pid"]) for process in processes if int(process["PPid"]) in pids}
    return sum(
        int(process["VmRSS"].split()[0]) for process in processes if int(process["Pid"]) in pids and "VmRSS" in process
    )


@contextmanager
def serving(
    target: str, *, python: str = sys.executable, folder: Path | None = None, **settings: str
) -> Iterator[Client]:
    """A WSGI application of a checkout behind Granian, with one process that handles one request at a time."""
    checkout = folder or Path.cwd()
    port = free_port()
    command = [python, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "1"]
    command += ["--log-level", "warning", "--port", str(port), target]
    process = subprocess.Popen(command, cwd=checkout, env={**os.environ, "PYTHONPATH": str(checkout), **settings})
    client = Client(port, process.pid)
    try:
        _wait_for(client, process)
        yield client
    finally:
        client.connection.close()
        process.terminate()
        try:
            process.wait(SHUTDOWN_SECONDS)
        except subprocess.TimeoutExpired:  # it was still starting
            process.kill()


def _wait_for(client: Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client.get("/")
            return
        except OSError:
            client.connection.close()
            time.sleep(0.2)
    raise AssertionError(f"nothing answers on port {client.port}")
