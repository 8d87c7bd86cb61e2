"""Requests that are refused: from a stale form, sent twice, or of another order."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.operations.state_machine.machine import Machine
from tests.operations.state_machine.model import ANNA, BO, PICK, ExpectedOrder, pick
from webshop_orders.errors import AlreadyDone, NotFound, RuleViolation, StaleVersion
from webshop_orders.models import CommentKind
from webshop_orders.operations.orders import comments, lines, loading, splits
from webshop_orders.transactions.unit_of_work import editing


class PlaysRefusedRequests(Machine):
    """Requests that must change nothing."""

    @rule(which=PICK, what=st.sampled_from(["a stale form", "the same request", "another order"]), line=PICK)
    def make_a_refused_request(self, which: int, what: str, line: int) -> None:
        expected = self.pick(which)
        match what:
            case "a stale form":
                self.save_a_stale_form(expected, line)
            case "the same request":
                self.send_the_same_request_twice(expected)
            case "another order":
                self.reach_into_another_order(expected, self.pick(which + 1), line)

    def save_a_stale_form(self, expected: ExpectedOrder, line: int) -> None:
        with pytest.raises(StaleVersion), editing(expected.number, expected.version - 1 - line % 3, BO) as order:
            lines.remove(pick(list(order.lines), line), by=BO)
        assert self.read().as_values() == self.before

    def send_the_same_request_twice(self, expected: ExpectedOrder) -> None:
        actor = ANNA.with_request_key(f"request-{expected.events}")
        with editing(expected.number, None, actor) as order:
            comments.add(order, CommentKind.INTERNAL, "once", by=actor)
        expected.events += 1
        before = self.read().as_values()
        with pytest.raises(AlreadyDone), editing(expected.number, None, actor) as order:
            comments.add(order, CommentKind.INTERNAL, "twice", by=actor)
        assert self.read().as_values() == before

    def reach_into_another_order(self, mine: ExpectedOrder, other: ExpectedOrder, line: int) -> None:
        foreign = pick(list(loading.get_order(other.number).lines), line).id

        def split_into_another_order() -> None:
            with editing(mine.number, mine.version, ANNA) as order:
                elsewhere = loading.get_order(other.number)
                splits.split(pick(list(order.lines), line), 1, to=elsewhere.shipments[0], by=ANNA)

        with pytest.raises(NotFound), editing(mine.number, mine.version, ANNA) as order:
            lines.remove(lines.get(order, foreign), by=ANNA)
        with pytest.raises(RuleViolation):
            split_into_another_order()
        assert self.read().as_values() == self.before
