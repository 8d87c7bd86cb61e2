from webshop_orders.models import HoldRules
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import FlagField, MoneyField
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.orders import amounts


class HoldRulesForm(BaseForm):
    unpaid = FlagField(_l("It is not paid"))
    customer_comment = FlagField(_l("The customer wrote a comment"))
    incomplete_address = FlagField(_l("The address lacks a house number or has a wrong postal code"))
    total_over = MoneyField(_l("Its total is more than"))

    def rules(self, currency: str) -> HoldRules:
        """Raises RuleViolation at `total_over` for a fraction that the currency does not have."""
        return HoldRules(
            unpaid=bool(self.unpaid.data),
            customer_comment=bool(self.customer_comment.data),
            incomplete_address=bool(self.incomplete_address.data),
            total_over=None if self.total_over.data is None else amounts.minor_units(self.total_over, currency),
        )
