"""What the state machine plays of returns (rule 29): goods come back from shipped shipments, never more than left."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, ActorKind, Disposition, Order, Product, ReturnKind, ReturnReason
from webshop_orders.operations.after_sales import returns
from webshop_orders.operations.after_sales.replacements import Replacement
from webshop_orders.operations.after_sales.returns import ReceivedUnits, ReturnedUnits

ANNA = Actor(ActorKind.STAFF, "Anna Lind", user_id=1)
PICK = st.integers(0, 10**6)
UNITS = st.one_of(st.integers(1, 4), st.integers(1, 4), st.sampled_from([0, -1, 12, 100_000]))
KINDS = st.sampled_from([ReturnKind.RETURN, ReturnKind.RETURN, *ReturnKind])

# By the number of a return: by line, the units that were announced, and those that came back, None while awaited.
ExpectedReturns = dict[int, dict[int, tuple[int, int | None]]]


class PlaysReturns:
    """Rules of the state machine; `expected.returns` is the model of the returns of an order."""

    pick: Any
    orders: Any
    change: Any
    product: Any
    ship: Any
    every_rule_holds: Any

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
            already = sum(_units(lines.get(selected.id)) for lines in expected.returns.values())
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
            parts = [
                ReceivedUnits(line_id, restocked),
                ReceivedUnits(line_id, discarded, Disposition.DISCARD),
            ]
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


def check_returns(expected: Any, order: Order) -> None:
    """Rule 29: the returns are those of the model, of lines that have shipped, and no more came back than left."""
    stored: ExpectedReturns = {
        a_return.id: {line.line_id: (line.quantity, line.received) for line in a_return.lines}
        for a_return in order.returns
    }
    assert stored == expected.returns
    back: Counter[int] = Counter()
    for lines in stored.values():
        for line_id, units in lines.items():
            back[line_id] += _units(units)
    left = {line.id: line.quantity for line in order.lines if line.shipment.is_shipped}
    assert all(units <= left.get(line_id, 0) for line_id, units in back.items())


def gone(orders: list[Order]) -> Counter[str]:
    """Units of each SKU that have left and are not back in stock: with what is in stock, they never become more."""
    units: Counter[str] = Counter()
    for order in orders:
        for line in order.lines:
            if line.shipment.is_shipped:
                units[line.sku] += line.quantity
        for a_return in order.returns:
            for returned in a_return.lines:
                units[returned.sku] -= returned.restocked
    return units


def _units(units: tuple[int, int | None] | None) -> int:
    if units is None:
        return 0
    quantity, received = units
    return quantity if received is None else received
