"""The variables of a mail template with their meanings, grouped and in the order that people look for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webshop_orders.text.languages import lazy_gettext as _l


@dataclass(frozen=True)
class TemplateVariable:
    """A variable by its path in the context of a mail, in which `[]` stands for each item of a list."""

    path: str
    meaning: Any
    insert: str

    @property
    def name(self) -> str:
        """Its name in a template; for a field of a list, its name within the loop."""
        return self.insert.removeprefix("{{ ").removesuffix(" }}") if "[]" in self.path else self.path


@dataclass(frozen=True)
class VariableGroup:
    label: Any
    variables: tuple[TemplateVariable, ...]


def _plain(path: str, meaning: Any) -> TemplateVariable:
    return TemplateVariable(path, meaning, f"{{{{ {path} }}}}")


def _list(path: str, item: str, meaning: Any, fields: Mapping[str, Any]) -> tuple[TemplateVariable, ...]:
    """A list, inserted as a loop, and the fields of its items."""
    outputs = {name: f"{{{{ {item}.{name} }}}}" for name in fields}
    loop = TemplateVariable(path, meaning, f"{{% for {item} in {path} %}}{' '.join(outputs.values())}{{% endfor %}}")
    return loop, *(TemplateVariable(f"{path}[].{name}", fields[name], outputs[name]) for name in fields)


LABEL_AND_AMOUNT = {"label": _l("what it is, such as Freight"), "amount": _l("the amount, such as 1 234,50 kr")}
GROUPS = (
    VariableGroup(
        _l("Ready-made blocks"),
        (
            _plain("blocks.tracking", _l("every tracking code with its carrier and a button to follow it")),
            _plain("blocks.changes", _l("what was changed: products, quantities, prices and shipping")),
            _plain("blocks.returned", _l("what comes back, or is claimed: products and quantities")),
            _plain("blocks.waiting", _l("what the customer waits for: products, quantities and expected days")),
            _plain("blocks.rows", _l("all products with quantity, price and sum")),
            _plain("blocks.sums", _l("sums, VAT and what is left to pay")),
            _plain("blocks.facts", _l("order number, day, customer, payment and delivery method")),
            _plain("blocks.addresses", _l("delivery and billing address")),
            _plain(
                "blocks.withdrawal", _l("the whole statement: when it came, order number, name, e-mail and products")
            ),
        ),
    ),
    VariableGroup(
        _l("Comment"),
        (
            _plain("comment.text", _l("the comment")),
            _plain("comment.author", _l("who wrote it")),
            _plain("comment.quoted", _l("what the customer wrote, where it is an answer")),
        ),
    ),
    VariableGroup(
        _l("Withdrawal"),
        (
            _plain("withdrawal.received_at", _l("day and time when the statement came, in the shop's time zone")),
            _plain("withdrawal.name", _l("the name that was stated")),
            _plain("withdrawal.email", _l("the e-mail address that was stated")),
            _plain("withdrawal.what", _l("«the whole purchase»; empty where products were stated")),
            *_list(
                "withdrawal.lines",
                "line",
                _l("each product that was stated"),
                {"product": _l("the product as it was stated"), "quantity": _l("how many; empty for all of them")},
            ),
        ),
    ),
    VariableGroup(
        _l("Customer"),
        (
            _plain("customer.first_name", _l("the name to greet the customer by; empty for companies")),
            _plain("customer.name", _l("the customer's whole name, or the company")),
        ),
    ),
    VariableGroup(
        _l("Shipment"),
        (
            _plain("shipment.reference", _l("the shipment's reference, such as WS-100234-1")),
            TemplateVariable(
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
    VariableGroup(
        _l("Credit note"),
        (
            _plain("credit_note.reference", _l("the number of the credit note, such as WS-100234-K1")),
            _plain("credit_note.amount", _l("the money that is given back; empty where there is none")),
            TemplateVariable(
                "credit_note.is_done",
                _l("whether the money has been given back"),
                "{% if credit_note.is_done %}…{% endif %}",
            ),
        ),
    ),
    VariableGroup(
        _l("Return"),
        (
            _plain("return.reference", _l("the return's reference, such as WS-100234-R1")),
            TemplateVariable(
                "return.kind",
                _l("what it is: return, exchange or claim"),
                '{% if return.kind == "claim" %}…{% endif %}',
            ),
            TemplateVariable(
                "return.expects_goods",
                _l("whether the customer sends goods back"),
                "{% if return.expects_goods %}…{% endif %}",
            ),
            _plain("return.replacement", _l("the shipment that is sent instead; empty where there is none")),
            *_list(
                "returned",
                "row",
                _l("each product that comes back, or is claimed"),
                {
                    "name": _l("the product's name"),
                    "sku": _l("its article number"),
                    "quantity": _l("how many"),
                },
            ),
        ),
    ),
    VariableGroup(
        _l("Backorder notice"),
        (
            *_list(
                "waiting",
                "row",
                _l("each product that waits for stock"),
                {
                    "name": _l("the product's name"),
                    "sku": _l("its article number"),
                    "quantity": _l("how many wait"),
                    "expected": _l("the day on which these are expected, such as 3 Dec; empty where it is not known"),
                },
            ),
            _plain("notice.expected", _l("the day on which all of it is there; empty where it is not known")),
            TemplateVariable(
                "notice.ships_whole",
                _l("whether the order leaves only once all of it is there"),
                "{% if notice.ships_whole %}…{% endif %}",
            ),
        ),
    ),
    VariableGroup(
        _l("Order"),
        (
            _plain("order.number", _l("the order number")),
            _plain("order.shop_number", _l("the number that the customer knows from the shop")),
            _plain("order.total", _l("what the order costs in all")),
            _plain("order.url", _l("the order's address in the order desk")),
            TemplateVariable(
                "order.is_open", _l("whether anything is still to be sent"), "{% if order.is_open %}…{% endif %}"
            ),
            TemplateVariable(
                "order.is_cancelled", _l("whether the order is cancelled"), "{% if order.is_cancelled %}…{% endif %}"
            ),
        ),
    ),
    VariableGroup(
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
    VariableGroup(
        _l("Products"),
        (
            *_list(
                "rows",
                "row",
                _l("each product of the mail"),
                {
                    "name": _l("the product's name"),
                    "sku": _l("its article number"),
                    "quantity": _l("how many"),
                    "unit_price": _l("the price of one"),
                    "vat_rate": _l("the VAT rate; only in credit notes"),
                    "discount": _l("the discount, empty where there is none"),
                    "total": _l("the sum of the row"),
                    "backordered": _l("how many wait for stock, empty where none do"),
                    "expected": _l("the day on which these are expected, such as 3 Dec; empty where it is not known"),
                },
            ),
            TemplateVariable(
                "rows[].is_part",
                _l("whether it is a part of the bundle above"),
                "{% if row.is_part %}…{% endif %}",
            ),
            TemplateVariable(
                "rows[].properties",
                _l("what the customer chose for it, such as an engraving"),
                "{% for chosen in row.properties %}{{ chosen.name }}: {{ chosen.value }}{% endfor %}",
            ),
            TemplateVariable("rows[].properties[].name", _l("what was chosen"), "{{ chosen.name }}"),
            TemplateVariable("rows[].properties[].value", _l("its value"), "{{ chosen.value }}"),
        ),
    ),
    VariableGroup(
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
    VariableGroup(
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
    VariableGroup(
        _l("Shop"),
        (
            _plain("shop.name", _l("the shop's name")),
            _plain("shop.email", _l("the shop's e-mail address")),
            TemplateVariable(
                "shop.confirms_deliveries",
                _l("whether delivery confirmations go out by themselves"),
                "{% if shop.confirms_deliveries %}…{% endif %}",
            ),
            _plain("language", _l("the language of the mail, sv or en")),
        ),
    ),
)


def groups(context: Mapping[str, Any]) -> list[VariableGroup]:
    """The variables that are in the context of a mail; groups without any are left out."""
    available = (
        VariableGroup(group.label, tuple(variable for variable in group.variables if _is_in(variable.path, context)))
        for group in GROUPS
    )
    return [group for group in available if group.variables]


def available_blocks(context: Mapping[str, Any]) -> list[str]:
    """The ready-made blocks that the context suffices for."""
    names = (variable.path.removeprefix("blocks.") for variable in GROUPS[0].variables)
    return [name for name in names if name in context]


def _is_in(path: str, context: Mapping[str, Any]) -> bool:
    if path.startswith("blocks."):
        return path.removeprefix("blocks.") in context
    value: Any = context
    for name in path.replace("[]", ".0").split("."):
        if isinstance(value, list):
            value = value[0] if value else {}
        elif isinstance(value, Mapping) and name in value:
            value = value[name]
        else:
            return False
    return True
