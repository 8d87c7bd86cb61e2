"""Patterns of codes as staff write them: what they fit, and which are refused, in words."""

import time

import pytest
from flask import Flask

from webshop_orders.documents import code_patterns
from webshop_orders.errors import RuleViolation
from webshop_orders.models import CODE_PATTERNS


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a+)+$", "har «(»"),
        ("[0-9]{18}", "har «[»"),
        (".*\\d", "har «\\»"),
        ("RR#########ÅÄ", "har «Å»"),
        ("#(8-12)*(3-9)", "bara en del"),
        ("#(12-8)", "minst och flest"),
        ("#(8", "har «(»"),
        ("#(0-3)", "färre än 6"),
        ("#####", "färre än 6"),
        ("JJD*", "färre än 6"),
        ("*(1-100)", "färre än 6"),
        ("*(101)", "högst 100"),
        ("#(999)", "högst 100"),
        ("RR########SE S10", "S10 är två bokstäver"),
        ("1Z############### UPS", "UPS är 1Z"),
        ("370730###########SE GS1", "kontrollsiffran"),
        ("3707301234567890@@ LUHN", "kontrollsiffran"),
    ],
)
def test_a_pattern_that_says_nothing_clear_is_refused(app: Flask, pattern: str, reason: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        code_patterns.read(pattern)

    assert reason in str(refusal.value)
    assert refusal.value.field == "codes"


@pytest.mark.parametrize(
    "pattern", ["", " ", "S10", "UPS", "\x00", "٣٣٣٣٣٣", "#" * 5_000, "#(3-9)" * 300, f"{'-' * 99}("]
)
def test_no_text_is_an_error_or_takes_long(app: Flask, pattern: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(RuleViolation):
        code_patterns.read(pattern)
    assert time.perf_counter() - begun < 1


def test_more_patterns_than_a_carrier_can_have_are_refused(app: Flask) -> None:
    with pytest.raises(RuleViolation, match="20"):
        code_patterns.read_all([f"AB{number}######" for number in range(10, 31)])


def test_patterns_are_kept_once_with_single_blanks_and_without_empty_lines(app: Flask) -> None:
    assert code_patterns.read_all([" RR#########SE   S10", "", "RR#########SE S10"]) == ["RR#########SE S10"]


@pytest.mark.parametrize(
    ("pattern", "code", "fits"),
    [
        ("rr#########se", "RR123456785SE", True),
        ("RR# ### ### ## SE", "RR123456785SE", True),
        ("RR#########SE", "RR12345678XSE", False),
        ("RR#########SE", "RR123456785SE1", False),
        ("JJD*(8-10)", "JJD12345678", True),
        ("JJD*(8-10)", "JJD1234567", False),
        ("JJD*(8-10)", "JJD12345678AB", True),
        ("JJD*(8-10)", "JJD12345678ABC", False),
        ("@@######", "AB123456", True),
        ("@@######", "A1123456", False),
        ("00 37073 #############", "370730254698741239", True),  # as codes are compared, without the 00 of GS1
        ("A.B-C/######", "A.B-C/123456", True),
        ("A.B-C/######", "AxB-C/123456", False),
    ],
)
def test_a_pattern_fits_what_it_says(app: Flask, pattern: str, code: str, fits: bool) -> None:
    assert code_patterns.read(pattern).fits(code) is fits


def test_the_longest_pattern_is_compared_at_once(app: Flask) -> None:
    pattern = code_patterns.read("*(30)*(1-40)*(30)")
    begun = time.perf_counter()
    for _each in range(1_000):
        assert not pattern.fits("A" * 99 + "-")
    assert time.perf_counter() - begun < 1


def test_all_shipped_patterns_are_valid(app: Flask) -> None:
    for patterns in CODE_PATTERNS.values():
        assert code_patterns.read_all(list(patterns)) == list(patterns)
