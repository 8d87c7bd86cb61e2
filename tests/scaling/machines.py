"""What would be machines of their own: processes of the order desk on one PostgreSQL, and nginx in front of them."""

import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.environment import environ
from tests.outbox.servers import free_port
from tests.tools import required

EXAMPLE = Path(__file__).parents[2] / "examples" / "nginx" / "nginx.conf"
PATIENCE = 60


class Machines:
    """Two that serve, two that deliver mail, and what stands before them; each can be ended as by a power cut."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.settings = environ(**settings)
        self.ports = [free_port(), free_port()]
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def addresses(self) -> list[str]:
        """Where clients ask: nginx alone, or without it each of those that serve, one after the other."""
        if "nginx" in self.running:
            return [f"http://127.0.0.1:{self.front}"]
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def start(self, name: str) -> None:
        if name == "nginx":
            self.front = free_port()
            self._run(name, required("nginx", "nginx-light"), "-p", str(self.folder), "-c", str(self._configuration()))
        elif name.startswith("worker"):
            self._run(name, sys.executable, "-m", "webshop_orders", "worker")
        else:
            port = self.ports[int(name[-1]) - 1]
            options = ("serve", "--workers", "1", "--no-worker", "--port", str(port))
            self._run(name, sys.executable, "-m", "webshop_orders", *options)
            self.wait_for(f"http://127.0.0.1:{port}")

    def cut_power(self, name: str) -> None:
        """End a machine at once, with all that it started."""
        process = self.running.pop(name)
        children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
        for pid in (process.pid, *map(int, children.stdout.split())):
            subprocess.run(["kill", "-KILL", str(pid)], check=False)
        process.wait()

    def end(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            process.wait(PATIENCE)

    def _run(self, name: str, *command: str) -> None:
        self.running[name] = subprocess.Popen(command, cwd=self.folder, env=self.settings)

    def wait_for(self, address: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
                    assert answer.status == 200
                    return
            except OSError:
                assert all(process.poll() is None for process in self.running.values()), "one has ended by itself"
                time.sleep(0.1)
        raise AssertionError(f"{address} did not answer in time")

    def _configuration(self) -> Path:
        written = EXAMPLE.read_text()
        for example, port in zip((8001, 8002, 8080), (*self.ports, self.front), strict=True):
            assert f"127.0.0.1:{example}" in written
            written = written.replace(f"127.0.0.1:{example}", f"127.0.0.1:{port}")
        path = self.folder / "nginx.conf"
        path.write_text(written)
        return path


@contextmanager
def running(folder: Path, *, behind_nginx: bool, **settings: str) -> Iterator[Machines]:
    machines = Machines(folder, **settings)
    try:
        for name in ("desk-1", "desk-2", "worker-1", "worker-2", *(["nginx"] if behind_nginx else [])):
            machines.start(name)
        for address in machines.addresses:
            machines.wait_for(address)
        yield machines
    finally:
        machines.end()
