"""The recipes of CONTRIBUTING.md are followed: each diff applies to this checkout, and what it adds works."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.structure.recipe_checks import CHECKS

CHECKOUT = Path(__file__).parents[2]
CONTRIBUTING = (CHECKOUT / "CONTRIBUTING.md").read_text()
RECIPE = re.compile(r"^### (.+?)\n(.*?)^```diff\n(.*?)^```", re.MULTILINE | re.DOTALL)
RECIPES = {heading: diff for heading, _text, diff in RECIPE.findall(CONTRIBUTING)}
CHANGED = ("webshop_orders", "templates", "migrations")  # the folders that recipes change
MAX_LINES = 100
# Those with a migration are tried by themselves, since each is the next revision.
TOGETHER = [("A tab", "An action on an order", "A carrier"), ("A field of the API",), ("A kind of mail",)]


def test_every_recipe_has_a_check() -> None:
    assert list(RECIPES) == list(CHECKS)
    assert sorted(heading for headings in TOGETHER for heading in headings) == sorted(CHECKS)


@pytest.mark.parametrize("heading", RECIPES)
def test_a_recipe_fits_on_a_page(heading: str) -> None:
    assert len(RECIPES[heading].splitlines()) <= MAX_LINES


@pytest.mark.parametrize("headings", TOGETHER, ids=", ".join)
def test_a_recipe_works(headings: tuple[str, ...], tmp_path: Path) -> None:
    for folder in CHANGED:
        shutil.copytree(CHECKOUT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for heading in headings:
        command = ["git", "apply", "--whitespace=nowarn", "-"]
        applied = subprocess.run(command, cwd=tmp_path, input=RECIPES[heading], capture_output=True, text=True)
        assert applied.returncode == 0, (heading, applied.stderr)

    passed, errors = run_checks(tmp_path, headings)

    assert passed == list(headings), errors


def test_without_their_recipes_all_checks_fail(tmp_path: Path) -> None:
    """The negative control: this checkout does not have what the recipes add."""
    for folder in CHANGED:
        (tmp_path / folder).symlink_to(CHECKOUT / folder)

    passed, errors = run_checks(tmp_path, tuple(CHECKS))

    assert passed == []
    assert errors.count("Traceback") >= len(CHECKS)


def run_checks(folder: Path, headings: tuple[str, ...]) -> tuple[list[str], str]:
    """The headings whose checks pass in a copy of the checkout, and the errors of the others."""
    for shared in ("static", "tests"):
        (folder / shared).symlink_to(CHECKOUT / shared)
    command = [sys.executable, "-m", "tests.structure.recipe_checks", *headings]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), done.stderr
