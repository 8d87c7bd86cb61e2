"""Programs that are not of Python, which some tests need: `.ci/run` installs them, and others may do without."""

import os
import shutil
from typing import NoReturn

import pytest

# A superuser's tools are not on everyone's PATH.
FOLDERS = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


def required(program: str, package: str) -> str:
    """Where a program is; the test is skipped where it is not installed, and fails where CI is set."""
    return shutil.which(program, path=FOLDERS) or _refuse(f"{program} is not installed: apt-get install {package}")


def _refuse(reason: str) -> NoReturn:
    if "CI" in os.environ:
        pytest.fail(reason)
    pytest.skip(reason)
