from dataclasses import dataclass

MAX_REASON_LENGTH = 200


@dataclass(frozen=True)
class PriceChange:
    """What a line was sold at before its price was changed in the order desk, and the latest change: who, why, when.

    Amounts in öre; `discount` is what `quantity` units of it had, None while only the unit price was changed. `at` is
    in ISO 8601.
    """

    unit_price: int
    discount: int | None
    quantity: int
    by: str
    reason: str
    at: str
