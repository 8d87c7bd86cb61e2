"""What keeps an order or one of its shipments from leaving: values, replaced as a whole."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from webshop_orders.text.languages import lazy_gettext as _l

MAX_HOLDS = 20  # of one order at once
MAX_NOTE_LENGTH = 500


class HoldReason(StrEnum):
    WRONG_ADDRESS = "wrong_address"
    AWAITING_PAYMENT = "awaiting_payment"
    CUSTOMER_ASKED = "customer_asked"
    SUSPECTED_FRAUD = "suspected_fraud"
    OTHER = "other"


class HoldRule(StrEnum):
    """What made a hold that nobody made by hand: a rule of Konfiguration, or the source of the order, which has it."""

    UNPAID = "unpaid"
    CUSTOMER_COMMENT = "customer_comment"
    HIGH_TOTAL = "high_total"
    INCOMPLETE_ADDRESS = "incomplete_address"
    SOURCE = "source"


REASON_LABELS = {
    HoldReason.WRONG_ADDRESS: _l("wrong address"),
    HoldReason.AWAITING_PAYMENT: _l("awaiting payment"),
    HoldReason.CUSTOMER_ASKED: _l("the customer wants to wait"),
    HoldReason.SUSPECTED_FRAUD: _l("suspected fraud"),
    HoldReason.OTHER: _l("other reason"),
}
RULE_LABELS = {
    HoldRule.UNPAID: _l("not paid"),
    HoldRule.CUSTOMER_COMMENT: _l("the customer wrote a comment"),
    HoldRule.HIGH_TOTAL: _l("high sum"),
    HoldRule.INCOMPLETE_ADDRESS: _l("incomplete address"),
    HoldRule.SOURCE: _l("on hold in the shop"),
}


def hold_label(reason: HoldReason, rule: HoldRule | None = None) -> str:
    """Why something is held, in the reader's language; the rule says it more exactly than its reason."""
    return str(RULE_LABELS[rule] if rule else REASON_LABELS[reason])


@dataclass(frozen=True)
class Hold:
    """A hold of a whole order, or of the shipment with the number `shipment`, until it is released.

    `id` is its number within the order and is never given again. It ends by itself on the day `until`, in the shop's
    time zone. Without `keeps_stock`, other orders get the stock meanwhile. `by` and `at` say who made it and when, in
    UTC; `rule` is set where a rule did. Days and times are in ISO 8601.
    """

    id: int
    reason: HoldReason
    by: str
    at: str
    note: str | None = None
    shipment: int | None = None
    until: str | None = None
    keeps_stock: bool = True
    rule: HoldRule | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", HoldReason(self.reason))  # stored as text
        object.__setattr__(self, "rule", None if self.rule is None else HoldRule(self.rule))

    @property
    def ends_on(self) -> date | None:
        return date.fromisoformat(self.until) if self.until else None

    @property
    def label(self) -> str:
        return hold_label(self.reason, self.rule)

    def reference(self, number: str) -> str | None:
        """The reference of the shipment that it is of, in the order with this number; None for the whole order."""
        return f"{number}-{self.shipment}" if self.shipment else None

    def covers(self, shipment: int) -> bool:
        """Whether the shipment with this number is held by it."""
        return self.shipment is None or self.shipment == shipment


@dataclass(frozen=True)
class HoldRules:
    """Which new orders are held by themselves; `total_over` is in öre, None where the sum does not matter."""

    unpaid: bool = False
    customer_comment: bool = False
    total_over: int | None = None
    incomplete_address: bool = False

    @property
    def in_use(self) -> list[HoldRule]:
        used = {
            HoldRule.UNPAID: self.unpaid,
            HoldRule.CUSTOMER_COMMENT: self.customer_comment,
            HoldRule.HIGH_TOTAL: self.total_over is not None,
            HoldRule.INCOMPLETE_ADDRESS: self.incomplete_address,
        }
        return [rule for rule, is_used in used.items() if is_used]
