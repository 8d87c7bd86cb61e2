"""What a line was sold at, where staff changed its price since, as one line of text."""

from webshop_orders.models import Line
from webshop_orders.operations.orders.prices import discount_as_sold
from webshop_orders.text.languages import gettext as _
from webshop_orders.web.http.formatting import amount


def describe(line: Line, currency: str) -> str:
    """Such as «249,00 → 199,00, Anna: trasig förpackning»; empty for a line with the price that it was sold at."""
    sold = line.price_change
    if sold is None:
        return ""
    changes = []
    if sold.unit_price != line.unit_price:
        changes.append(f"{amount(sold.unit_price, currency)} → {amount(line.unit_price, currency)}")
    discount = discount_as_sold(line)
    if discount not in {None, line.discount}:
        before, after = amount(discount or 0, currency), amount(line.discount, currency)
        changes.append(_("discount %(before)s → %(after)s", before=before, after=after))
    return ", ".join([*changes, f"{sold.by}: {sold.reason}"])


TEMPLATE_FILTERS = {"price_change": describe}
