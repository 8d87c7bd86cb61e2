"""Rule 32: of two changes of different parts of an order that arrive at the same moment, neither is refused or lost."""

from pathlib import Path
from random import Random
from threading import Barrier
from typing import Any

import pytest
from flask import Flask, current_app

from tests.concurrency.crowd import TIMEOUT, all_at_once
from tests.operations.steps import events_of
from tests.web.conftest import Browser, SignIn, fresh, sign_in
from tests.web.orders.test_two_at_once import PAIRS, Act, both, catalogue, make, opened, result
from webshop_orders.models import Actor, Order, Role
from webshop_orders.operations.orders import touched_parts

__all__ = ["catalogue", "sign_in"]  # fixtures

pytestmark = pytest.mark.own_app

APART = [pair for pair in PAIRS if not any(one.is_refused_after(other) for one, other in (pair, pair[::-1]))]
SOME_APART = Random(32).sample(APART, 12)
Form = tuple[str, dict[str, Any]]  # where it is sent, and what


@pytest.fixture
def people(sign_in: SignIn) -> tuple[Browser, Browser]:
    return sign_in(Role.STAFF), sign_in(Role.ADMIN)


def forms_of(people: tuple[Browser, Browser], order: Order, acts: tuple[Act, Act], new: int) -> list[Form]:
    """What each of them typed, both of the order as it is now."""
    return [
        opened(person, order, act, new, is_second=place == 1)
        for place, (person, act) in enumerate(zip(people, acts, strict=True))
    ]


def send_at_once(
    database: str, folder: Path, people: tuple[Browser, Browser], pairs: list[list[Form]]
) -> list[list[int]]:
    """Send both forms of each pair at the same moment, one pair after the other; gives the statuses of the answers."""
    cookies = [person.client.get_cookie(current_app.config["SESSION_COOKIE_NAME"]) for person in people]
    statuses: list[list[int]] = [[] for _ in pairs]
    together = Barrier(2, timeout=TIMEOUT)

    def send(who: int) -> list[str]:
        browser = Browser(current_app.test_client())
        cookie = cookies[who]
        assert cookie is not None
        browser.client.set_cookie(cookie.key, cookie.value)
        for place, forms in enumerate(pairs):
            together.wait()
            statuses[place].append(browser.post(*forms[who], htmx=True).status_code)
        return []

    all_at_once(database, folder, 2, send)
    return statuses


def test_rule_32_changes_of_different_parts_at_the_same_moment_both_go_in(
    app: Flask, database: str, tmp_path: Path, people: tuple[Browser, Browser], anna: Actor, catalogue: int
) -> None:
    orders = [make(anna) for _ in SOME_APART]
    forms = [forms_of(people, order, acts, catalogue) for order, acts in zip(orders, SOME_APART, strict=True)]

    statuses = send_at_once(database, tmp_path, people, forms)

    for acts, order, answers in zip(SOME_APART, orders, statuses, strict=True):
        names = " and ".join(act.name for act in acts)
        assert answers == [200, 200], names
        in_turn = make(anna)
        assert both(*people, in_turn, acts, catalogue, reverse=False) == [200, 200], names
        assert result(order) == result(in_turn), names
        assert fresh(order).version == fresh(in_turn).version, names
        assert sorted(event.kind for event in events_of(order)) == sorted(event.kind for event in events_of(in_turn))


def test_negative_control_without_the_parts_one_of_them_is_refused(
    app: Flask,
    database: str,
    tmp_path: Path,
    people: tuple[Browser, Browser],
    anna: Actor,
    catalogue: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changes = [acts for acts in SOME_APART if not {"comment"} & {act.name for act in acts}][:4]
    forms = [forms_of(people, make(anna), acts, catalogue) for acts in changes]
    monkeypatch.setattr(touched_parts, "touches", lambda facts, parts: True)

    statuses = send_at_once(database, tmp_path, people, forms)

    assert [sorted(answers) for answers in statuses] == [[200, 409]] * len(changes)
