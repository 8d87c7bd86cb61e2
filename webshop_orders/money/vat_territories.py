"""Whether goods that go to another country have another VAT: by the VAT territory of the European Union.

Council Directive 2006/112/EC, articles 5-8. Countries are ISO 3166-1 alpha-2 codes; parts of member states that are
outside the territory, such as Åland, have codes of their own.
"""

MEMBER_STATES = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
TREATED_AS = {"EL": "GR", "MC": "FR", "IM": "GB", "UK": "GB"}


def may_differ(charged_for: str, going_to: str, *, is_charged: bool) -> bool:
    """Whether VAT that was charged for one country, or was not, may be wrong for goods that go to another."""
    before, after = territory(charged_for), territory(going_to)
    if before == after:
        return False
    return is_charged or (after in MEMBER_STATES and before not in MEMBER_STATES)


def territory(country: str) -> str:
    """The country whose VAT applies."""
    code = country.strip().upper()
    return TREATED_AS.get(code, code)
