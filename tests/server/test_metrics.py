"""/metrics of a server with several processes: the sums of all of them, and none of those before."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.cli.environment import environ
from tests.cli.test_serve import Served, serving, wait_until
from tests.scaling.machines import Machines
from tests.test_config import STRONG

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

REQUESTS = 24


def samples(served: Served) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def requests(served: Served, route: str, status: str = "200") -> float:
    labels = (("method", "GET"), ("route", route), ("status", status))
    return samples(served).get(("webshop_orders_requests_total", labels), 0)


def test_the_requests_of_all_processes_are_added_up_and_begin_anew_with_the_server(tmp_path: Path) -> None:
    for _start in ("first", "second"):
        with serving(tmp_path, "serve", "--no-worker") as served:
            served.line()
            for _turn in range(REQUESTS):
                assert served.status("/login") == 200
            assert requests(served, "/login") == REQUESTS
            assert served.status("/nowhere/at-all") == 404
            assert requests(served, "none", "404") == 1
            pages = [sample for sample in samples(served) if ("route", "/login") in sample[1]]
            assert any(name.endswith("_bucket") for name, _labels in pages)
            served.stop(signal.SIGTERM)
            log = served.process.communicate()[1]
            assert "ERROR" not in log
            assert "Traceback" not in log


def test_no_request_is_lost_while_many_ask_at_once_and_a_process_dies(tmp_path: Path) -> None:
    """What a process counted stays when it dies, and another takes its place."""
    with serving(tmp_path, "serve", "--workers", "2", "--no-worker") as served:
        served.line()
        with ThreadPoolExecutor(8) as clients:
            assert set(clients.map(served.status, ["/login"] * 80)) == {200}
        assert requests(served, "/login") == 80
        wait_until(lambda: len(served.children()) == 2)
        first = min(served.children())
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: len(served.children() - {first}) == 2 and served.answers())
        assert requests(served, "/login") == 80
        assert [served.status("/login") for _turn in range(20)] == [200] * 20
        assert requests(served, "/login") == 100
        served.stop(signal.SIGTERM)


def test_the_jobs_of_the_worker_are_counted_with_the_requests(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--workers", "1") as served:
        served.line()
        done = ("webshop_orders_job_runs_total", (("job_name", "mails"), ("outcome", "done")))
        wait_until(lambda: samples(served).get(done, 0) > 0)
        before = samples(served)[done]
        served.stop(signal.SIGTERM)
    assert before >= 1
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "instance").rglob("*")} == {0}


def test_under_another_wsgi_server_requests_are_counted_too(tmp_path: Path) -> None:
    program = """
from wsgi import app
client = app.test_client()
client.get("/healthz")
print(client.get("/metrics").text)
"""
    checkout = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=checkout,
        env=environ(INSTANCE=str(tmp_path)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert 'webshop_orders_requests_total{method="GET",route="/healthz",status="503"} 1.0' in done.stdout


@pytest.mark.parametrize("trusted", ["0", "1"])
def test_behind_nginx_only_the_token_opens_them(tmp_path: Path, trusted: str) -> None:
    """With its example's headers, asked for by loopback's name too, and whether or not the proxy is trusted."""
    machines = Machines(tmp_path, TRUSTED_PROXIES=trusted, METRICS_TOKEN=STRONG)
    try:
        machines.start("desk-1")
        machines.start("nginx")
        machines.wait_for(f"http://127.0.0.1:{machines.front}")
        address = f"http://127.0.0.1:{machines.front}/metrics"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(address, timeout=10)
        refused.value.close()
        assert refused.value.code == 401
        asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {STRONG}"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert b"webshop_orders_build_info" in answer.read()
    finally:
        machines.end()
