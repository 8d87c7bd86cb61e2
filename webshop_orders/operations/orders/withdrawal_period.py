"""The period in which a consumer can withdraw from a purchase: the last day, and what it is counted from.

Directive 2011/83/EU, article 9(2)(b)(i), and lag (2005:59), 2 kap.: from the day on which the consumer got the last of
the goods. The day itself is not counted, and a last day that is no working day is extended to the next one (Regulation
1182/71, article 3, and lag (1930:173), 2 §).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from webshop_orders.models import Order, Shipment
from webshop_orders.operations.orders import working_days


class CountedFrom(StrEnum):
    """Delivery of the last parcel, or its dispatch where no carrier said that it was delivered."""

    DELIVERY = "delivery"
    DISPATCH = "dispatch"


@dataclass(frozen=True)
class WithdrawalPeriod:
    """`last_day` counts days from `begins_on`, in the shop's time zone."""

    last_day: date
    begins_on: date
    counted_from: CountedFrom

    def includes(self, at: datetime, time_zone: str) -> bool:
        """Whether a statement that came at this time came in time."""
        return at.astimezone(ZoneInfo(time_zone)).date() <= self.last_day


def of_order(order: Order, days: int, time_zone: str) -> WithdrawalPeriod | None:
    """The period of an order that has left whole; None before that, when it has not begun, and once it is cancelled.

    What leaves in exchange for goods that came back is no part of the purchase. Where a carrier has not told of the
    last parcel, the period in fact ends later than this.
    """
    replacements = {returned.replacement for returned in order.returns}
    shipments = [shipment for shipment in order.shipments if shipment.seq not in replacements]
    if order.is_cancelled or not shipments or not all(shipment.is_shipped for shipment in shipments):
        return None
    zone = ZoneInfo(time_zone)
    last = max(shipments, key=_had_at)
    begins_on = _had_at(last).astimezone(zone).date()
    return WithdrawalPeriod(
        last_day=working_days.first_working_day(begins_on + timedelta(days)),
        begins_on=begins_on,
        counted_from=CountedFrom.DELIVERY if last.delivered_at else CountedFrom.DISPATCH,
    )


def _had_at(shipment: Shipment) -> datetime:
    """When the customer had a shipment, as far as anyone knows."""
    at = shipment.delivered_at or shipment.shipped_at
    assert at is not None
    return at
