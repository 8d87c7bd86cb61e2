"""The wheel alone, in an environment that has nothing else, on a path with a space: what `pipx run` and `uvx` do."""

import html
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.cli.environment import environ
from tests.cli.test_serve import wait_until
from tests.distribution.conftest import CHECKOUT, Built
from tests.distribution.running import demo_shop
from webshop_orders.version import VERSION

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The command of an environment with the wheel and what it depends on, in the versions of the lock."""
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
    return str(folder / "bin" / "webshop-orders")


def pinned_versions(lock: str) -> list[str]:
    """The lines of a lock file without their hashes, of which the wheel, built just now, has none."""
    return [line.removesuffix(" \\") for line in lock.splitlines() if line and not line.startswith(" ")]


def alone() -> dict[str, str]:
    """The environment without what would let the checkout be imported."""
    return {name: value for name, value in environ().items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def test_says_its_version(installed: str, tmp_path: Path) -> None:
    command = [installed, "--version"]
    done = subprocess.run(command, cwd=tmp_path, env=alone(), capture_output=True, text=True, check=True)

    assert done.stdout == f"webshop-orders {VERSION}\n"


def test_the_demo_signs_in_and_ends_with_all_that_it_started(installed: str, tmp_path: Path) -> None:
    with demo_shop([installed], tmp_path, alone()) as demo:
        path, _type, page = demo.read(demo.link)
        assert path == "/today"
        sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
        assert len(sheets) > 1
        assert {demo.read(html.unescape(sheet))[1] for sheet in sheets} == {"text/css"}
        assert "WS-" in demo.read("/orders")[2]
        wait_until(lambda: len(demo.processes()) == 4)  # the server, its two processes and the worker

        assert demo.press_ctrl_c() == 0
        assert demo.processes() == []
    assert {path.name for path in tmp_path.iterdir()} == {"instance"}
