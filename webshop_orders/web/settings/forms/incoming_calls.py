from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import NumberField
from webshop_orders.web.http.forms import BaseForm


class CallRetentionForm(BaseForm):
    incoming_call_days = NumberField(_l("Days that incoming calls are kept"), minimum=1, maximum=365)
