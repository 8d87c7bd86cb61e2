from dataclasses import dataclass, field


@dataclass(frozen=True)
class Approval:
    """What the customer of an order approved, from before its first change: the total in öre, and the VAT corrections
    of its source by rate."""

    total: int
    vat_corrections: dict[str, int] = field(default_factory=dict)
