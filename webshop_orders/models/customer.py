"""The customer and the addresses of an order: values, replaced as a whole and never changed in place."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Customer:
    """The person or company that placed the order, as they were when it was placed."""

    name: str
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    organisation_number: str | None = None

    @property
    def display_name(self) -> str:
        return self.company or self.name


@dataclass(frozen=True)
class Address:
    """A postal address; `country` is its ISO 3166-1 alpha-2 code."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str
    company: str | None = None
    street2: str | None = None
    region: str | None = None
