"""examples/monitoring and docs/monitoring.md name what /metrics really has, and Prometheus itself takes all of it."""

import json
import re
import shutil
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.cli.test_serve import Served, free_port, serving, wait_until
from tests.test_config import STRONG
from tests.tools import required

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

CHECKOUT = Path(__file__).parents[2]
EXAMPLES = CHECKOUT / "examples/monitoring"
DOCUMENT = (CHECKOUT / "docs/monitoring.md").read_text()
RULES = (EXAMPLES / "rules.yml").read_text()
DASHBOARD: dict[str, Any] = json.loads((EXAMPLES / "dashboard.json").read_text())
NAME = re.compile(r"\bwebshop_orders_[a-z0-9_]+")
# A metric with the labels that are asked for, and those of a grouping.
MATCHERS = re.compile(r"(webshop_orders_[a-z0-9_]+)\{([^}]*)\}")
MATCHER = re.compile(r'(\w+)(=~?)"([^"]*)"')
GROUPING = re.compile(r"\b(?:by|without) \(([^)]*)\)")
OF_PROMETHEUS = {"instance", "job"}  # labels that it adds


def tool(name: str) -> str:
    return required(name, "prometheus")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with its worker, which has answered some requests."""
    folder = tmp_path_factory.mktemp("served")
    settings = {"METRICS_TOKEN": STRONG, "TRUSTED_HOSTS": "desk.example.com"}
    with serving(folder, "serve", "--workers", "1", **settings) as server:
        server.line()
        for path in ("/login", "/orders", "/nowhere"):
            server.status(path)
        wait_until(lambda: 'webshop_orders_job_runs_total{job_name="ping"' in text_of(server))
        yield server
        server.stop(signal.SIGTERM)


def text_of(server: Served) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


@pytest.fixture(scope="module")
def samples(served: Served) -> dict[str, list[dict[str, str]]]:
    """The labels of each sample, by its name."""
    found: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(text_of(served)):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.labels)
    return found


def expressions() -> list[str]:
    """What the panels of the dashboard ask, with its variables filled in."""
    asked = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]
    return [expr.replace("$instance", ".*").replace("$__rate_interval", "1m") for expr in asked]


@pytest.mark.parametrize("text", [RULES, *expressions()], ids=lambda text: text[:40])
def test_each_metric_and_label_that_is_asked_for_exists(text: str, samples: dict[str, list[dict[str, str]]]) -> None:
    names = set(NAME.findall(text))
    assert names
    assert names <= set(samples)
    known = OF_PROMETHEUS.union(*(labels for name in names for labels in samples[name]))
    for grouping in GROUPING.findall(text):
        assert set(grouping.replace(" ", "").split(",")) <= known
    for name, matchers in MATCHERS.findall(text):
        for label, operator, value in MATCHER.findall(matchers):
            assert label in known, (name, label)
            if operator == "=" and label not in {"instance", "job"}:
                assert any(labels.get(label) == value for labels in samples[name]), (name, label, value)


def test_the_document_has_each_metric_with_its_labels(samples: dict[str, list[dict[str, str]]]) -> None:
    rows = re.findall(r"^\| `(webshop_orders_[a-z_]+)` \| ([^|]*)\|", DOCUMENT, re.MULTILINE)
    documented = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    exported: dict[str, set[str]] = {}
    for name, all_labels in samples.items():
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        exported.setdefault(base, set()).update(*(set(labels) - {"le"} for labels in all_labels))
    assert len(documented) == len(rows)
    assert documented == exported


def test_the_dashboard_shows_each_metric(samples: dict[str, list[dict[str, str]]]) -> None:
    shown = {name.removesuffix("_bucket") for expr in expressions() for name in NAME.findall(expr)}
    exported = {re.sub(r"_(bucket|sum|count)$", "", name) for name in samples}
    assert exported - shown == {"webshop_orders_processes_last_seen_timestamp_seconds"}  # rules have it


def test_the_panels_of_the_dashboard_lie_side_by_side_and_say_what_they_show() -> None:
    panels = DASHBOARD["panels"]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (column, line)
            for column in range(place["x"], place["x"] + place["w"])
            for line in range(place["y"], place["y"] + place["h"])
        }
        assert max(column for column, _line in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells
        assert panel["title"]
        assert panel["type"] == "row" or panel["description"].endswith(".")
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_prometheus_finds_nothing_wrong_with_how_it_is_exported(served: Served) -> None:
    promtool = tool("promtool")
    done = subprocess.run(
        [promtool, "check", "metrics"], input=text_of(served), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_rules_alarm_at_what_they_are_for(tmp_path: Path) -> None:
    promtool = tool("promtool")
    shutil.copy(EXAMPLES / "rules.yml", tmp_path)
    cases = (CHECKOUT / "tests/examples/alerts.test.yml").read_text()
    (tmp_path / "alerts.test.yml").write_text(cases)
    run(promtool, "check", "rules", "--lint-fatal", "rules.yml", folder=tmp_path)
    run(promtool, "test", "rules", "alerts.test.yml", folder=tmp_path)
    alerts = re.findall(r"- alert: (\w+)", RULES)
    assert len(alerts) == 13
    for alert in alerts:
        assert re.search(rf"alertname: {alert}\n\s+exp_alerts:", cases), alert


def run(*command: str, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class Prometheus:
    """A Prometheus of our own that reads a server, with the rules and by the configuration of the example."""

    def __init__(self, folder: Path, server: Served) -> None:
        text = (EXAMPLES / "prometheus.yml").read_text().replace("15s", "1s")
        text = re.sub(r"targets: \[.*\]", f'targets: ["127.0.0.1:{server.port}"]', text)
        (folder / "prometheus.yml").write_text(text)
        (folder / "webshop-orders.token").write_text(STRONG)
        shutil.copy(EXAMPLES / "rules.yml", folder)
        run(tool("promtool"), "check", "config", "prometheus.yml", folder=folder)
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = subprocess.Popen(
            [
                tool("prometheus"),
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=data",
                "--log.level=error",
                f"--web.listen-address={self.url.removeprefix('http://')}",
            ],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def get(self, path: str, **parameters: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}") as answer:
            return json.load(answer)["data"]

    def values(self, expr: str) -> list[float]:
        return [float(each["value"][1]) for each in self.get("query", query=expr)["result"]]

    def has_read(self) -> bool:
        try:
            return len(self.values("webshop_orders_build_info")) == 1
        except OSError:
            return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def prometheus(served: Served, tmp_path: Path) -> Iterator[Prometheus]:
    tool("prometheus")
    running = Prometheus(tmp_path, served)
    try:
        yield running
    finally:
        running.stop()


def test_prometheus_reads_the_order_desk_and_evaluates_the_dashboard_and_the_rules(prometheus: Prometheus) -> None:
    wait_until(prometheus.has_read)
    wait_until(lambda: prometheus.values("rate(webshop_orders_requests_total[1m])"))  # of two readings at least
    assert prometheus.values("up") == [1]
    assert prometheus.values("max(webshop_orders_database_up)") == [1]
    empty = [expr for expr in expressions() if not prometheus.values(expr)]
    # Nothing is in the inbox, no backup was made, and a new shop is asked for nothing.
    assert [expr for expr in empty if "inbox" not in expr and "backup" not in expr] == []
    rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
    assert len(rules) == 13
    assert {(rule["name"], rule["health"], rule.get("lastError")) for rule in rules} == {
        (rule["name"], "ok", None) for rule in rules
    }
    assert {rule["name"] for rule in rules if rule["state"] == "firing"} <= {"OrderDeskWorkerGone"}
