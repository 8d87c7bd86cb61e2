"""The files in which processes count: whose are removed at a start, and what a full disk does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from webshop_orders.metrics import process_files
from webshop_orders.metrics.process_files import FOLDER_VARIABLE, FORGET_SECONDS, MACHINE

LONG_AGO = FORGET_SECONDS + 60


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the environment and what the module keeps as they were."""
    monkeypatch.setenv(FOLDER_VARIABLE, "")
    monkeypatch.setattr(process_files, "_bytes", process_files.BYTES_OF_SERVER)
    monkeypatch.setattr(process_files, "_prepared_for", None)


@pytest.fixture
def dead() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def file_of(folder: Path, process: int, machine: str = MACHINE, *, age: float = 0) -> Path:
    path = folder / "metrics" / f"counter_{machine}-{process}.db"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"")
    at = path.stat().st_mtime - age
    os.utime(path, (at, at))
    return path


def test_a_server_that_starts_removes_what_ended_processes_counted(tmp_path: Path, dead: int) -> None:
    ended, own, running = (file_of(tmp_path, process) for process in (dead, os.getpid(), os.getppid()))
    process_files.use(tmp_path)
    assert not ended.exists()
    assert not own.exists()
    assert running.exists()


def test_a_worker_that_starts_leaves_the_sums_of_the_server_as_they_are(tmp_path: Path, dead: int) -> None:
    recent = file_of(tmp_path, dead)
    process_files.use(tmp_path, in_worker=True)
    assert recent.exists()
    old = file_of(tmp_path, dead, age=LONG_AGO)
    process_files.use(tmp_path, in_worker=True)
    assert not old.exists()


def test_files_of_other_machines_go_when_nobody_has_counted_there_for_a_day(tmp_path: Path, dead: int) -> None:
    recent, old = file_of(tmp_path, dead, "a-1"), file_of(tmp_path, dead, "b-2", age=LONG_AGO)
    process_files.use(tmp_path)
    assert recent.exists()
    assert not old.exists()


def test_the_files_are_the_owners_and_allocated_whole(tmp_path: Path) -> None:
    process_files.use(tmp_path)
    name = process_files.own_name()
    files = sorted((tmp_path / "metrics").iterdir())
    assert [path.name for path in files] == [f"counter_{name}.db", f"histogram_{name}.db"]
    for path in files:
        assert path.stat().st_mode & 0o077 == 0
        assert path.stat().st_blocks * 512 >= path.stat().st_size > 0
    assert (tmp_path / "metrics").stat().st_mode & 0o077 == 0


def test_where_files_cannot_be_allocated_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS and Windows."""
    monkeypatch.delattr(os, "posix_fallocate")
    process_files.use(tmp_path)
    process_files.own_name()
    for path in (tmp_path / "metrics").iterdir():
        assert path.stat().st_size == process_files.BYTES_OF_SERVER[path.name.partition("_")[0]]
        assert path.stat().st_blocks * 512 >= path.stat().st_size


def test_a_file_that_cannot_be_removed_stays_and_the_others_go(
    tmp_path: Path, dead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where a process has it open."""
    stuck, removed = file_of(tmp_path, dead), file_of(tmp_path, os.getpid())
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == stuck:
            raise PermissionError("it is used by another process")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    process_files.use(tmp_path)
    assert process_files.folder() == tmp_path / "metrics"
    assert stuck.exists()
    assert not removed.exists()


def test_a_folder_that_cannot_be_made_lets_the_process_count_for_itself(tmp_path: Path) -> None:
    (tmp_path / "metrics").write_text("a file is in its way")
    process_files.use(tmp_path)
    assert process_files.folder() is None


FULL = """
import errno, os, sys
from pathlib import Path
from webshop_orders import metrics
from webshop_orders.metrics import process_files

def allocate(descriptor, start, length):
    calls.append(length)
    raise OSError(errno.ENOSPC, "No space left on device")

calls, os.posix_fallocate = [], allocate
process_files.use(Path(sys.argv[1]))
for _turn in range(5):
    metrics.record_busy()
    metrics.record_request("/orders", "GET", 200, 0.1)
print(len(calls), os.listdir(process_files.folder()))
"""


def test_a_disk_without_room_for_the_files_keeps_nobody_from_working(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout == "1 []\n"  # it is not tried again at once, and leaves no half of a file
    assert done.stderr.count("No space left on device") == 1


PROGRAM = """
import os, sys
from pathlib import Path
from webshop_orders import metrics
from webshop_orders.metrics import process_files
process_files.use(Path(sys.argv[1]))
metrics.record_busy()
for _turn in range(3):
    if os.fork() == 0:
        metrics.record_busy()
        metrics.record_request("/orders/<number:number>", "GET", 200, 0.2)
        metrics.record_request(None, "BREW", 404, 0.2)
        os._exit(0)
    os.wait()
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the operating system has no fork")
def test_what_forked_processes_count_is_added_up(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, tmp_path], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert "webshop_orders_database_busy_total 4.0" in lines
    assert 'webshop_orders_requests_total{method="GET",route="/orders/<number:number>",status="200"} 3.0' in lines
    assert 'webshop_orders_requests_total{method="other",route="none",status="404"} 3.0' in lines
    assert 'webshop_orders_request_seconds_bucket{le="0.25",method="GET",route="/orders/<number:number>"} 3.0' in lines
    assert len(list((tmp_path / "metrics").glob("counter_*.db"))) == 4


def test_the_files_hold_the_counts_of_every_route(tmp_path: Path) -> None:
    """What exceeds them would be written to a sparse file."""
    program = """
import sys
from pathlib import Path
from webshop_orders import create_app, metrics
from webshop_orders.metrics import process_files
process_files.use(Path(sys.argv[1]))
app = create_app({"INSTANCE": Path(sys.argv[1]), "SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": "sqlite://"})
for rule in app.url_map.iter_rules():
    for method in rule.methods - {"HEAD", "OPTIONS"}:
        for status in (200, 303, 404, 422):
            metrics.record_request(rule.rule, method, status, 0.1)
"""
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True)
    sizes = {path.name.partition("_")[0]: path.stat().st_size for path in (tmp_path / "metrics").iterdir()}
    assert sizes == process_files.BYTES_OF_SERVER
