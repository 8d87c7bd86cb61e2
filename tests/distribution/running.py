"""A command in a folder of its own, and all processes that it started there."""

import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

from tests.cli.test_serve import free_port, pids

LINK = re.compile(r"http://127\.0\.0\.1:\d+/login/\S+\n")
SECONDS = 60


class Demo:
    """A demo shop that has said how to sign in."""

    def __init__(self, process: subprocess.Popen[str], folder: Path, port: int) -> None:
        assert process.stdout is not None
        self._process = process
        self._folder = folder
        self._address = f"http://127.0.0.1:{port}"
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.link = next(line.strip() for line in process.stdout if LINK.match(line))

    def read(self, url: str) -> tuple[str, str, str]:
        """The path at which the redirects end, the type and the text."""
        url = url if url.startswith("http") else f"{self._address}{url}"
        with self._browser.open(url, timeout=SECONDS) as answer:
            return answer.url.removeprefix(self._address), answer.headers.get_content_type(), answer.read().decode()

    def processes(self) -> list[int]:
        return running_in(self._folder)

    def press_ctrl_c(self) -> int:
        """The status with which the demo ends."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(SECONDS)


@contextmanager
def demo_shop(program: list[str], folder: Path, environ: Mapping[str, str]) -> Iterator[Demo]:
    """Run the demo in an empty folder; what still runs there at the end is killed."""
    port = free_port()
    process = subprocess.Popen(
        [*program, "demo", "--no-browser", "--port", str(port)],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_let_ctrl_c_interrupt,
    )
    try:
        yield Demo(process, folder, port)
    finally:
        for pid in running_in(folder):
            os.kill(pid, signal.SIGKILL)
        process.communicate()


def running_in(folder: Path) -> list[int]:
    return [pid for pid in pids() if _working_folder(pid) == str(folder)]


def _working_folder(pid: int) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return None


def _let_ctrl_c_interrupt() -> None:
    """A shell starts background jobs with SIGINT ignored, and child processes inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
