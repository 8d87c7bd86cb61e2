from dataclasses import dataclass
from typing import Annotated

from webshop_orders.validation.document import Document
from webshop_orders.validation.rules import Text

MAX_ATTRIBUTES = 100  # of one order or one line
MAX_VALUE_LENGTH = 1_000


@dataclass(frozen=True)
class Attribute(Document):
    """Something that a customer told or chose in the shop, such as an engraving, by the shop's name for it."""

    name: Annotated[str, Text()]
    value: Annotated[str, Text(MAX_VALUE_LENGTH, multiline=True)]
