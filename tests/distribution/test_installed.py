"""The wheel alone, in an environment that has nothing else, on a path with a space: what `pipx run` and `uvx` do."""

import html
import os
import re
import signal
import subprocess
import sys
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.cli.environment import environ
from tests.cli.test_serve import command_of, free_port, pids, wait_until
from tests.distribution.conftest import CHECKOUT, Built
from webshop_orders.version import VERSION

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

LINK = re.compile(r"http://127\.0\.0\.1:\d+/login/\S+\n")
SECONDS = 60


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment's programs, with the wheel and what it depends on, in the versions of the lock."""
    folder = tmp_path_factory.mktemp("installed") / "the shop's own"
    venv.create(folder, symlinks=True)
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(pinned_versions((CHECKOUT / "requirements.lock").read_text())))
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "--disable-pip-version-check"]
    install = [*pip, "install", "--quiet", "--no-compile", "--constraint", str(constraints), str(built.wheel)]
    done = subprocess.run(install, env=alone(), capture_output=True, text=True, check=False)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip(f"what the wheel depends on could not be installed: {done.stderr.strip()[-300:]}")
    assert done.returncode == 0, done.stderr
    return folder / "bin"


def pinned_versions(lock: str) -> list[str]:
    """The lines of a lock file without their hashes, of which the wheel, built just now, has none."""
    return [line.removesuffix(" \\") for line in lock.splitlines() if line and not line.startswith(" ")]


@contextmanager
def started(installed: Path, work: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A command of the installed wheel; what is still running of it at the end is killed."""
    process = subprocess.Popen(
        [str(installed / "webshop-orders"), *words],
        cwd=work,
        env=alone(),
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=interrupted_by_ctrl_c,
    )
    try:
        yield process
    finally:
        for pid in running(installed):
            os.kill(pid, signal.SIGKILL)
        process.communicate()


def interrupted_by_ctrl_c() -> None:
    """A shell starts background jobs with SIGINT ignored, and child processes inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def alone() -> dict[str, str]:
    """The environment without what would let the checkout be imported."""
    return {name: value for name, value in environ().items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def running(programs: Path) -> list[int]:
    return [pid for pid in pids() if any(word.startswith(str(programs)) for word in command_of(pid))]


def test_says_its_version(installed: Path, tmp_path: Path) -> None:
    command = [str(installed / "webshop-orders"), "--version"]
    done = subprocess.run(command, cwd=tmp_path, env=alone(), capture_output=True, text=True, check=True)

    assert done.stdout == f"webshop-orders {VERSION}\n"


def test_the_demo_signs_in_and_ends_with_all_that_it_started(installed: Path, tmp_path: Path) -> None:
    port = free_port()
    with started(installed, tmp_path, "demo", "--no-browser", "--port", str(port)) as demo:
        assert demo.stdout is not None
        link = next(line.strip() for line in demo.stdout if LINK.match(line))
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

        with browser.open(link, timeout=SECONDS) as answer:
            page = answer.read().decode()
            assert answer.url == f"http://127.0.0.1:{port}/today"
        sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
        assert len(sheets) > 1
        for sheet in sheets:
            with browser.open(f"http://127.0.0.1:{port}{html.unescape(sheet)}", timeout=SECONDS) as answer:
                assert answer.headers.get_content_type() == "text/css"
        with browser.open(f"http://127.0.0.1:{port}/orders", timeout=SECONDS) as answer:
            assert "WS-" in answer.read().decode()
        wait_until(lambda: len(running(installed)) >= 4)  # the server, its two processes and the worker

        demo.send_signal(signal.SIGINT)

        assert demo.wait(SECONDS) == 0
        assert running(installed) == []
    assert {path.name for path in tmp_path.iterdir()} == {"instance"}
