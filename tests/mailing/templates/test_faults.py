"""Which fault of a template is reported does not depend on how the library words its errors."""

from dataclasses import replace

import pytest
from flask import Flask
from flask_babel import gettext as _
from liquid.exceptions import LiquidError

from tests.mailing.templates.test_checking import FAULTS, HOSTILE, KIND
from webshop_orders.mailing.templates import checking
from webshop_orders.mailing.templates.shipped_templates import source
from webshop_orders.models import Shop

GIBBERISH = "xyzzy"
POSITIONS = [
    ("a\n{% case order.number %}{% when 1 %}x", (2, "{% case %} stängs aldrig. Lägg till {% endcase %}.")),
    ("{% case order.number %}\n{% endif %}", (2, "{% endif %} hör inte till något som börjat före den.")),
    ("{% case order.number %}\n{% include %}", (2, "{% include %} finns inte i utskick. ")),
    ("a\n{% if order.number %}{% comment %}\n{% for %}{% endcomment %}x", (2, "{% if %} stängs aldrig. ")),
    ("{% if order.number %}\n{% for row in rows %}x", (2, "{% for %} stängs aldrig. ")),
    ("a\n{% comment %}b", (2, "{% comment %} stängs aldrig. Lägg till {% endcomment %}.")),
    ("a\n{% if %}", (2, "Det här går inte att förstå: ")),
    ("a\n{% if x[ %}", (2, "Det här går inte att förstå: ")),
    ("{% if order.is_cancelled %}{% assign a = 1 %}{% endif %}\n{{ a }}", (2, "a finns inte.")),
    ("{% assign row = rows | first %}\n{{ row.nmae }}", (2, "row.nmae finns inte.")),
    ("a\n{{ rows[99] }}", (2, "Det här går inte att förstå: ")),
]


def find_faults(shop: Shop, html: str) -> list[tuple[int | None, str]]:
    template = replace(source(KIND, "sv"), html=html)
    return [(fault.line, fault.sentence) for fault in checking.faults(KIND, "sv", template, shop)]


@pytest.mark.parametrize("html", [*HOSTILE.values(), *(html for html, _expected in FAULTS + POSITIONS)])
def test_a_fault_is_told_apart_by_class_and_position(
    desk: Flask, shop: Shop, html: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = find_faults(shop, html)
    # These two sentences quote the library's own words; any other has to stay as it is.
    quotes = [
        _("This cannot be understood: %(reason)s.", reason="|"),
        _("A filter gets something else than it needs: %(reason)s.", reason="|"),
    ]
    for start in (quote.partition("|")[0] for quote in quotes):
        expected = [
            (line, f"{start}{GIBBERISH}." if sentence.startswith(start) else sentence) for line, sentence in expected
        ]

    monkeypatch.setattr(LiquidError, "message", GIBBERISH)

    assert find_faults(shop, html) == expected


@pytest.mark.parametrize(("html", "expected"), POSITIONS)
def test_a_fault_is_reported_where_it_is(desk: Flask, shop: Shop, html: str, expected: tuple[int, str]) -> None:
    ((line, sentence),) = find_faults(shop, html)

    assert line == expected[0]
    assert sentence.startswith(expected[1])
