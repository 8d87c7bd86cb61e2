from dataclasses import dataclass

MAX_PAYMENTS = 100  # of one order


@dataclass(frozen=True)
class RegisteredPayment:
    """Money that came in and was registered in the order desk, in öre; `reference` is the payment system's.

    `id` is its number within the order and is never given again. `paid_on` is a day in the shop's time zone, `at` when
    it was registered, in UTC; both in ISO 8601.
    """

    id: int
    amount: int
    method: str | None
    paid_on: str
    by: str
    at: str
    reference: str | None = None
