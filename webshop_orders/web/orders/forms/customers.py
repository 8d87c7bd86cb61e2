"""The form of the tab Kund."""

from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, FormField
from wtforms.validators import StopValidation

from webshop_orders.models import Address, Customer, Order
from webshop_orders.web.http.fields import EmailField, StrictField, TextField
from webshop_orders.web.orders.forms.base import OrderForm

PARTS = ("billing", "shipping")


class CountryField(StrictField):
    """An ISO 3166-1 alpha-2 code."""

    def read(self, text: str) -> str:
        if not (len(text) == 2 and text.isascii() and text.isalpha()):
            raise StopValidation(_("Give the country as two letters, such as SE."))
        return text.upper()


class CustomerPart(Form):
    name = TextField(_l("Name"), required=True)
    company = TextField(_l("Company"))
    organisation_number = TextField(_l("Organisation number"), max_length=30)
    email = EmailField(_l("E-mail"))
    phone = TextField(_l("Phone"), max_length=40)


class AddressPart(Form):
    name = TextField(_l("Name"), required=True)
    company = TextField(_l("Company"))
    street = TextField(_l("Street"), required=True)
    street2 = TextField(_l("Street, second line"))
    postal_code = TextField(_l("Postal code"), max_length=20)
    city = TextField(_l("City"), max_length=100, required=True)
    region = TextField(_l("Region"), max_length=100)
    country = CountryField(_l("Country"), required=True)


class CustomerForm(OrderForm):
    tab = "customer"
    kind = "customer"

    customer = FormField(CustomerPart)
    billing = FormField(AddressPart)
    shipping = FormField(AddressPart)

    @classmethod
    def of(cls, order: Order) -> Self:
        return cls.blank(customer=order.customer, billing=order.billing_address, shipping=order.shipping_address)

    def values(self) -> tuple[Customer, Address, Address]:
        data: dict[str, dict[str, Any]] = self.data
        billing, shipping = ({**data[part], "postal_code": data[part]["postal_code"] or ""} for part in PARTS)
        return Customer(**data["customer"]), Address(**billing), Address(**shipping)
