"""What is wrong with a shipment that is about to leave, as far as the shop has it checked."""

from flask_babel import get_locale
from flask_babel import gettext as _

from webshop_orders.documents.known_carriers import match_in_method
from webshop_orders.errors import ConfirmationWarning
from webshop_orders.models import Carrier, DispatchCheck, Order, Shipment, Shop
from webshop_orders.money import payments
from webshop_orders.money.totals import balance
from webshop_orders.text import formatting, phones
from webshop_orders.text.shipping_methods import is_collected_in_store

MIN_PHONE_DIGITS = 6
FOR_CARRIERS = {DispatchCheck.HOUSE_NUMBER, DispatchCheck.POSTAL_CODE, DispatchCheck.PHONE}


def failed_checks(shipment: Shipment, shop: Shop) -> list[DispatchCheck]:
    """The checks of the shop that an open shipment fails; nothing is read for it.

    Where its customer comes for it, no carrier needs the address or a phone number.
    """
    in_use = shop.dispatch_checks.in_use
    if not in_use or not shipment.is_open:
        return []
    if is_collected_in_store(shipment.order.shipping_method):
        in_use = tuple(check for check in in_use if check not in FOR_CARRIERS)
    return [check for check in in_use if _fails(check, shipment, shop)]


def warn_of_failed(shipment: Shipment, shop: Shop) -> list[ConfirmationWarning]:
    """What staff confirm before a shipment leaves that fails checks of the shop, by the names of these."""
    return [
        ConfirmationWarning(check.value, sentence(check, shipment, shop)) for check in failed_checks(shipment, shop)
    ]


def sentence(check: DispatchCheck, shipment: Shipment, shop: Shop) -> str:
    """What is wrong with a shipment that fails a check."""
    order = shipment.order
    address = order.shipping_address
    match check:
        case DispatchCheck.HOUSE_NUMBER:
            return _("The delivery address has no house number: %(street)s.", street=address.street)
        case DispatchCheck.POSTAL_CODE if not address.postal_code:
            return _("The delivery address has no postal code.")
        case DispatchCheck.POSTAL_CODE:
            return _(
                "%(postal_code)s is no postal code of %(country)s.",
                postal_code=address.postal_code,
                country=formatting.country(address.country, str(get_locale())),
            )
        case DispatchCheck.PHONE:
            carriers = ", ".join(carrier.name for carrier in _carriers_without_phone(shipment, shop))
            return _("%(carrier)s demands a phone number, and there is none.", carrier=carriers)
        case DispatchCheck.UNPAID:
            return _(
                "%(amount)s of the order is not paid.",
                amount=formatting.money(balance(order), order.currency, str(get_locale())),
            )
        case DispatchCheck.UNREAD_COMMENT:
            return _("Nobody has answered or read what the customer wrote with the order.")


def _fails(check: DispatchCheck, shipment: Shipment, shop: Shop) -> bool:
    order = shipment.order
    match check:
        case DispatchCheck.HOUSE_NUMBER:
            return order.shipping_address.lacks_house_number
        case DispatchCheck.POSTAL_CODE:
            return order.shipping_address.has_wrong_postal_code
        case DispatchCheck.PHONE:
            return bool(_carriers_without_phone(shipment, shop))
        case DispatchCheck.UNPAID:
            can_wait = payments.is_paid_afterwards(order.payment_method) and not shop.dispatch_checks.invoices_too
            return balance(order) > 0 and not can_wait
        case DispatchCheck.UNREAD_COMMENT:
            return order.has_unread_comment


def _carriers_without_phone(shipment: Shipment, shop: Shop) -> list[Carrier]:
    """The carriers of a shipment that demand a phone number, where its order has none."""
    demanding = [carrier for carrier in shop.carriers if carrier.demands_phone]
    if not demanding or _has_phone(shipment.order):
        return []
    names: set[str | None] = {tracking.carrier for tracking in shipment.tracking_codes if tracking.carrier}
    if not names:
        names = {match_in_method(shipment.order.shipping_method, [carrier.name for carrier in shop.carriers])}
    return [carrier for carrier in demanding if carrier.name in names]


def _has_phone(order: Order) -> bool:
    return any(
        len(phones.dialled(phone) or "") >= MIN_PHONE_DIGITS
        for phone in (order.shipping_address.phone, order.customer.phone)
        if phone
    )
