"""What is checked of a shipment before it leaves, as far as the shop wants it."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from webshop_orders.text.languages import lazy_gettext as _l


class DispatchCheck(StrEnum):
    HOUSE_NUMBER = "house_number"
    POSTAL_CODE = "postal_code"
    PHONE = "phone"
    UNPAID = "unpaid"
    UNREAD_COMMENT = "unread_comment"


CHECK_LABELS = {
    DispatchCheck.HOUSE_NUMBER: _l("no house number"),
    DispatchCheck.POSTAL_CODE: _l("the postal code has the wrong form"),
    DispatchCheck.PHONE: _l("no phone number, which the carrier demands"),
    DispatchCheck.UNPAID: _l("not paid"),
    DispatchCheck.UNREAD_COMMENT: _l("the customer's comment has not been read"),
}


@dataclass(frozen=True)
class DispatchChecks:
    """Which checks the shop has switched on; what is paid by invoice is unpaid only where `invoices_too`."""

    house_number: bool = False
    postal_code: bool = False
    phone: bool = False
    unpaid: bool = False
    unread_comment: bool = False
    invoices_too: bool = False

    @cached_property  # asked for with each change of an order
    def in_use(self) -> tuple[DispatchCheck, ...]:
        return tuple(check for check in DispatchCheck if getattr(self, check.value))
