from collections.abc import Collection

from webshop_orders.web.http.query_args import read_id
from webshop_orders.web.orders.forms.base import OrderForm

UNKNOWN_STEP = 0


class UndoForm(OrderForm):
    """Takes back the last step of the user in an order, or all of theirs down to one; or carries a step out again.

    It can be on each of `tabs`; the answer is the tab that it was on.
    """

    kind = "undo"
    purpose = None  # what it takes back would be another step by now

    def __init__(self, tabs: Collection[str]) -> None:
        super().__init__()
        self.tab = self.submitted("tab") if self.submitted("tab") in tabs else "history"

    @property
    def step_id(self) -> int | None:
        """The id of the oldest step to take back; None for the last one alone."""
        return read_step_id(self.submitted("to"))


def read_step_id(text: str) -> int | None:
    """The id of a step; None where none is given, and an id that no step has for anything else."""
    return (read_id(text) or UNKNOWN_STEP) if text else None
