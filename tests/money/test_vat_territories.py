"""Whether goods that go to another country have another VAT."""

import pytest
from babel.core import Locale
from hypothesis import given
from hypothesis import strategies as st

from webshop_orders.money.vat_territories import MEMBER_STATES, may_differ

COUNTRIES = st.sampled_from(sorted(code for code in Locale("en").territories if len(code) == 2))


@pytest.mark.parametrize(
    ("charged_for", "going_to", "is_charged", "expected"),
    [
        ("SE", "NO", True, True),
        ("SE", "DE", True, True),  # the rate of the country of destination
        ("SE", "DK", True, True),  # the same standard rate, but another country's
        ("SE", "GB", True, True),
        ("FI", "AX", True, True),  # Åland is outside the VAT territory
        ("SE", "SE", True, False),
        ("SE", "se", True, False),
        ("FR", "MC", True, False),
        ("GR", "EL", True, False),
        ("GB", "IM", True, False),
        ("NO", "SE", True, True),
        ("NO", "SE", False, True),  # sold without VAT, which is now due
        ("NO", "US", False, False),
        ("SE", "NO", False, False),  # a shop that charges none
        ("DE", "FR", False, False),  # reverse charge
    ],
)
def test_vat_may_differ_by_territory(charged_for: str, going_to: str, is_charged: bool, expected: bool) -> None:
    assert may_differ(charged_for, going_to, is_charged=is_charged) is expected


def test_the_european_union_has_27_member_states() -> None:
    assert len(MEMBER_STATES) == 27


@given(charged_for=COUNTRIES, going_to=COUNTRIES)
def test_vat_that_is_charged_is_questioned_both_ways(charged_for: str, going_to: str) -> None:
    there = may_differ(charged_for, going_to, is_charged=True)
    assert there is may_differ(going_to, charged_for, is_charged=True)
    if not there:
        assert not may_differ(charged_for, going_to, is_charged=False)
