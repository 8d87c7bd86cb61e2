"""Which parts of an order a change touches, and whether that is in the way of a form that rests on others (rule 32).

A part is a path: the parts that begin with it are within it, as lines are within their shipment. Nothing is stored
for this: the facts of an event say what it touched.
"""

from collections.abc import Collection

from webshop_orders.models import Actor, Event, Line, Shipment
from webshop_orders.models.event_facts import (
    BackorderedSplit,
    CustomerChanged,
    EventFacts,
    HoldReleased,
    LineAdded,
    LineChanged,
    LineRemoved,
    LineSplit,
    OrderHeld,
    OrderPrioritised,
    PaymentRegistered,
    RefundCancelled,
    RefundDone,
    RefundRequested,
    ReturnClosed,
    ReturnReceived,
    ReturnRegistered,
    ShipmentReopened,
    ShipmentShipped,
    ShippingChanged,
    StatusSet,
    TrackingAdded,
    TrackingCorrected,
    TrackingRemoved,
    UnitsRearranged,
    WholeDeliverySet,
)

Part = tuple[str, ...]
EVERYTHING: Part = ()
CUSTOMER = "customer"
SHIPPING: Part = ("shipping",)
HOLDS: Part = ("holds",)
WHOLE_DELIVERY: Part = ("whole_delivery",)
PRIORITY: Part = ("priority",)
RETURNS: Part = ("returns",)
MONEY: Part = ("money",)
DELIVERY_ADDRESS: Part = (CUSTOMER, "shipping_address")


def lines_in(shipment: str) -> Part:
    """All lines of the shipment with this reference."""
    return ("shipments", shipment, "lines")


def line(shipment: str, sku: str) -> Part:
    """The lines of an article in a shipment."""
    return (*lines_in(shipment), sku)


def status(shipment: str) -> Part:
    return ("shipments", shipment, "status")


def codes(shipment: str) -> Part:
    return ("shipments", shipment, "codes")


def existence(shipment: str) -> Part:
    """A part that no change touches alone: a form that rests on it is stale after a change of everything only."""
    return ("shipments", shipment, "existence")


def part_of_line(line_: Line) -> Part:
    return line(line_.shipment.reference, line_.sku)


def contents(shipment: Shipment) -> set[Part]:
    """What leaves with a shipment, and whether it can."""
    return {lines_in(shipment.reference), status(shipment.reference)}


def touched_by(facts: EventFacts) -> set[Part]:
    """The parts that a change touched; everything where its facts do not say."""
    match facts:
        case LineAdded() | LineChanged() | LineRemoved():
            return {line(facts.shipment, facts.sku)}
        case LineSplit():
            skus = {facts.sku, *facts.sku.split(", ")}  # of several articles, where they moved together
            moved = {line(shipment, sku) for shipment in (facts.source, facts.target) for sku in skus}
            return moved | ({codes(facts.source), codes(facts.codes_to)} if facts.codes_to else set())
        case BackorderedSplit():
            return {lines_in(facts.source), lines_in(facts.target)}
        case ShipmentShipped() | ShipmentReopened() | StatusSet():
            return {status(facts.shipment)}
        case TrackingAdded() | TrackingRemoved() | TrackingCorrected():
            return {codes(facts.shipment)}
        case UnitsRearranged():
            ends = ("source", "target")
            return {line(move[end], move["sku"]) for move in facts.moves for end in ends} | {
                codes(moved[end]) for moved in facts.codes for end in ends
            }
        case ShippingChanged():
            return {SHIPPING}
        case OrderHeld() | HoldReleased():
            return {HOLDS}
        case WholeDeliverySet():
            return {WHOLE_DELIVERY}
        case OrderPrioritised():
            return {PRIORITY}
        case ReturnRegistered() | ReturnReceived() | ReturnClosed():
            return {RETURNS}
        case RefundRequested() | RefundDone() | RefundCancelled() | PaymentRegistered():
            return {MONEY}
        case CustomerChanged():
            return {(CUSTOMER, name) for name, change in vars(facts).items() if change is not None}
        case _:
            return {EVERYTHING}


def overlap(one: Part, other: Part) -> bool:
    """Whether one of two parts is, or is within, the other."""
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def by_others(changes: Collection[Event], by: Actor) -> list[Event]:
    """The changes that another user or program made: nobody conflicts with themselves."""
    return [event for event in changes if event.user_id is None or event.user_id != by.user_id]


def touches(facts: EventFacts, parts: Collection[Part]) -> bool:
    """Whether a change touched some of these parts."""
    return any(overlap(touched, part) for touched in touched_by(facts) for part in parts)


def touching(changes: Collection[Event], parts: Collection[Part]) -> list[Event]:
    """The changes that touched some of these parts."""
    return [event for event in changes if touches(event.read_facts(), parts)]
