"""What a mail template can show: each variable with its meaning, in the order that people look for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from webshop_orders.models import MessageKind


@dataclass(frozen=True)
class Variable:
    """A variable by its path in the facts of a mail, where `[]` stands for each item of a list."""

    path: str
    meaning: Any
    insert: str

    @property
    def name(self) -> str:
        """What it is called in a template, within the loop where it is a list's."""
        return self.insert.strip("{ }") if "[]" in self.path else self.path


@dataclass(frozen=True)
class Group:
    label: Any
    variables: tuple[Variable, ...]


def _plain(path: str, meaning: Any) -> Variable:
    return Variable(path, meaning, f"{{{{ {path} }}}}")


def _list(path: str, item: str, meaning: Any, fields: Mapping[str, Any]) -> tuple[Variable, ...]:
    """A list with the fields of its items; the whole of it is inserted as a loop."""
    shown = " ".join(f"{{{{ {item}.{name} }}}}" for name in fields)
    loop = Variable(path, meaning, f"{{% for {item} in {path} %}}{shown}{{% endfor %}}")
    return loop, *(Variable(f"{path}[].{name}", said, f"{{{{ {item}.{name} }}}}") for name, said in fields.items())


LABEL_AND_AMOUNT = {"label": _l("what it is, such as Freight"), "amount": _l("the amount, such as 1 234,50 kr")}
GROUPS = (
    Group(
        _l("Ready-made blocks"),
        (
            _plain("blocks.tracking", _l("every tracking code with its carrier and a button to follow it")),
            _plain("blocks.changes", _l("what was changed: products added, removed, and new quantities")),
            _plain("blocks.rows", _l("all products with quantity, price and sum")),
            _plain("blocks.sums", _l("sums, VAT and what is left to pay")),
            _plain("blocks.facts", _l("order number, day, customer, payment and delivery method")),
            _plain("blocks.addresses", _l("delivery and billing address")),
        ),
    ),
    Group(_l("Comment"), (_plain("comment.text", _l("the comment")), _plain("comment.author", _l("who wrote it")))),
    Group(
        _l("Customer"),
        (
            _plain("customer.first_name", _l("the name to greet the customer by; empty for companies")),
            _plain("customer.name", _l("the customer's whole name, or the company")),
        ),
    ),
    Group(
        _l("Shipment"),
        (
            _plain("shipment.reference", _l("the shipment's reference, such as WS-100234-1")),
            Variable(
                "shipment.others_follow",
                _l("whether more of the order is still to be sent"),
                "{% if shipment.others_follow %}…{% endif %}",
            ),
            *_list(
                "tracking",
                "parcel",
                _l("each tracking code of the shipment"),
                {"code": _l("the code"), "carrier": _l("the carrier"), "url": _l("where the parcel is followed")},
            ),
        ),
    ),
    Group(
        _l("Order"),
        (
            _plain("order.number", _l("the order number")),
            _plain("order.total", _l("what the order costs in all")),
            _plain("order.url", _l("the order's address in the order desk")),
            Variable("order.is_open", _l("whether anything is still to be sent"), "{% if order.is_open %}…{% endif %}"),
            Variable(
                "order.is_cancelled", _l("whether the order is cancelled"), "{% if order.is_cancelled %}…{% endif %}"
            ),
        ),
    ),
    Group(
        _l("Changes"),
        _list(
            "changes",
            "change",
            _l("each product whose quantity was changed"),
            {
                "product": _l("the product's name"),
                "before": _l("the quantity before; empty where it was added"),
                "after": _l("the quantity now; empty where it was removed"),
            },
        ),
    ),
    Group(
        _l("Products"),
        _list(
            "rows",
            "row",
            _l("each product of the mail"),
            {
                "name": _l("the product's name"),
                "sku": _l("its article number"),
                "quantity": _l("how many"),
                "unit_price": _l("the price of one"),
                "discount": _l("the discount, empty where there is none"),
                "total": _l("the sum of the row"),
                "backordered": _l("how many wait for stock, empty where none do"),
            },
        ),
    ),
    Group(
        _l("Sums"),
        (
            *_list("sums.rows", "sum", _l("each sum above the total"), LABEL_AND_AMOUNT),
            _plain("sums.total.label", _l("the word for the total")),
            _plain("sums.total.amount", _l("the total")),
            *_list("sums.vat", "sum", _l("VAT by rate"), LABEL_AND_AMOUNT),
            *_list(
                "sums.settled", "sum", _l("what is paid, and what is left to pay or to be refunded"), LABEL_AND_AMOUNT
            ),
        ),
    ),
    Group(
        _l("Facts and addresses"),
        (
            *_list(
                "facts", "fact", _l("each fact of the order"), {"label": _l("what it is"), "value": _l("its value")}
            ),
            *_list(
                "addresses",
                "address",
                _l("each address"),
                {"label": _l("which one it is"), "lines": _l("its lines")},
            ),
        ),
    ),
    Group(
        _l("Shop"),
        (
            _plain("shop.name", _l("the shop's name")),
            _plain("shop.email", _l("the shop's e-mail address")),
            Variable(
                "shop.confirms_deliveries",
                _l("whether delivery confirmations go out by themselves"),
                "{% if shop.confirms_deliveries %}…{% endif %}",
            ),
            _plain("language", _l("the language of the mail, sv or en")),
        ),
    ),
)


def groups(kind: MessageKind, facts: Mapping[str, Any]) -> list[Group]:
    """The variables that a mail with such facts can show."""
    shown = (Group(group.label, tuple(one for one in group.variables if _is_in(one.path, facts))) for group in GROUPS)
    return [group for group in shown if group.variables]


def blocks_of(facts: Mapping[str, Any]) -> list[str]:
    """The ready-made blocks that there are for such facts."""
    names = (one.path.removeprefix("blocks.") for one in GROUPS[0].variables)
    return [name for name in names if name in facts]


def _is_in(path: str, facts: Mapping[str, Any]) -> bool:
    if path.startswith("blocks."):
        return path.removeprefix("blocks.") in facts
    value: Any = facts
    for name in path.replace("[]", ".0").split("."):
        if isinstance(value, list):
            value = value[0] if value else {}
        elif isinstance(value, Mapping) and name in value:
            value = value[name]
        else:
            return False
    return True
