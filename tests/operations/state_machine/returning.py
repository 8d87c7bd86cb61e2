"""Returns (rule 29): goods come back from shipped shipments, never more than left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.operations.state_machine.model import ANNA, PICK, units_back
from tests.operations.state_machine.shipping import PlaysShipping
from webshop_orders.db.extensions import db
from webshop_orders.models import Disposition, Order, Product, ReturnKind, ReturnReason
from webshop_orders.operations.after_sales import returns
from webshop_orders.operations.after_sales.replacements import Replacement
from webshop_orders.operations.after_sales.returns import ReceivedUnits, ReturnedUnits

UNITS = st.one_of(st.integers(1, 4), st.integers(1, 4), st.sampled_from([0, -1, 12, 100_000]))
KINDS = st.sampled_from([ReturnKind.RETURN, ReturnKind.RETURN, *ReturnKind])


class PlaysReturns(PlaysShipping):
    """Goods come back."""

    every_rule_holds: Callable[[], None]

    def pick_with(self, which: int, what: str) -> Any:
        """An order of which something has shipped, or come back; any order where there is none."""
        having = [expected for expected in self.orders.values() if getattr(expected, what)]
        return having[which % len(having)] if having else self.pick(which)

    def pick_return(self, expected: Any, number: int) -> int:
        """The number of a return that awaits something, now and then of another one, or of none."""
        awaited = [key for key, lines in expected.returns.items() if any(units[1] is None for units in lines.values())]
        return awaited[number % len(awaited)] if awaited and number % 4 else 1 + number % (expected.last_return + 1)

    @rule(which=PICK, line=PICK, quantity=UNITS, kind=KINDS, sku=PICK, expects=st.booleans(), mails=st.booleans())
    def register_return(
        self, which: int, line: int, quantity: int, kind: ReturnKind, sku: int, expects: bool, mails: bool
    ) -> None:
        if not any(expected.shipped for expected in self.orders.values()):
            self.ship(which, line)
            self.every_rule_holds()
        expected, product = self.pick_with(which, "shipped"), self.product(sku)
        expects = expects or kind is not ReturnKind.CLAIM
        registered: list[tuple[int, int]] = []
        replaced: Counter[str] = Counter()

        def register(order: Order) -> None:
            left = [found for found in order.lines if found.shipment.is_shipped]
            among = left if left and line % 8 else list(order.lines)
            selected = among[line % len(among)]
            already = sum(units_back(lines.get(selected.id)) for lines in expected.returns.values())
            replacements = []
            if kind is ReturnKind.EXCHANGE:
                replacements = [Replacement(1, product=db.session.get_one(Product, product.id))]
                replaced[product.sku] += 1
            elif kind is ReturnKind.CLAIM and not expects:
                replacements = [Replacement(1, line_id=selected.id)]
                replaced[selected.sku] += 1
            total = order.total
            a_return = returns.register(
                order,
                kind,
                [ReturnedUnits(selected.id, quantity, ReturnReason.FAULTY)],
                expects_goods=expects,
                replacements=replacements,
                mails=mails,
                by=ANNA,
            )
            assert selected.shipment.is_shipped
            assert 1 <= quantity <= selected.quantity - already
            assert kind is not ReturnKind.CLAIM or order.total == total
            registered.append((a_return.id, selected.id))

        if self.change(expected, register):
            ((return_id, line_id),) = registered
            assert return_id == expected.last_return + 1
            expected.last_return = return_id
            expected.returns[return_id] = {line_id: (quantity, None)}
            expected.sums += replaced
            expected.events += len(replaced)
            expected.version += len(replaced)
            expected.messages += mails

    @rule(which=PICK, number=PICK, restocked=st.integers(-1, 4), discarded=st.integers(0, 2))
    def receive_return(self, which: int, number: int, restocked: int, discarded: int) -> None:
        expected = self.pick_with(which, "returns")
        return_id = self.pick_return(expected, number)
        came = restocked + discarded

        def receive(order: Order) -> None:
            line_id = next(iter(expected.returns.get(return_id, {0: ()})))
            parts = [ReceivedUnits(line_id, restocked), ReceivedUnits(line_id, discarded, Disposition.DISCARD)]
            a_return = returns.receive(order, return_id, parts, by=ANNA)
            (line,) = a_return.lines
            tracked = next(found for found in order.lines if found.id == line_id).is_tracked
            assert (line.received, line.restocked) == (came, restocked if tracked else 0)
            assert expected.returns[return_id][line_id][1] is None

        if self.change(expected, receive):
            ((line_id, (quantity, _awaited)),) = expected.returns[return_id].items()
            expected.returns[return_id] = {line_id: (quantity, came)}

    @rule(which=PICK, number=PICK)
    def close_return(self, which: int, number: int) -> None:
        expected = self.pick_with(which, "returns")
        return_id = self.pick_return(expected, number)
        expects: list[bool] = []

        def close(order: Order) -> None:
            expects.append(returns.close(order, return_id, by=ANNA).expects_goods)

        if self.change(expected, close) and expects[0]:
            ((line_id, (quantity, received)),) = expected.returns[return_id].items()
            expected.returns[return_id] = {line_id: (quantity, received or 0)}
