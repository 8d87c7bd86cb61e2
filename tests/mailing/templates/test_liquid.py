"""Liquid behaves as the shops know it from Shopify, where python-liquid differs."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from webshop_orders.mailing.templates.environment import HTML, TEXT, MailEnvironment, parse
from webshop_orders.mailing.templates.rendering import render_part

VALUES: dict[str, object] = {
    "nothing": None,
    "no": False,
    "nought": "",
    "space": " ",
    "none": [],
    "word": "Åsa",
    "zero": 0,
}
BLANK = {"nothing", "no", "nought", "space", "none"}
TESTS = {
    "equal": "{% if NAME == blank %}blank{% endif %}",
    "equal, the other way": "{% if blank == NAME %}blank{% endif %}",
    "not equal": "{% if NAME != blank %}{% else %}blank{% endif %}",
    "unless": "{% unless NAME != blank %}blank{% endunless %}",
    "with another condition": "{% if word and NAME == blank %}blank{% endif %}",
    "in a loop": "{% for x in one %}{% if NAME == blank %}blank{% endif %}{% endfor %}",
}


@pytest.mark.parametrize("environment", [HTML, TEXT], ids=["html", "text"])
@pytest.mark.parametrize("test", TESTS.values(), ids=TESTS)
@pytest.mark.parametrize("name", VALUES)
def test_what_is_absent_is_blank(environment: MailEnvironment, test: str, name: str) -> None:
    rendered = parse(environment, test.replace("NAME", name)).render({**VALUES, "one": [1]})

    assert rendered == ("blank" if name in BLANK else "")


def test_nil_is_blank_in_a_case_as_well() -> None:
    assert parse(TEXT, "{% case nothing %}{% when blank %}blank{% endcase %}").render(VALUES) == "blank"


def test_nil_is_not_empty() -> None:
    assert (
        parse(TEXT, "{% if nothing == empty %}empty{% endif %}{% if nought == empty %}!{% endif %}").render(VALUES)
        == "!"
    )


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% if row.discount != blank %}Rabatt: {{ row.discount }}{% endif %}", ""),
        ("Hej{% if customer.first_name != blank %} {{ customer.first_name }}{% endif %},", "Hej,"),
    ],
)
def test_a_part_for_what_an_order_lacks_is_left_out(desk: Flask, template: str, expected: str) -> None:
    context = {"row": {"discount": None}, "customer": {"first_name": None}}

    assert render_part("text", template, "sv", context) == expected


@pytest.mark.parametrize(
    ("filtered", "expected"),
    [
        ("'abcde' | truncate: 5", "abcde"),
        ("'abcdef' | truncate: 5", "ab..."),
        ("'abcdef' | truncate: 5, '…'", "abcd…"),
        ("'abcdef' | truncate: 6, ''", "abcdef"),
        ("'abcdef' | truncate: 2", "..."),
        ("12345 | truncate: 5", "12345"),
        ("nothing | truncate: 5", ""),
        ("'en två tre' | truncatewords: 3", "en två tre"),
        ("'en  två tre' | truncatewords: 3", "en  två tre"),
        ("'en två tre fyra' | truncatewords: 3", "en två tre..."),
        ("'en två tre' | truncatewords: 2, ' …'", "en två …"),
        ("'en två' | truncatewords: 0", "en..."),
    ],
)
def test_only_what_is_longer_is_cut(filtered: str, expected: str) -> None:
    assert parse(TEXT, "{{ " + filtered + " }}").render(VALUES) == expected


@pytest.mark.parametrize(
    ("filtered", "expected"),
    [
        ("'Hej' | append: nothing", "Hej"),
        ("'Hej' | prepend: nothing", "Hej"),
        ("'Hej' | replace: 'j', nothing", "He"),
        ("'Hej None' | remove: nothing", "Hej None"),
        ("'abcdef' | truncate: 5, nothing", "abcde"),
        ("'en två tre' | truncatewords: 2, nothing", "en två"),
        ("'a,b' | split: ',' | join: nothing", "ab"),
        ("nothing | default: nothing", ""),
        ("'svar: ' | append: true", "svar: true"),
    ],
)
def test_nil_is_nothing_in_the_argument_of_a_filter(filtered: str, expected: str) -> None:
    assert parse(TEXT, "{{ " + filtered + " }}").render(VALUES) == expected


@given(st.text(alphabet="aå & ", max_size=12), st.integers(0, 12))
def test_a_cut_text_is_never_longer_than_asked_for(text: str, length: int) -> None:
    cut = parse(TEXT, "{{ text | truncate: length, '…' }}").render({"text": text, "length": length})

    assert len(cut) <= max(length, 1)
    assert cut == text if len(text) <= length else cut.endswith("…")
