from webshop_orders.models import CommentKind
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoiceField, FlagField, LongTextField
from webshop_orders.web.orders.forms.base import OrderForm


class CommentForm(OrderForm):
    tab = "summary"
    kind = "comment"
    bumps_version = False

    text = LongTextField(_l("Comment"), max_length=10_000, required=True)
    about = ChoiceField(
        _l("For"),
        required=True,
        default=CommentKind.INTERNAL.value,
        choices=[(CommentKind.INTERNAL.value, _l("Internal")), (CommentKind.CUSTOMER.value, _l("To customer"))],
    )
    mail = FlagField(_l("Mail the customer"))
