"""Rule 29 for random orders: whatever is refunded, edited, split and paid in between, no öre is made or lost."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest
from flask import Flask

from webshop_orders.errors import DomainError
from webshop_orders.models import (
    Actor,
    ActorKind,
    Charge,
    ChargeKind,
    DeliveryStatus,
    Line,
    Order,
    Refund,
    RefundState,
    Shipment,
)
from webshop_orders.money import crediting
from webshop_orders.money.recalculation import recalculate
from webshop_orders.money.rounding import round_half_up
from webshop_orders.money.totals import amounts_by_rate, compute_totals
from webshop_orders.operations.after_sales import refunds
from webshop_orders.operations.after_sales.refunds import Fee, RequestedRefund
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import moves

ANNA = Actor(ActorKind.STAFF, "Anna Lind")
RATES = [0, 600, 1200, 2500]
PLACED_AT = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)
KEPT = ("refunds", "credited", "paid", "refunded", "last_ids", "vat_corrections", "approval", "total", "removed_units")


class Walk:
    """An order, in no database, that random things happen to; `taken` is all money that ever came in."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.line_ids = iter(range(1, 10_000))
        lines = [self.new_line() for _turn in range(random.randint(1, 4))]
        self.order = Order(
            number="T-1",
            currency="SEK",
            payment_method="invoice",
            placed_at=PLACED_AT,
            prices_include_vat=random.random() < 0.6,
            rounds_to_whole_kronor=random.random() < 0.5,
            shipping_method=None,
            shipping_price=random.choice([0, 4_900, 5_901]),
            shipping_vat_rate=random.choice(RATES),
            charges=[],
            vat_corrections={},
            removed_units=[],
            refunds=[],
            returns=[],
            payments=[],
            last_ids={},
            version=1,
            event_count=1,
            last_seq=2,
            paid=0,
            refunded=0,
            credited=0,
            written_off=0,
            cancelled_at=None,
            shipments=[
                Shipment(seq=seq, status=DeliveryStatus.READY, lines=part) for seq, part in ((1, lines), (2, []))
            ],
        )
        self.order.charges = self.charges()
        vat = compute_totals(self.order).vat
        corrected = [rate for rate, amount in vat.items() if amount > 1 and random.random() < 0.3]
        self.order.vat_corrections = {str(rate): random.choice([-1, 1]) for rate in corrected}
        self.order.total = compute_totals(self.order).total
        self.taken = self.order.paid = max(0, self.order.total + random.choice([0, 0, 0, 500, -3_000]))
        if self.order.paid < self.order.total and random.random() < 0.5:
            self.order.written_off = self.order.total - self.order.paid

    def new_line(self) -> Line:
        random = self.random
        quantity, price = random.randint(1, 7), random.choice([0, 1, 333, 9_999, random.randint(1, 50_000)])
        line = Line(
            sku="A",
            name="A",
            quantity=quantity,
            unit_price=price,
            vat_rate=random.choice(RATES),
            discount=random.choice([0, 0, random.randint(0, quantity * price)]),
            reserved=quantity,
            properties=[],
        )
        line.id = next(self.line_ids)
        return line

    def charges(self) -> list[Charge]:
        """Fees and deductions, of which there are never more than the rest costs."""
        random, found = self.random, []
        for _turn in range(random.choice([0, 0, 1, 2])):
            rate = random.choice([line.vat_rate for line in self.order.lines])
            most = sum(line.total for line in self.order.lines if line.vat_rate == rate) // 4
            found.append(Charge(ChargeKind.FEE, "B", random.choice([2_900, -random.randint(0, most)]), rate))
        return [charge for charge in found if charge.amount]

    def step(self) -> None:
        """Something happens, or is refused and changes nothing."""
        act = self.random.choice(
            [self.request, self.request, self.request, self.finish, self.cancel, self.pay, self.edit, self.split]
        )
        before = {name: getattr(self.order, name) for name in KEPT}
        lines = [(line, vars(line).copy(), line.shipment) for line in self.order.lines]
        try:
            act()
        except DomainError:
            for name, value in before.items():
                setattr(self.order, name, value)
            for shipment in self.order.shipments:
                shipment.lines = [line for line, _values, place in lines if place is shipment]
            for line, values, _place in lines:
                for name in ("quantity", "discount", "unit_price", "reserved"):
                    setattr(line, name, values[name])
        self.check()

    def request(self) -> None:
        random, left = self.random, refunds.refundable(self.order)
        chosen = [item for item in left.lines if random.random() < 0.5]
        wanted = RequestedRefund(
            lines={item.line.id: random.randint(1, item.units) for item in chosen},
            shipping=random.choice([0, 0, left.shipping, left.shipping // 3]),
            charges={
                item.place: random.choice([item.amount, round_half_up(item.amount, 2)])
                for item in left.charges
                if random.random() < 0.5
            },
            amount=random.choice([0, 0, 0, max(0, left.amount) // 7]),
            fees=random.choice([[], [], [Fee("Frakt", random.randint(1, 5_000))]]),
            overpaid=random.choice([0, 0, left.overpaid]),
            reason="Repad",
            done=random.random() < 0.3,
        )
        refunds.request(self.order, wanted, by=ANNA)

    def finish(self) -> None:
        if self.order.refunds:
            refunds.finish(self.order, self.random.choice(self.order.refunds).id, by=ANNA)

    def cancel(self) -> None:
        if self.order.refunds:
            refunds.cancel(self.order, self.random.choice(self.order.refunds).id, by=ANNA)

    def pay(self) -> None:
        amount = self.random.randint(1, 5_000)
        self.order.paid, self.taken = self.order.paid + amount, self.taken + amount

    def edit(self) -> None:
        random, line = self.random, self.random.choice(list(self.order.lines))
        match random.choice(["units", "price", "new", "gone"]):
            case "units":
                line.quantity = line.reserved = random.randint(1, 8)
                line.discount = min(line.discount, line.quantity * line.unit_price)
            case "price":
                line.unit_price = random.randint(line.discount // line.quantity + 1, 60_000)
            case "new":
                self.order.shipments[0].lines.append(self.new_line())
            case "gone" if len(list(self.order.lines)) > 1:
                line.shipment.lines.remove(line)
        recalculate(self.order)
        if self.order.total < 0:
            raise DomainError("The charges take off more than the order costs.")

    def split(self) -> None:
        line = self.random.choice(list(self.order.lines))
        (target,) = (shipment for shipment in self.order.shipments if shipment is not line.shipment)
        moves.move_units(line, self.random.randint(1, line.quantity), target)
        for new in target.lines:
            new.id = new.id or next(self.line_ids)

    def check(self) -> None:
        order, totals, taken = self.order, compute_totals(self.order), crediting.credited(self.order)
        assert order.total == totals.total
        assert 0 <= order.pending_refunds <= order.paid
        assert order.paid + order.refunded == self.taken, "refunded ≤ paid"
        assert order.refunded_elsewhere == 0
        assert 0 <= taken.total == order.credited <= order.total
        for rate, charged in amounts_by_rate(order).items():
            assert is_part(taken.by_rate[rate], charged), "what is refunded of a rate was charged"
            assert is_part(taken.vat[rate], totals.vat[rate]), "VAT refunded ≤ VAT charged"
        for refund in order.refunds:
            check_refund(order, refund)
        for line_id, units in taken.units.items():
            line = order.find_line(line_id)
            assert line is not None
            assert 0 <= units <= line.quantity

    def give_everything_back(self) -> None:
        """The last refund of everything, carried out with all others: nothing is left, neither of VAT nor of money."""
        order = self.order
        if not refunds.refundable(order).is_nothing:
            refunds.request(order, refunds.everything_left(order, reason="Allt"), by=ANNA)
        self.check()
        for refund in order.refunds:
            if refund.is_pending:
                refunds.finish(order, refund.id, by=ANNA)
        totals, taken = compute_totals(order), crediting.credited(order)
        assert {rate: taken.vat[rate] for rate in totals.vat} == totals.vat
        assert set(crediting.left_by_rate(order).values()) <= {0}
        assert order.credited == order.total
        assert (order.paid, order.refunded, totals.balance) == (0, self.taken, 0)


def is_part(part: int, whole: int) -> bool:
    return min(0, whole) <= part <= max(0, whole)


def check_refund(order: Order, refund: Refund) -> None:
    on_top = 0 if order.prices_include_vat else sum(refund.vat.values())
    assert refund.credited == sum(row.amount for row in refund.rows) + on_top + refund.rounding
    assert refund.credited >= 0
    assert refund.amount >= 0
    assert refund.amount or refund.state is not RefundState.REQUESTED
    assert order.rounds_to_whole_kronor or refund.rounding == 0


def walk(random: Random) -> None:
    walk = Walk(random)
    for _step in range(random.randint(0, 25)):
        walk.step()
    walk.give_everything_back()


@pytest.fixture
def unrecorded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "record", lambda *_args, **_values: None)


@pytest.mark.parametrize("seed", range(8))
def test_rule_29_no_ore_is_made_or_lost_whatever_is_refunded(unrecorded: None, seed: int) -> None:
    for turn in range(50):
        walk(Random(f"{seed} {turn}"))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(8))
def test_rule_29_no_ore_is_made_or_lost_in_a_long_run(unrecorded: None, seed: int) -> None:
    for turn in range(5_000):
        walk(Random(f"long {seed} {turn}"))
