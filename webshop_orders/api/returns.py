"""Returns, exchanges and claims of an order over the API: registered, received and closed."""

from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, check_unchanged, etag, json_response, read_body
from webshop_orders.documents.goods_return import NewReturn, NewReturnLine, ReceivedLine, ReturnReceipt, to_json
from webshop_orders.documents.order import EmptyDocument
from webshop_orders.errors import AlreadyDone, FieldError, InvalidDocument, NoChange, NotFound, RuleViolation
from webshop_orders.models import Line, Order, Product, Return, ReturnLine, Scope
from webshop_orders.operations.after_sales import returns
from webshop_orders.operations.after_sales.replacements import Replacement
from webshop_orders.operations.after_sales.returns import ReceivedUnits, ReturnedUnits
from webshop_orders.operations.orders import lines
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.stock import products
from webshop_orders.transactions.unit_of_work import editing

blueprint = Blueprint("returns", __name__, url_prefix="/orders/<number:number>/returns")

SHOWN_AT = {"mails": "send_mail", "product": "replacements", "quantity": "replacements"}


@blueprint.get("")
@requires(Scope.ORDERS_READ)
def index(number: str) -> Response:
    order = get_order(number)
    return json_response({"returns": [to_json(order, a_return) for a_return in order.returns]}, ETag=etag(order))


@blueprint.post("")
@requires(Scope.ORDERS_WRITE)
def register(number: str) -> Response:
    new, by = read_body(NewReturn), actor()
    try:
        with editing(number, None, by) as order:
            check_unchanged(order)
            units = _returned(order, new.lines)
            replacements = _replacements(order, new)
            try:
                a_return = returns.register(
                    order,
                    new.kind,
                    [unit for unit, _pointer in units],
                    note=new.note,
                    expects_goods=new.expects_goods,
                    replacements=replacements,
                    mails=new.send_mail,
                    by=by,
                )
            except RuleViolation as refusal:
                raise _at_field(refusal, units) from refusal
    except AlreadyDone:
        order = get_order(number)
        return _response(order, returns.of_request(order, by.request_key))
    return _response(order, a_return, 201)


@blueprint.post("/<id:return_id>/receipt")
@requires(Scope.ORDERS_WRITE)
def receive(number: str, return_id: int) -> Response:
    new, by = read_body(ReturnReceipt, optional=True), actor()
    try:
        with editing(number, None, by) as order:
            check_unchanged(order)
            units = _received(returns.get(order, return_id), new.lines)
            try:
                a_return = returns.receive(order, return_id, [unit for unit, _pointer in units], by=by)
            except RuleViolation as refusal:
                raise _at_field(refusal, units) from refusal
    except AlreadyDone:
        order = get_order(number)
        a_return = returns.get(order, return_id)
    return _response(order, a_return)


@blueprint.post("/<id:return_id>/closing")
@requires(Scope.ORDERS_WRITE)
def close(number: str, return_id: int) -> Response:
    read_body(EmptyDocument, optional=True)
    try:
        with editing(number, None, actor()) as order:
            check_unchanged(order)
            a_return = returns.close(order, return_id, by=actor())
    except (AlreadyDone, NoChange):
        order = get_order(number)
        a_return = returns.get(order, return_id)
    return _response(order, a_return)


def _response(order: Order, a_return: Return, status: int = 200) -> Response:
    return json_response(to_json(order, a_return), status, ETag=etag(order))


def _returned(order: Order, named: Sequence[NewReturnLine]) -> list[tuple[ReturnedUnits, str]]:
    """The units of each line, and the pointer to what named them; a SKU means what left of it, first things first."""
    found: list[tuple[ReturnedUnits, str]] = []
    taken: Counter[int] = Counter()
    for place, new in enumerate(named):
        pointer = f"/lines/{place}"
        for line, quantity in _units_of(order, new, pointer, taken):
            taken[line.id] += quantity
            found.append((ReturnedUnits(line.id, quantity, new.reason, new.disposition), pointer))
    return found


def _units_of(order: Order, new: NewReturnLine, pointer: str, taken: Counter[int]) -> list[tuple[Line, int]]:
    if new.line is not None:
        return [(_line(order, new.line, pointer), new.quantity)]
    selling = [line for line in order.lines if line.sku == new.sku]
    left = {line: returns.returnable_units(order, line) - taken[line.id] for line in selling}
    if not selling:
        raise _fault(f"{pointer}/sku", _("%(sku)s is not in this order.", sku=new.sku))
    if new.quantity > (most := sum(left.values())):
        sentence = ngettext(
            "At most %(most)s pc of %(name)s can come back.",
            "At most %(most)s pcs of %(name)s can come back.",
            most,
            most=most,
            name=selling[0].name,
        )
        raise _fault(f"{pointer}/quantity", sentence)
    wanted, units = new.quantity, []
    for line, count in left.items():
        if quantity := min(wanted, count):
            units.append((line, quantity))
            wanted -= quantity
    return units


def _received(a_return: Return, named: Sequence[ReceivedLine]) -> list[tuple[ReceivedUnits, str]]:
    """What came back, and the pointer to what named it; all that is awaited where nothing is named."""
    if not named:
        awaited = a_return.awaited
        return [(ReceivedUnits(line.line_id, line.quantity, line.disposition), "/lines") for line in awaited]
    found = []
    for place, new in enumerate(named):
        pointer = f"/lines/{place}"
        line_id = _awaited(a_return, new, pointer).line_id
        found.append((ReceivedUnits(line_id, new.quantity, new.disposition), pointer))
    return found


def _awaited(a_return: Return, new: ReceivedLine, pointer: str) -> ReturnLine:
    if new.line is not None:
        matches = [line for line in a_return.lines if line.line_id == new.line]
    else:
        matches = [line for line in a_return.lines if line.sku == new.sku]
    if not matches:
        name = "line" if new.line is not None else "sku"
        raise _fault(f"{pointer}/{name}", _("It is not among what is to come back."))
    if len(matches) > 1:
        raise _fault(f"{pointer}/sku", _("Several lines have that SKU. Name the line."))
    return matches[0]


def _replacements(order: Order, new: NewReturn) -> list[Replacement]:
    skus = [wanted.sku for wanted in new.replacements if wanted.sku is not None]
    catalogue = products.by_sku(skus) if skus else {}
    return [
        Replacement(
            wanted.quantity,
            product=_product(catalogue, wanted.sku, f"/replacements/{place}") if wanted.sku is not None else None,
            line_id=_line(order, wanted.line, f"/replacements/{place}").id if wanted.line is not None else None,
        )
        for place, wanted in enumerate(new.replacements)
    ]


def _product(catalogue: dict[str, Product], sku: str, pointer: str) -> Product:
    if sku not in catalogue:
        raise _fault(f"{pointer}/sku", _("There is no product %(sku)s.", sku=sku))
    return catalogue[sku]


def _line(order: Order, line_id: int, pointer: str) -> Line:
    try:
        return lines.get(order, line_id)
    except NotFound as not_found:
        raise _fault(f"{pointer}/line", str(not_found)) from not_found


def _at_field(refusal: RuleViolation, units: Sequence[tuple[ReturnedUnits | ReceivedUnits, str]]) -> RuleViolation:
    """The refusal, at the field of the document that it is about."""
    pointers = {returns.quantity_of(unit.line_id): pointer for unit, pointer in units}
    if refusal.field in pointers:
        return _fault(f"{pointers[refusal.field]}/quantity", str(refusal))
    refusal.field = SHOWN_AT.get(refusal.field or "", refusal.field)
    return refusal


def _fault(pointer: str, sentence: str) -> InvalidDocument:
    return InvalidDocument([FieldError(pointer, sentence)])
