from dataclasses import dataclass, field


@dataclass(frozen=True)
class Capture:
    """What is to be charged for a shipment, in öre: its rows, and its share of shipping, charges and rounding.

    `goods` is after discounts. `vat` is the VAT in `amount`, by rate in basis points; where prices have none it comes
    on top of the others. `adjustment` is what another shipment, which could not bear it, left to this one.
    """

    amount: int
    goods: int
    shipping: int = 0
    charges: int = 0
    rounding: int = 0
    vat: dict[str, int] = field(default_factory=dict)
    adjustment: int = 0
