"""The customer and the addresses of an order: values, replaced as a whole and never changed in place."""

from dataclasses import dataclass
from typing import Annotated

from webshop_orders.text import addresses
from webshop_orders.validation.document import Document
from webshop_orders.validation.rules import Email, Pattern, Text

MAX_PHONE_LENGTH = 40


@dataclass(frozen=True)
class Customer(Document):
    """The person or company that placed the order, as they were when it was placed.

    `unusable_email` is what they gave as their e-mail address where that is none: kept for staff, and never mailed.
    """

    name: Annotated[str, Text()]
    company: Annotated[str, Text()] | None = None
    email: Annotated[str, Email()] | None = None
    phone: Annotated[str, Text(MAX_PHONE_LENGTH)] | None = None
    organisation_number: Annotated[str, Text(30)] | None = None
    unusable_email: Annotated[str, Text(254)] | None = None

    @property
    def display_name(self) -> str:
        return self.company or self.name


@dataclass(frozen=True, kw_only=True)
class Address(Document):
    """A postal address; `country` is its ISO 3166-1 alpha-2 code, and `phone` the recipient's.

    `pickup_point` is the place where the customer collects the parcel.

    Postal codes are optional: Ireland and some fifty other countries had none for most of their time.
    """

    name: Annotated[str, Text()] = ""
    street: Annotated[str, Text()]
    postal_code: Annotated[str, Text(20)] = ""
    city: Annotated[str, Text(100)]
    country: Annotated[str, Pattern(pattern="[A-Z]{2}", example="SE")]
    company: Annotated[str, Text()] | None = None
    street2: Annotated[str, Text()] | None = None
    region: Annotated[str, Text(100)] | None = None
    phone: Annotated[str, Text(MAX_PHONE_LENGTH)] | None = None
    pickup_point: Annotated[str, Text(300)] | None = None

    @property
    def lines(self) -> list[str]:
        """What is written on an envelope, without the country."""
        town = f"{self.postal_code} {self.city}".strip()
        lines = (self.name, self.company, self.street, self.street2, town, self.region)
        return [line for line in lines if line]

    @property
    def has_wrong_postal_code(self) -> bool:
        return addresses.has_wrong_postal_code(self.postal_code, self.country)

    @property
    def lacks_house_number(self) -> bool:
        """Whether its street needs a number and has none; a parcel goes to the pickup point, where it has one."""
        return not self.pickup_point and addresses.lacks_house_number(self.street, self.street2, self.country)
