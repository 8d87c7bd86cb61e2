from dataclasses import dataclass
from typing import Annotated

from webshop_orders.validation.document import Document
from webshop_orders.validation.rules import Integer, Text

MAX_PARTS = 50


@dataclass(frozen=True)
class PaymentPart(Document):
    """What one of several methods paid of an order, such as a gift card, in öre."""

    method: Annotated[str, Text()]
    amount: Annotated[int, Integer(0)]
