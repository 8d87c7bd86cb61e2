"""Other changes: comments, mails, the customer, and tracking codes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.factories import ASA
from tests.operations.state_machine.machine import Machine
from tests.operations.state_machine.model import ANNA, HOME, PICK, pick
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.models import CommentKind, Order
from webshop_orders.operations.orders import comments, customers, tracking


class PlaysOtherChanges(Machine):
    """What moves no units."""

    @rule(which=PICK, what=st.sampled_from(["comment", "mail", "customer", "code", "code away"]), seq=PICK)
    def make_another_change(self, which: int, what: str, seq: int) -> None:
        expected = self.pick(which)

        def leave(order: Order) -> None:
            shipment = pick(order.shipments, seq)
            match what:
                case "comment":
                    comments.add(order, CommentKind.INTERNAL, "Hej", by=ANNA)
                case "mail":
                    comments.add(order, CommentKind.CUSTOMER, "Hej", mail=True, by=ANNA)
                case "customer":
                    customers.change(order, replace(ASA, name=f"Bo Ek {seq % 2}"), HOME, HOME, by=ANNA)
                case "code":
                    tracking.add(shipment, f"RR{seq % 3}", "DHL", None, by=ANNA)
                case "code away":
                    codes = [code.id for code in shipment.tracking_codes]
                    first = codes[0] if codes else 0
                    if seq % 2:
                        tracking.correct(shipment, first, NewTrackingCode(f"RR{seq % 5}"), by=ANNA)
                    else:
                        tracking.remove(shipment, first, by=ANNA)

        if self.change(expected, leave, bumps_version=what not in {"comment", "mail"}):
            expected.messages += what == "mail"
