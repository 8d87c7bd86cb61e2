"""The editor lists every variable of a mail's context, and no other."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from webshop_orders.mailing.templates import checking, samples, variables
from webshop_orders.mailing.templates.shipped_templates import source
from webshop_orders.models import MessageKind, Shop


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """The path of each value in the context of a mail, and of each list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        yield path
        if value and isinstance(value[0], dict):
            yield from leaves(value[0], f"{path}[]")
    else:
        yield path


@pytest.mark.parametrize("kind", MessageKind)
def test_exactly_the_variables_of_the_context_are_listed(desk: Flask, shop: Shop, kind: MessageKind) -> None:
    context = samples.full(kind, "sv", shop)
    expected = {path for path in leaves(context) if not path.startswith("words.")}
    expected |= {f"blocks.{name}" for name in variables.available_blocks(context)}

    listed = [variable.path for group in variables.groups(context) for variable in group.variables]

    assert set(listed) == expected
    assert len(listed) == len(set(listed))


def test_a_field_is_named_as_in_its_loop_and_a_tag_as_it_is_written(desk: Flask, shop: Shop) -> None:
    groups = variables.groups(samples.full(MessageKind.ORDER_CONFIRMATION, "sv", shop))
    names = {variable.path: variable.name for group in groups for variable in group.variables}

    assert names["rows[].name"] == "row.name"
    assert names["rows[].is_part"] == "{% if row.is_part %}…{% endif %}"
    assert names["rows"] == "rows"


@pytest.mark.parametrize("kind", MessageKind)
def test_what_a_click_inserts_can_be_used(desk: Flask, shop: Shop, kind: MessageKind) -> None:
    shipped = source(kind, "sv")
    for group in variables.groups(samples.full(kind, "sv", shop)):
        for variable in group.variables:
            if "[]" not in variable.path:
                assert checking.faults(kind, "sv", replace(shipped, html=variable.insert), shop) == [], variable


def test_every_meaning_is_translated(desk: Flask, shop: Shop) -> None:
    for group in variables.GROUPS:
        assert str(group.label)[0].isupper()
        for variable in group.variables:
            assert not {"the", "whether", "each"} & set(str(variable.meaning).split()), variable
