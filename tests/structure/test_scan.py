"""Every rule of the scan has an example that it finds and one that it lets be; `make scan` tries it on them."""

import re
from pathlib import Path

import pytest

SCAN = Path(__file__).parents[2] / "scan"
RULES = sorted((path, rule) for path in SCAN.glob("*.yaml") for rule in re.findall(r"- id: (\S+)", path.read_text()))


def test_there_are_rules_for_code_pages_and_scripts() -> None:
    assert {path.name for path, _rule in RULES} == {"python.yaml", "templates.yaml", "static.yaml"}
    assert len(RULES) >= 14


@pytest.mark.parametrize(("path", "rule"), RULES, ids=[rule for _path, rule in RULES])
def test_a_rule_has_a_bad_and_a_good_example(path: Path, rule: str) -> None:
    (examples,) = (one for one in SCAN.glob(f"{path.stem}.*") if one != path)
    told = set(re.findall(r"(ruleid|ok): (\S+)", examples.read_text()))
    assert {("ruleid", rule), ("ok", rule)} <= told
