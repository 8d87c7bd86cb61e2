"""Without what only Linux, or only POSIX, has.

We have no Windows and no macOS to run tests on. Here Python lacks what it lacks on Windows, so that what needs it
fails, and processes are spawned, as on both.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.environment import environ
from tests.cli.test_serve import wait_until
from tests.distribution.conftest import CHECKOUT
from tests.distribution.running import demo_shop

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and takes away what Linux has")

# Python runs it at each start, in the processes that the server starts too.
SITE = """
import multiprocessing, os, signal, sys

multiprocessing.set_start_method("spawn")
for module in ("pysqlite3", "resource", "fcntl", "pwd", "grp", "termios"):
    sys.modules[module] = None
for name in ("fork", "register_at_fork", "posix_fallocate", "sched_getaffinity", "getuid", "geteuid", "fchmod"):
    delattr(os, name)
del signal.pthread_sigmask
"""
IMPORT_ALL = """
import importlib, pkgutil, webshop_orders

names = [module.name for module in pkgutil.walk_packages(webshop_orders.__path__, "webshop_orders.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, str]:
    """The environment of commands that run as if it were another system."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    return environ() | {"PYTHONPATH": f"{site}:{CHECKOUT}"}


def test_the_taken_away_is_away(elsewhere: dict[str, str]) -> None:
    for needs_it in ("import resource", "import os; os.fork()", "import signal; signal.pthread_sigmask"):
        done = subprocess.run([sys.executable, "-c", needs_it], env=elsewhere, capture_output=True, check=False)
        assert done.returncode == 1, needs_it


def test_every_module_can_be_imported(elsewhere: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], cwd=tmp_path, env=elsewhere, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 500


def test_the_demo_runs_and_ends_where_nothing_can_be_forked(elsewhere: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    with demo_shop([sys.executable, "-m", "webshop_orders"], folder, elsewhere) as demo:
        assert demo.read(demo.link)[0] == "/today"
        assert "WS-" in demo.read("/orders")[2]
        # The server, Python's process that keeps track of what spawned ones share, the two processes and the worker.
        wait_until(lambda: len(demo.processes()) == 5)

        assert demo.press_ctrl_c() == 0
        wait_until(lambda: demo.processes() == [])
