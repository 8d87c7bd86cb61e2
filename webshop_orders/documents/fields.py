"""Types of fields that several documents share. Amounts in öre, VAT rates in basis points."""

from typing import Annotated

from webshop_orders.models import MAX_QUANTITY, DeliveryStatus
from webshop_orders.money.totals import BASIS_POINTS
from webshop_orders.validation.rules import Boolean, Choice, CurrencyRule, Integer, Pattern, Text

MAX_AMOUNT = 10**9  # ten million kronor; more for one thing is a mistake
MAX_SUM = MAX_AMOUNT * MAX_QUANTITY
MAX_COMMENT_LENGTH = 10_000
MAX_SKU_LENGTH = 100
MAX_PRODUCT_NAME_LENGTH = 300
MAX_SHELF_PLACE_LENGTH = 50
MAX_ID = 10**18 - 1

Flag = Annotated[bool, Boolean()]
Name = Annotated[str, Text()]
Sku = Annotated[str, Text(MAX_SKU_LENGTH)]
ProductName = Annotated[str, Text(MAX_PRODUCT_NAME_LENGTH)]
ShelfPlace = Annotated[str, Text(MAX_SHELF_PLACE_LENGTH)]
CommentText = Annotated[str, Text(MAX_COMMENT_LENGTH, multiline=True)]
Language = Annotated[str, Pattern(pattern="[a-z]{2}", example="sv")]
CurrencyCode = Annotated[str, CurrencyRule()]
Quantity = Annotated[int, Integer(1, MAX_QUANTITY)]
Amount = Annotated[int, Integer(0, MAX_AMOUNT)]
Sum = Annotated[int, Integer(0, MAX_SUM)]
VatRate = Annotated[int, Integer(0, BASIS_POINTS)]
RowId = Annotated[int, Integer(1, MAX_ID)]
ShipmentStatus = Annotated[DeliveryStatus, Choice(DeliveryStatus, example=DeliveryStatus.SHIPPED)]
