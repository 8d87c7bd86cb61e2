"""The units of examples/systemd, as systemd reads them, and what they start."""

import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.environment import environ
from tests.outbox.servers import free_port
from tests.tools import required
from webshop_orders.config import ENV_PREFIX, VARIABLES, ConfigError, from_environment

UNITS = Path(__file__).parents[2] / "examples" / "systemd"
NAMES = ["webshop-orders-web@.service", "webshop-orders-worker@.service"]
INSTALLED = "/opt/webshop-orders/bin/webshop-orders"
MAX_EXPOSURE = 3.0


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    program = required("systemd-analyze", "systemd")
    return subprocess.run([program, *words], capture_output=True, text=True, check=False)


def exposure(unit: Path) -> float:
    """How much of the machine a unit leaves open, from 0 to 10, as systemd weighs it."""
    said = analyze("security", "--offline=true", "--no-pager", str(unit)).stdout
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found is not None, said
    return float(found[1])


def values(unit: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", (UNITS / unit).read_text(), re.MULTILINE)


def settings_of(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


@contextmanager
def started(unit: str, instance: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """What a unit starts, with its environment, in a folder that is the state of the machine."""
    program, *words = shlex.split(values(unit, "ExecStart")[0].replace("%i", instance))
    assert program == INSTALLED
    set_by_unit = dict(value.split("=", 1) for value in values(unit, "Environment"))
    variables = environ() | {name: value.replace("%S", str(folder)) for name, value in set_by_unit.items()}
    command = [sys.executable, "-m", "webshop_orders", *words]
    process = subprocess.Popen(command, cwd=folder, env=variables, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.mark.parametrize("name", NAMES)
def test_systemd_finds_nothing_to_complain_about(name: str, tmp_path: Path) -> None:
    program = shutil.which("true")
    unit = tmp_path / name
    unit.write_text((UNITS / name).read_text().replace(INSTALLED, str(program)))

    said = analyze("verify", "--man=no", str(unit))

    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_systemd_would_complain_about_a_setting_that_it_does_not_know(tmp_path: Path) -> None:
    unit = tmp_path / "wrong.service"
    unit.write_text("[Service]\nExecStart=/bin/true\nProtectHomes=yes\n")

    assert "ProtectHomes" in analyze("verify", "--man=no", str(unit)).stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_unit_leaves_little_of_the_machine_open(name: str) -> None:
    assert exposure(UNITS / name) < MAX_EXPOSURE


def test_a_unit_that_keeps_nothing_to_itself_would_be_found(tmp_path: Path) -> None:
    unit = tmp_path / "open.service"
    unit.write_text("[Service]\nExecStart=/bin/true\n")

    assert exposure(unit) > MAX_EXPOSURE


def test_both_units_keep_the_same_to_themselves() -> None:
    kept = [(UNITS / name).read_text().split("UMask=")[1].split("[Install]")[0] for name in NAMES]

    assert kept[0] == kept[1]


def test_what_the_units_start_serves_and_works(tmp_path: Path) -> None:
    (tmp_path / "webshop-orders").mkdir()
    port = free_port()

    with started(NAMES[0], str(port), tmp_path) as web:
        deadline = time.monotonic() + 60
        while not answers(port):
            assert web.poll() is None, web.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        with started(NAMES[1], "1", tmp_path) as worker, pytest.raises(subprocess.TimeoutExpired):
            worker.wait(3)  # it has something to wait for: the server has migrated the database
        assert worker.returncode == 0
    assert web.returncode == 0
    assert (tmp_path / "webshop-orders" / "webshop-orders.sqlite3").exists()


def test_the_example_names_settings_that_exist() -> None:
    names = {name.removeprefix(ENV_PREFIX) for name in settings_of((UNITS / "settings").read_text())}

    assert len(names) > 10
    assert names <= VARIABLES


def test_the_example_works_once_it_has_a_key(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    given = settings_of((UNITS / "settings").read_text())
    folder = {f"{ENV_PREFIX}INSTANCE": str(tmp_path)}

    config = from_environment(given | folder | {f"{ENV_PREFIX}SECRET_KEY": "kR7vQ2mX9pL4tZ8wB1nY6cD3fG5hJ0sA-eU"})

    assert config["BASE_URL"] == "https://desk.example.com"
    assert not (tmp_path / "secret_key").exists()
    with pytest.raises(ConfigError):
        from_environment(given | folder | {f"{ENV_PREFIX}SECRET_KEY": "change-me"})


def test_the_command_is_a_script_that_a_shell_can_read() -> None:
    command = UNITS / "webshop-orders"

    assert command.stat().st_mode & 0o111 == 0o111
    subprocess.run(["sh", "-n", str(command)], check=True)
    assert INSTALLED in command.read_text()
