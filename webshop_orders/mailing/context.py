"""Orders, shipments and comments as the context of mail templates: formatted strings, and lists and dicts of them.

What is absent is None, which Liquid takes for false; an empty string it takes for true.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from flask import current_app

from webshop_orders import expected_days
from webshop_orders.clock import now
from webshop_orders.expected_days import Days
from webshop_orders.mailing.changes import Changed, OrderChange
from webshop_orders.mailing.vocabulary import PAYMENT_METHODS, VOCABULARY
from webshop_orders.models import Address, Customer, Line, Order, Return, Shipment, Shop, Withdrawal
from webshop_orders.money.totals import Totals, compute_totals, of_shipment
from webshop_orders.text.formatting import country, date_time, day, integer, money, percent

Context = dict[str, Any]


def order_context(order: Order, shop: Shop, language: str) -> Context:
    """What a mail about an order shows."""
    return {
        **_base_context(order, shop, language),
        "rows": _rows(_shown_lines(order), order, language),
        "sums": _order_sums(order, language),
        "facts": _facts(order, shop, language),
        "addresses": _addresses(order, language),
    }


def new_order_context(order: Order, shop: Shop, language: str) -> Context:
    """What the shop's own notification of a new order shows: the same, without the invitation to write to the shop."""
    context = order_context(order, shop, language)
    return {**context, "shop": {**context["shop"], "email": None}}


def shipment_context(shipment: Shipment, shop: Shop, language: str) -> Context:
    """What a mail about a shipment shows: that shipment only."""
    order = shipment.order
    return {
        **_base_context(order, shop, language),
        "shipment": {
            "reference": shipment.reference,
            "others_follow": any(other.is_open for other in order.shipments if other is not shipment),
        },
        "rows": _rows(shipment.lines_by_bundle, order, language),
        "sums": _shipment_sums(shipment, language),
        "tracking": _tracking(shipment, shop),
        "addresses": [_address(VOCABULARY[language]["delivered_to"], order.shipping_address, language)],
    }


def change_context(order: Order, changes: Iterable[OrderChange], shop: Shop, language: str) -> Context:
    """What a mail about a changed order shows: the changes, and the order as it is now."""
    return {**order_context(order, shop, language), "changes": change_rows(order, changes, language)}


def comment_context(
    order: Order, text: str, author: str | None, shop: Shop, language: str, quoted: str | None = None
) -> Context:
    """What a mail with a comment shows; signed by `author`, or by the shop alone. It answers what is `quoted`."""
    comment = {"text": text.strip(), "author": author, "quoted": quoted.strip() if quoted else None}
    return {**_base_context(order, shop, language), "comment": comment}


def withdrawal_context(withdrawal: Withdrawal, shop: Shop, language: str) -> Context:
    """What the receipt of a withdrawal shows: the statement as the customer made it, and when it came."""
    labels = VOCABULARY[language]
    received_at = date_time(withdrawal.received_at, shop.time_zone, language)
    lines = [
        {"product": line.product, "quantity": integer(line.quantity, language) if line.quantity else None}
        for line in withdrawal.lines
    ]
    return {
        **_shop_context(shop, language),
        "order": {"number": withdrawal.number},
        "customer": {"name": withdrawal.name, "first_name": _first_name(Customer(name=withdrawal.name))},
        "withdrawal": {
            "received_at": f"{received_at} ({shop.time_zone})",
            "name": withdrawal.name,
            "email": withdrawal.email,
            "lines": lines,
            "what": None if lines else labels["whole_purchase"],
        },
    }


def return_context(order: Order, a_return: Return, shop: Shop, language: str) -> Context:
    """What a mail about a return shows: what comes back, and where it is sent to, where the shop has said that."""
    replacement = order.find_shipment(a_return.replacement) if a_return.replacement else None
    lines = (shop.sender_address or "").splitlines() if a_return.expects_goods else []
    return {
        **_base_context(order, shop, language),
        "return": {
            "reference": a_return.reference(order.number),
            "kind": a_return.kind.value,
            "expects_goods": a_return.expects_goods,
            "replacement": replacement.reference if replacement else None,
        },
        "returned": [
            {"name": line.name, "sku": line.sku, "quantity": integer(line.quantity, language)}
            for line in a_return.lines
        ],
        "addresses": [{"label": VOCABULARY[language]["send_to"], "lines": [shop.name, *lines]}] if lines else [],
    }


def backorder_notice_context(order: Order, days: Days, shop: Shop, language: str) -> Context:
    """What a mail about backordered products shows: these alone, each with the day on which it is expected."""
    waiting = [line for line in _shown_lines(order) if line.backordered]
    return {
        **_base_context(order, shop, language),
        "notice": {
            "expected": expected_day(expected_days.last(waiting, days), language),
            "ships_whole": order.ships_whole,
        },
        "waiting": [
            {
                "name": row["name"],
                "sku": row["sku"],
                "quantity": row["backordered"],
                "expected": row["expected"],
            }
            for row in (_row(lines, days, order.currency, language) for lines in _by_article(waiting))
        ],
    }


def _shop_context(shop: Shop, language: str) -> Context:
    return {
        "language": language,
        "words": VOCABULARY[language],
        "shop": {
            "name": shop.name,
            "email": shop.sender_email,
            "confirms_deliveries": shop.mails_delivery_confirmations,
        },
    }


def _base_context(order: Order, shop: Shop, language: str) -> Context:
    base_url = current_app.config.get("BASE_URL")
    return {
        **_shop_context(shop, language),
        "order": {
            "number": order.number,
            "shop_number": order.shop_number,
            "total": money(compute_totals(order).total, order.currency, language),
            "is_open": bool(order.open_shipments),
            "is_cancelled": order.is_cancelled,
            "url": f"{base_url}/orders/{order.number}" if base_url else None,
        },
        "customer": {"name": order.customer.display_name, "first_name": _first_name(order.customer)},
    }


def change_rows(order: Order, changes: Iterable[OrderChange], language: str) -> list[Context]:
    """The changes as a mail shows them: what was changed, before and after."""
    return [_change(change, order.currency, language) for change in changes]


def _change(change: OrderChange, currency: str, language: str) -> Context:
    word = None if change.what is Changed.QUANTITY else VOCABULARY[language][f"changed_{change.what.value}"]
    before, after = (_value(value, change.what, currency, language) for value in (change.before, change.after))
    return {"product": ", ".join(filter(None, (change.product, word))), "before": before, "after": after}


def _value(value: int | str | None, what: Changed, currency: str, language: str) -> str | None:
    if not isinstance(value, int):
        return value or None
    if what is Changed.QUANTITY:
        return integer(value, language) if value else None
    return money(value, currency, language)


def _shown_lines(order: Order) -> Iterator[Line]:
    return (line for shipment in order.shipments for line in shipment.lines_by_bundle)


def _rows(lines: Iterable[Line], order: Order, language: str) -> list[Context]:
    """The rows that a customer sees: lines of one product at one price are one row, in whichever shipment they are."""
    days = expected_days.of_lines([order])
    return [_row(group, days, order.currency, language) for group in _by_article(lines)]


def _by_article(lines: Iterable[Line]) -> Iterable[list[Line]]:
    lines_of_article: dict[object, list[Line]] = defaultdict(list)
    for line in lines:
        lines_of_article[line.article].append(line)
    return lines_of_article.values()


def _row(lines: list[Line], days: Days, currency: str, language: str) -> Context:
    backordered = sum(line.backordered for line in lines)
    discount = sum(line.discount for line in lines)
    return {
        "name": lines[0].name,
        "is_part": lines[0].is_part,
        "sku": lines[0].sku,
        "quantity": integer(sum(line.quantity for line in lines), language),
        "properties": [{"name": chosen.name, "value": chosen.value} for chosen in lines[0].properties],
        "unit_price": money(lines[0].unit_price, currency, language),
        "vat_rate": None,
        "discount": money(-discount, currency, language) if discount else None,
        "total": money(sum(line.total for line in lines), currency, language),
        "backordered": integer(backordered, language) if backordered else None,
        "expected": expected_day(expected_days.last(lines, days), language),
    }


def expected_day(expected: date | None, language: str) -> str | None:
    """A day as a mail shows it, with its year where that is another one than the present."""
    return day(expected, language, with_year=expected.year != now().year) if expected else None


def _order_sums(order: Order, language: str) -> Context:
    labels, totals = VOCABULARY[language], compute_totals(order)
    shipping = ", ".join(part for part in (labels["shipping"], order.shipping_method) if part)
    charges = [(charge.name, charge.amount) for charge in order.charges]
    rows = [*_goods_sums(order, totals, language), *charges, (shipping, totals.shipping)]
    rows += _vat_added(order, totals, language)
    if totals.rounding:
        rows.append((labels["rounding"], totals.rounding))
    return {
        "rows": _labelled(rows, order, language),
        "total": {"label": labels["total"], "amount": money(totals.total, order.currency, language)},
        "vat": _labelled(_vat_included(order, totals, language), order, language),
        "settled": _labelled(_settled(order, totals, language), order, language),
    }


def _settled(order: Order, totals: Totals, language: str) -> list[tuple[str, int]]:
    """What was paid and given back, and what is left; nothing where nothing was paid.

    What the shop gave back is asked of nobody again, so it is no deduction as well, unless it is credited.
    """
    labels, paid = VOCABULARY[language], totals.paid + order.refunded
    if not paid and not totals.credited:
        return []
    deduction = totals.written_off - order.refunded_elsewhere
    deducted = [(labels["credited"], -totals.credited)] if totals.credited else []
    deducted += [(labels["deduction"], -deduction)] if deduction > 0 and not totals.is_cancelled else []
    parts = [(_payment_method(part.method, language) or "", part.amount) for part in order.payments]
    refunded = [(labels["refunded"], -order.refunded)] if order.refunded else []
    balance_label = labels["to_refund"] if totals.balance < 0 else labels["to_pay"]
    return [*deducted, *(parts or [(labels["paid"], paid)]), *refunded, (balance_label, abs(totals.balance))]


def _shipment_sums(shipment: Shipment, language: str) -> Context:
    order = shipment.order
    labels, totals = VOCABULARY[language], of_shipment(order, shipment.lines)
    rows = [*_goods_sums(order, totals, language), *_vat_added(order, totals, language)]
    return {
        "rows": _labelled(rows, order, language),
        "total": {"label": labels["sum_of_shipment"], "amount": money(totals.total, order.currency, language)},
        "vat": _labelled(_vat_included(order, totals, language), order, language),
        "settled": [],
    }


def _goods_sums(order: Order, totals: Totals, language: str) -> list[tuple[str, int]]:
    labels = VOCABULARY[language]
    goods = labels["goods"] if order.prices_include_vat else labels["goods_without_vat"]
    discount = [(labels["discount"], -totals.discount)] if totals.discount else []
    return [(goods, totals.lines), *discount]


def _vat_added(order: Order, totals: Totals, language: str) -> list[tuple[str, int]]:
    return [] if order.prices_include_vat else _vat(VOCABULARY[language]["vat"], totals, language)


def _vat_included(order: Order, totals: Totals, language: str) -> list[tuple[str, int]]:
    return _vat(VOCABULARY[language]["of_which_vat"], totals, language) if order.prices_include_vat else []


def _vat(label: str, totals: Totals, language: str) -> list[tuple[str, int]]:
    return [(f"{label} {percent(rate, language)}", amount) for rate, amount in totals.vat.items()]


def _labelled(rows: list[tuple[str, int]], order: Order, language: str) -> list[Context]:
    return [{"label": label, "amount": money(amount, order.currency, language)} for label, amount in rows]


def _facts(order: Order, shop: Shop, language: str) -> list[Context]:
    labels = VOCABULARY[language]
    facts = [
        (labels["order_number"], order.number),
        (labels["shop_number"], order.shop_number),
        (labels["placed"], date_time(order.placed_at, shop.time_zone, language)),
        (labels["customer"], order.customer.name),
        (labels["company"], order.customer.company),
        (labels["organisation_number"], order.customer.organisation_number),
        (labels["email"], order.customer.email),
        (labels["phone"], order.customer.phone),
        (labels["payment"], _payment_method(order.payment_method, language)),
        (labels["shipping_method"], order.shipping_method),
        *((chosen.name, chosen.value) for chosen in order.attributes),
    ]
    return [{"label": label, "value": value} for label, value in facts if value]


def _payment_method(name: str | None, language: str) -> str | None:
    return PAYMENT_METHODS[language].get((name or "").casefold(), name)


def _addresses(order: Order, language: str) -> list[Context]:
    labels = VOCABULARY[language]
    return [
        _address(labels["delivered_to"], order.shipping_address, language),
        _address(labels["billed_to"], order.billing_address, language),
    ]


def _address(label: str, address: Address, language: str) -> Context:
    pickup_point = f"{VOCABULARY[language]['pickup_point']}: {address.pickup_point}" if address.pickup_point else None
    lines = [pickup_point, *address.lines, country(address.country, language)]
    return {"label": label, "lines": [line for line in lines if line]}


def _tracking(shipment: Shipment, shop: Shop) -> list[Context]:
    return [
        {
            "code": tracking.code,
            "carrier": tracking.carrier,
            "url": _safe_url(shop.tracking_url(tracking)),
        }
        for tracking in shipment.tracking_codes
    ]


def _safe_url(url: str | None) -> str | None:
    """A URL that may be a link: escaping keeps markup out of it, but not `javascript:`."""
    return url if url and url.startswith(("https://", "http://")) else None


def _first_name(customer: Customer) -> str | None:
    """The name to greet a customer by; None where the name is a company's, or begins with the surname."""
    names = customer.name.split()
    if not names or customer.name == customer.company or "," in customer.name:
        return None
    return names[0]
