"""The form of the tab Kund."""

from dataclasses import replace
from typing import Any, Self

from flask_babel import gettext as _
from wtforms import Form, FormField
from wtforms.validators import StopValidation

from webshop_orders.models import Address, Customer, Order
from webshop_orders.models.customer import MAX_PHONE_LENGTH
from webshop_orders.text import countries, languages
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import EmailField, FlagField, StrictField, TextField
from webshop_orders.web.http.formatting import country
from webshop_orders.web.orders.forms.base import OrderForm


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


class CustomerForm(OrderForm):
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
