"""The orders that are selected in the list, as its form sends them."""

import re

from flask import request

from webshop_orders.text.patterns import CONTROL, SURROGATE

LINES = re.compile(r"[\r\n]+")
MAX_NUMBER_LENGTH = 64


def submitted_numbers() -> list[str]:
    """The numbers of the selected orders, each once: a field for each row of the page, and one with those of others."""
    fields = request.form.getlist("order")
    numbers = [number.strip() for field in fields for number in LINES.split(field)]
    return list(dict.fromkeys(number for number in numbers if number))


def takes_all() -> bool:
    """Whether all orders that match the list are selected."""
    return "all" in request.form


def can_be_number(text: str) -> bool:
    """Whether an order could have this number, which a form that was tampered with may not."""
    return len(text) <= MAX_NUMBER_LENGTH and not CONTROL.search(text) and not SURROGATE.search(text)
