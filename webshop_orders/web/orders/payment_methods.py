"""Payment methods as staff choose them: those that the desk knows by their labels, and any other as it is typed."""

from webshop_orders.models import Order
from webshop_orders.money.payments import METHOD_LABELS, method_label


def offered_methods(order: Order) -> list[str]:
    """The labels of the order's own methods, then those of all others that are known."""
    own = [order.payment_method, *(part.method for part in order.payments)]
    return list(dict.fromkeys(label for method in [*own, *METHOD_LABELS] if (label := method_label(method))))


def typed_method(text: str | None) -> str | None:
    """The method of a label that was typed, or else the text itself."""
    if text is None:
        return None
    by_label = {method_label(method).casefold(): method for method in METHOD_LABELS}
    return by_label.get(text.casefold(), text)
