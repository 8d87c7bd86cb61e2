from webshop_orders.models import Role
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoiceField, EmailField, TextField
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.labels import ROLES

CHOICES = [(role.value, ROLES[role]) for role in Role]


class InvitationForm(BaseForm):
    email = EmailField(_l("E-mail"), required=True)
    name = TextField(_l("Name"), required=True)
    role = ChoiceField(_l("Role"), choices=CHOICES, required=True)


class UserForm(BaseForm):
    name = TextField(_l("Name"), required=True)
    role = ChoiceField(_l("Role"), choices=CHOICES, required=True)
