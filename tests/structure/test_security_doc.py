"""docs/security.md names only tests that are there."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PACKAGE = TESTS.parent / "webshop_orders"
DOCUMENT = TESTS.parent / "docs" / "security.md"
NAMED = re.compile(r"`((?:[a-z_]+/)*(?:test_\w+|conftest|pages)\.py)(?:::(test_\w+))?`")


def test_every_test_that_it_names_is_there() -> None:
    named = NAMED.findall(DOCUMENT.read_text())

    assert len(named) > 80
    for file, name in named:
        assert (TESTS / file).exists(), file
        assert not name or f"def {name}(" in (TESTS / file).read_text(), f"{file}::{name}"


def test_every_module_that_it_names_is_there() -> None:
    paths = set(re.findall(r"`([a-z_/]+\.py)(?:::test_\w+)?`", DOCUMENT.read_text()))

    assert {"outbox/mail/mime.py", "web/http/test_hardening.py"} <= paths
    assert [path for path in sorted(paths) if not (TESTS / path).exists() and not (PACKAGE / path).exists()] == []
