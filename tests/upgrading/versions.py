"""Versions of the order desk as processes: this one, and the one before the newest migration, from the history."""

import io
import re
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.environment import environ
from tests.outbox.servers import free_port

ROOT = Path(__file__).parents[2]
VERSIONS = "migrations/versions"
PATIENCE = 60


def newest_migration() -> Path:
    """The file of the newest migration."""
    revisions = {re.findall(r'^revision = "(\w+)"$', path.read_text(), re.M)[0]: path for path in _migrations()}
    return revisions[max(revisions)]


def _migrations() -> list[Path]:
    return list((ROOT / VERSIONS).glob("*.py"))


def extract_former(folder: Path) -> Path:
    """The code as it was before the newest migration came, in this folder; skips the test where there is no history."""
    newest = newest_migration().relative_to(ROOT)
    came = _git("log", "--diff-filter=A", "--format=%H", "-1", "--", str(newest)).decode().strip()
    files = _git("archive", f"{came}^") if came else b""
    if not files:
        reason = "This checkout has no history (git clone --depth), so the version before is not there to be tried."
        pytest.skip(reason)
    with tarfile.open(fileobj=io.BytesIO(files)) as archive:
        archive.extractall(folder, filter="data")
    assert not (folder / newest).exists()
    return folder


def _git(*words: str) -> bytes:
    """What git says, or nothing where it fails or is not there."""
    # The checkout may belong to another user than the one who runs the tests.
    command = ["git", "-c", f"safe.directory={ROOT}", *words]
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return b""


class Version:
    """The commands of one version, on one database; what they write is kept in a file of `folder` each."""

    def __init__(self, code: Path, folder: Path, **settings: str) -> None:
        settings["DATABASE_URL"] = settings["DATABASE_URL"].replace("postgresql+psycopg:", "postgresql:")
        self.folder = folder
        self.environ = {**environ(**settings), "PYTHONPATH": str(code)}
        folder.mkdir(exist_ok=True)

    def run(self, *words: str, **more: str) -> str:
        """What a command writes; it has to succeed."""
        done = subprocess.run(
            self._command(*words), cwd=self.folder, env={**self.environ, **more}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *words: str) -> "Running":
        return Running(self._command(*words), self.folder, self.environ)

    @contextmanager
    def serving(self, *options: str, warning: str = "") -> Iterator["Running"]:
        """A server with one process; it has to end well and to have complained about nothing but the warning."""
        port = free_port()
        running = self.start("serve", "--workers", "1", "--port", str(port), *options)
        running.address = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: running.asks("/login")[0] == 200 or running.has_ended())
            yield running
        finally:
            running.stop()
        assert (running.process.returncode, running.errors()) == (0, warning), running.errors()

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "webshop_orders", *words]


class Running:
    """A command that runs on."""

    def __init__(self, command: list[str], folder: Path, variables: dict[str, str]) -> None:
        self.address = ""
        self._errors = folder / f"errors-{time.monotonic_ns()}"
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                command, cwd=folder, env=variables, stdout=subprocess.DEVNULL, stderr=errors
            )

    def asks(self, path: str) -> tuple[int, str]:
        """The status and text of an answer; 0 while it does not listen."""
        try:
            with urllib.request.urlopen(f"{self.address}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def errors(self) -> str:
        """What it wrote to standard error but for requests that went well, and for waiting: to be ready, and to end."""
        lines = self._errors.read_text().splitlines(keepends=True)
        expected = (" INFO ", "route=/readyz", "refused to gracefully stop")
        return "".join(line for line in lines if not any(words in line for words in expected))

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def stop(self) -> None:
        if not self.has_ended():
            self.process.terminate()
            self.process.wait(PATIENCE)


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the condition never became true"
        time.sleep(0.1)
