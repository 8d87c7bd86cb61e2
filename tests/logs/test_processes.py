"""The log of the server as it runs in production: every line of all its processes is one JSON object."""

import json
import os
import signal
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_serve import Served, serving

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

TIMEOUT_SECONDS = 60
# As a proxy that sets the header would send it.
GIVEN = "0123456789abcdef-by-the-proxy"


def log_of(served: Served) -> list[dict[str, Any]]:
    """What a server that was stopped has logged."""
    _out, err = served.process.communicate(timeout=TIMEOUT_SECONDS)
    return [json.loads(line) for line in err.splitlines()]


def wait_until_it_answers(served: Served) -> None:
    until = time.monotonic() + TIMEOUT_SECONDS
    while not served.answers():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_each_request_of_a_server_is_a_line_with_the_id_that_the_proxy_gave(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--no-worker", LOG_FORMAT="json", LOG_LEVEL="info", TRUSTED_PROXIES="1") as served:
        wait_until_it_answers(served)
        request = urllib.request.Request(
            f"http://127.0.0.1:{served.port}/login?q=asa@example.com", headers={"X-Request-Id": GIVEN}
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            assert answer.headers["X-Request-Id"] == GIVEN
        served.process.send_signal(signal.SIGTERM)
        (line,) = log_of(served)
    assert (line["event"], line["route"], line["status"], line["request_id"]) == ("request", "/login", 200, GIVEN)


def test_what_the_server_says_of_its_own_processes_is_a_line_too(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--no-worker", "--workers", "1", LOG_FORMAT="json") as served:
        wait_until_it_answers(served)
        for pid in served.children():
            os.kill(pid, signal.SIGKILL)
        wait_until_it_answers(served)
        served.process.send_signal(signal.SIGTERM)
        lines = log_of(served)
    assert any(line["logger"].startswith("_granian") for line in lines)
