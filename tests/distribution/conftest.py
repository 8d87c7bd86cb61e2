"""The wheel and the sdist, built from a copy of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from webshop_orders.version import VERSION

CHECKOUT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".ci", ".venv*", ".*_cache", ".hypothesis", "__pycache__", "dist", "instance"
)


@dataclass(frozen=True)
class Built:
    """A folder with the source, and what was built from it."""

    source: Path
    wheel: Path
    sdist: Path


def build(source: Path, *, umask: int = 0o022, zone: str = "UTC") -> Built:
    """Build both in `dist/` of `source`, as `make dist` does."""
    environ = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build"],
        cwd=source,
        env={**environ, "TZ": zone},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    name = f"webshop_orders-{VERSION}"
    return Built(source, source / "dist" / f"{name}-py3-none-any.whl", source / "dist" / f"{name}.tar.gz")


def copy_checkout(folder: Path) -> Path:
    return Path(shutil.copytree(CHECKOUT, folder, ignore=NOT_COPIED))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(copy_checkout(tmp_path_factory.mktemp("built") / "source"))
