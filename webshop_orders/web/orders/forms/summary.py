"""The forms of the tab Sammanfattning."""

from flask_babel import lazy_gettext as _l

from webshop_orders.models import CommentKind
from webshop_orders.web.http.fields import ChoiceField, EmailField, FlagField, LongTextField
from webshop_orders.web.http.forms import OrderForm


class SummaryForm(OrderForm):
    tab = "summary"


class CommentForm(SummaryForm):
    kind = "comment"
    bumps_version = False

    text = LongTextField(_l("Comment"), most=10_000, required=True)
    about = ChoiceField(
        _l("For"),
        required=True,
        default=CommentKind.INTERNAL.value,
        choices=[(CommentKind.INTERNAL.value, _l("Internal")), (CommentKind.CUSTOMER.value, _l("To customer"))],
    )
    mail = FlagField(_l("Mail the customer"))


class ConfirmationForm(SummaryForm):
    kind = "confirmation"
    bumps_version = False

    recipient = EmailField(_l("E-mail"), required=True)


class CancellationForm(SummaryForm):
    kind = "cancellation"


class DifferencesForm(SummaryForm):
    kind = "differences"
    bumps_version = False
