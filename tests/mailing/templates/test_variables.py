"""The list of variables in the editor says all that a template can show, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from webshop_orders.mailing.templates import checking, samples, variables
from webshop_orders.mailing.templates.shipped_templates import source
from webshop_orders.models import MessageKind, Shop


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """The path of each value in the facts of a mail, and of each list."""
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
def test_each_variable_is_listed_and_each_that_is_listed_is_there(desk: Flask, shop: Shop, kind: MessageKind) -> None:
    facts = samples.full(kind, "sv", shop)
    there = {path for path in leaves(facts) if not path.startswith("words.")}
    there |= {f"blocks.{name}" for name in variables.available_blocks(facts)}

    listed = [one.path for group in variables.groups(facts) for one in group.variables]

    assert set(listed) == there
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("kind", MessageKind)
def test_what_a_click_inserts_can_be_used(desk: Flask, shop: Shop, kind: MessageKind) -> None:
    shipped = source(kind, "sv")
    for group in variables.groups(samples.full(kind, "sv", shop)):
        for variable in group.variables:
            if "[]" not in variable.path:
                assert checking.faults(kind, "sv", replace(shipped, html=variable.insert), shop) == [], variable


def test_every_meaning_is_said_in_swedish(desk: Flask, shop: Shop) -> None:
    for group in variables.GROUPS:
        assert str(group.label)[0].isupper()
        for variable in group.variables:
            assert not {"the", "whether", "each"} & set(str(variable.meaning).split()), variable
