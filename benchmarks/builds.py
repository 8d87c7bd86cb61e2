"""The builds of the order desk that are compared: this checkout, and a commit that is checked out beside it.

Both run with this checkout's environment, so that they differ in our code and not in the libraries.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cli.environment import environ
from tests.outbox.servers import free_port

STARTUP_SECONDS = 120


@dataclass(frozen=True)
class Build:
    name: str
    folder: Path

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "webshop_orders", *arguments]

    def environment(self, settings: dict[str, str]) -> dict[str, str]:
        return {**environ(), "PYTHONPATH": str(self.folder), **settings}

    def run(self, *arguments: str, settings: dict[str, str]) -> str:
        """Run a command of the order desk; returns what it prints."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(settings),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout.strip()

    @contextmanager
    def serving(self, *arguments: str, settings: dict[str, str]) -> Iterator[int]:
        """Run a command that serves the order desk until the block ends; yields its port once it has answered."""
        port = free_port()
        process = subprocess.Popen(
            self.command(*arguments, "--port", str(port)),
            cwd=self.folder,
            env=self.environment(settings),
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for_answer(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(STARTUP_SECONDS)


OURS = Build("ours", Path.cwd())


def check_out(commit: str, folder: Path) -> Build:
    """A commit's files in a folder below this one, which is made unless an earlier run left it."""
    revision = _git("rev-parse", "--verify", f"{commit}^{{commit}}").decode().strip()
    checkout = folder / f"checkout_{revision[:12]}"
    if not checkout.exists():
        unfinished = checkout.with_suffix(f".{os.getpid()}")
        with tarfile.open(fileobj=io.BytesIO(_git("archive", revision))) as archive:
            archive.extractall(unfinished, filter="data")
        unfinished.rename(checkout)
    return Build("before", checkout.absolute())


def _wait_for_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=STARTUP_SECONDS) as connection:
                connection.sendall(b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                if connection.recv(12) == b"HTTP/1.1 200":
                    return
        except OSError:
            pass
        time.sleep(0.01)
    raise TimeoutError


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], check=True, stdout=subprocess.PIPE).stdout
