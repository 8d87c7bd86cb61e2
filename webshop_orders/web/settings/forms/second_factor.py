from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import FlagField
from webshop_orders.web.http.forms import BaseForm


class RequirementForm(BaseForm):
    required = FlagField(_l("Demand two-step verification of everyone who signs in with a password"))
