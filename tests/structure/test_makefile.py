"""What `make` runs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def commands(*words: str, **variables: str) -> str:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    environ = {name: value for name, value in os.environ.items() if name != "PORT"} | variables
    return subprocess.run(
        [make, "-n", *words], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    ).stdout


def test_the_demo_runs_on_another_port_if_told_so() -> None:
    assert "webshop-orders demo --port 8000\n" in commands("demo")
    assert "webshop-orders demo --port 8123\n" in commands("demo", "PORT=8123")


def test_the_wheel_and_the_sdist_are_built_from_this_checkout() -> None:
    assert "python -m hatchling build --clean\n" in commands("dist")
