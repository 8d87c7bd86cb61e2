"""The form of the tab Kund."""

from dataclasses import asdict, replace
from typing import Any, Self

from flask_babel import gettext as _
from wtforms import Form, FormField
from wtforms.validators import StopValidation

from webshop_orders.models import Address, Customer, EventFacts, Order
from webshop_orders.models.customer import MAX_PHONE_LENGTH
from webshop_orders.models.event_facts import CustomerChanged
from webshop_orders.operations.orders import touched_parts
from webshop_orders.operations.orders.touched_parts import Part
from webshop_orders.text import countries, languages
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import EmailField, FlagField, StrictField, TextField
from webshop_orders.web.http.formatting import country, language_name
from webshop_orders.web.orders.forms.merging import MergedForm

# The parts of the form and what each is of an order.
PARTS = {"customer": "customer", "billing": "billing_address", "shipping": "shipping_address"}


class CountryField(StrictField):
    """An ISO 3166-1 alpha-2 code, chosen by the country's name."""

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The countries to choose from, and the present value where it is none of them."""
        offered = list(countries.choices(languages.current()))
        value = self._value()
        return offered if value in dict(offered) else [(value, country(value) if value else ""), *offered]

    def read(self, text: str) -> str:
        if not (len(text) == 2 and text.isascii() and text.isalpha()):
            raise StopValidation(_("Give the country as two letters, such as SE."))
        return text.upper()


class CustomerPart(Form):
    name = TextField(_l("Name"), required=True)
    company = TextField(_l("Company"))
    organisation_number = TextField(_l("Organisation number"), max_length=30)
    email = EmailField(_l("E-mail"))
    phone = TextField(_l("Phone"), max_length=MAX_PHONE_LENGTH)


class AddressPart(Form):
    name = TextField(_l("Name"), required=True)
    company = TextField(_l("Company"))
    street = TextField(_l("Street"), required=True)
    street2 = TextField(_l("Street, second line"))
    postal_code = TextField(_l("Postal code"), max_length=20)
    city = TextField(_l("City"), max_length=100, required=True)
    region = TextField(_l("Region"), max_length=100)
    country = CountryField(_l("Country"), required=True)


class DeliveryAddressPart(AddressPart):
    phone = TextField(_l("The recipient's phone"), max_length=MAX_PHONE_LENGTH)
    pickup_point = TextField(_l("Pick-up point"), max_length=300)


class CustomerForm(MergedForm):
    tab = "customer"
    kind = "customer"

    customer = FormField(CustomerPart)
    billing = FormField(AddressPart)
    shipping = FormField(DeliveryAddressPart)
    language = TextField(_l("Language"), max_length=35)
    same_address = FlagField(_l("Same as the billing address"))
    notify = FlagField(_l("Tell the customer"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate the values, those of the billing address for the delivery address where that is the same."""
        if self.same_address.data:
            for name in AddressPart()._fields:
                self.shipping[name].process_formdata([self.billing[name].raw])
        return bool(super().validate(extra_validators))

    @classmethod
    def of(cls, order: Order) -> Self:
        same_address = _posted_to(order.shipping_address) == _posted_to(order.billing_address)
        return cls.blank(
            same_address=same_address,
            customer=order.customer,
            billing=order.billing_address,
            shipping=order.shipping_address,
            language=order.language,
        )

    def rests_on(self, order: Order) -> set[Part]:
        """Nothing besides its fields, which are merged."""
        return {(touched_parts.CUSTOMER, "form")}

    def stored(self, order: Order) -> dict[str, Any]:
        values = {part: asdict(getattr(order, attribute)) for part, attribute in PARTS.items()}
        return {"language": order.language, **self._by_field(values)}

    def before(self, order: Order, facts: EventFacts) -> dict[str, Any]:
        if not isinstance(facts, CustomerChanged):
            return {}
        changes = {part: change for part, name in PARTS.items() if (change := getattr(facts, name)) is not None}
        before = self._by_field({part: change.before for part, change in changes.items()})
        after = self._by_field({part: change.after for part, change in changes.items()})
        language = {"language": facts.language.before} if facts.language else {}
        return language | {name: value for name, value in before.items() if value != after[name]}

    def show(self, order: Order, name: str, value: Any) -> str:
        if value and name == "language":
            return language_name(value)
        return country(value) if value and name.endswith("-country") else super().show(order, name, value)

    def _by_field(self, values: dict[str, dict[str, str | None]]) -> dict[str, str | None]:
        """The values of the parts that the form shows, by their names in the page; None for what is empty."""
        names = [(part, name) for part in values for name in self[part].form._fields]
        return {f"{part}-{name}": values[part].get(name) or None for part, name in names}

    def values(self, order: Order) -> tuple[Customer, Address, Address]:
        """The values as they are to be; what the form does not show stays, as does an e-mail that cannot be used."""
        data = self.data
        unusable_email = None if data["customer"]["email"] else order.customer.unusable_email
        for part in ("billing", "shipping"):
            data[part]["postal_code"] = data[part]["postal_code"] or ""
        return (
            replace(order.customer, **data["customer"], unusable_email=unusable_email),
            replace(order.billing_address, **data["billing"]),
            replace(order.shipping_address, **data["shipping"]),
        )


def _posted_to(address: Address) -> Address:
    """Where an address is, without what a delivery has besides."""
    return replace(address, phone=None, pickup_point=None)
