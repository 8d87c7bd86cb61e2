"""What is sent to Sentry of an unexpected error, as a server on loopback receives it."""

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.cli.environment import environ
from webshop_orders.config import ConfigError, from_environment

# A process of its own: the library stays in the process that has initialised it.
PROGRAM = """
import logging, sys, sentry_sdk
from webshop_orders import cli

email, token = sys.argv[1:]
app = cli.load_app()

def fail(**values):
    typed = email
    raise ValueError(typed + " has no order")

app.view_functions["health.healthz"] = fail
headers = {"Authorization": "Bearer " + token, "Cookie": "webshop_orders=" + token}
answer = app.test_client().get("/healthz", query_string={"q": email}, headers=headers)
print(answer.status_code, answer.headers["X-Request-Id"])
logging.getLogger("webshop_orders.x").error("not known: %s", email)
sentry_sdk.flush(10)
"""
EMAIL, TOKEN = "asa@example.com", "secret-token"


class Ingest:
    """What a server of Sentry's was sent: the items of its envelopes."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.port = 0

    @property
    def dsn(self) -> str:
        return f"http://public-key@127.0.0.1:{self.port}/1"

    @property
    def events(self) -> list[dict[str, Any]]:
        """https://develop.sentry.dev/sdk/data-model/envelopes/"""
        lines = [json.loads(line) for envelope in self.received for line in envelope.splitlines()]
        return [line for line in lines if "exception" in line or "message" in line or "logentry" in line]


@pytest.fixture
def ingest() -> Iterator[Ingest]:
    received = Ingest()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.received.append(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield received
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_unexpected_error_is_sent_once_and_without_personal_data(ingest: Ingest, tmp_path: Path) -> None:
    variables = environ(INSTANCE=str(tmp_path), SENTRY_DSN=ingest.dsn)
    command = [sys.executable, "-c", PROGRAM, EMAIL, TOKEN]
    done = subprocess.run(command, env=variables, check=True, capture_output=True, text=True, timeout=120)
    status, request_id = done.stdout.split()
    assert status == "500"
    (event,) = ingest.events
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("ValueError", "")
    assert error["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["tags"] == {"request_id": request_id, "method": "GET", "route": "/healthz"}
    assert "request" not in event
    everything = b"".join(ingest.received).decode() + done.stderr
    assert EMAIL not in everything
    assert TOKEN not in everything
    assert done.stderr.count("ValueError") == 2  # the line, and the end of its traceback


def test_without_an_address_nothing_is_imported(tmp_path: Path) -> None:
    program = "import sys; from webshop_orders import cli; cli.load_app(); sys.exit('sentry_sdk' in sys.modules)"
    variables = environ(INSTANCE=str(tmp_path))
    assert subprocess.run([sys.executable, "-c", program], env=variables, check=False).returncode == 0


@pytest.mark.parametrize(
    "dsn", ["errors.example.com", "https://errors.example.com/1", "https://key@errors.example.com", "key@example.com/1"]
)
def test_what_is_no_address_of_a_project_is_refused(tmp_path: Path, dsn: str) -> None:
    with pytest.raises(ConfigError, match="WEBSHOP_ORDERS_SENTRY_DSN must be an address such as"):
        from_environment(environ(INSTANCE=str(tmp_path), SENTRY_DSN=dsn))


def test_without_the_extra_the_setting_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"needs the extra webshop-orders\[sentry\]"):
        from_environment(environ(INSTANCE=str(tmp_path), SENTRY_DSN="https://key@errors.example.com/1"))
