"""The measured tasks: what a member of staff does, as requests to each system."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import quote

from benchmarks.filling import EMAIL, PASSWORD
from benchmarks.samples import Sample
from benchmarks.systems import Answer, Client, token

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass(frozen=True)
class Request:
    """A prepared request: `send` is timed, and `shows` is a regex that its last answer must match."""

    send: Callable[[], list[Answer]]
    shows: str = ""


Prepare = Callable[[Client], Request]


class Kind(Enum):
    """What is measured alike, and has the same goals."""

    LIST = auto()
    NUMBER = auto()
    NO_MATCH = auto()
    ORDER = auto()
    CHANGE = auto()

    @property
    def is_list(self) -> bool:
        return self in {Kind.LIST, Kind.NUMBER, Kind.NO_MATCH}


@dataclass(frozen=True)
class Task:
    """A task of a member of staff; `oscar` is None if Oscar has no equivalent."""

    name: str
    kind: Kind
    ours: Prepare
    oscar: Prepare | None = None


def tasks(sample: Sample) -> list[Task]:
    number, name, sku = sample.number, quote(sample.name), quote(sample.sku)
    beginning, letters, cursor = number[:-1], quote(sample.name[:3]), quote(sample.cursor)
    oscar = "/dashboard/orders/"
    return [
        Task("list", Kind.LIST, get("/orders"), get(oscar)),
        Task(
            "by number",
            Kind.NUMBER,
            get(f"/orders?q={beginning}"),
            follow_redirect(f"{oscar}?order_number={beginning}"),
        ),
        Task("by name", Kind.LIST, get(f"/orders?q={name}"), get(f"{oscar}?name={name}")),
        Task("by status", Kind.LIST, get("/orders?status=shipped"), get(f"{oscar}?status=Shipped")),
        Task("deep page", Kind.LIST, get(f"/orders?after={cursor}"), get(f"{oscar}?page={sample.page}")),
        Task("by three letters", Kind.LIST, get(f"/orders?q={letters}")),
        Task("by words nobody has", Kind.LIST, get("/orders?q=finns+inte")),
        Task("by payment", Kind.LIST, get("/orders?payment=klarna")),
        Task("by carrier", Kind.LIST, get("/orders?carrier=PostNord")),
        Task("by product", Kind.LIST, get(f"/orders?product={sku}")),
        Task("by name and status", Kind.LIST, get(f"/orders?q={name}&status=ready")),
        Task("by product, payment and period", Kind.LIST, get(f"/orders?product={sku}&payment=card&from=2025-03-01")),
        Task("by what no order has", Kind.NO_MATCH, get("/orders?status=cancelled&carrier=PostNord")),
        Task("sorted by customer", Kind.LIST, get("/orders?sort=customer")),
        Task("sorted by sum", Kind.LIST, get("/orders?sort=-total")),
        Task("order, Frakt", Kind.ORDER, get(f"/orders/{number}/shipping"), get(f"{oscar}{number}/")),
        Task("Sammanfattning", Kind.ORDER, get(f"/orders/{number}")),
        Task("Kund", Kind.ORDER, get(f"/orders/{number}/customer")),
        Task("Utskick", Kind.ORDER, get(f"/orders/{number}/messages")),
        Task("Historik", Kind.ORDER, get(f"/orders/{number}/history")),
        # The changes leave the order as they found it, for the next run among the same orders.
        Task("a note added", Kind.CHANGE, comment(number), note(number)),
        Task("a shipment taken back", Kind.CHANGE, shipped(number), line_status(number)),
        Task("a status set", Kind.CHANGE, status(number)),
        Task("a quantity changed", Kind.CHANGE, quantity(number)),
        Task("a line split", Kind.CHANGE, split(number)),
        Task("the parts joined", Kind.CHANGE, join(number)),
        Task("a shipment shipped", Kind.CHANGE, shipped(number), line_status(number)),
    ]


def get(path: str) -> Prepare:
    return lambda client: Request(lambda: [client.get(path)])


def follow_redirect(path: str) -> Prepare:
    """A search that redirects to the order if it is the only match."""

    def prepare(client: Client) -> Request:
        def send() -> list[Answer]:
            answer = client.get(path)
            return [answer, client.get(answer.location)] if answer.location else [answer]

        return Request(send)

    return prepare


def comment(number: str) -> Prepare:
    """Add a comment; the answer is the tab that shows it."""

    def prepare(client: Client) -> Request:
        values = {**_hidden_fields(client, f"/orders/{number}"), "text": "Ringde kunden.", "about": "internal"}
        return Request(lambda: [client.post(f"/orders/{number}/comments", values, HTMX)], shows="Ringde kunden")

    return prepare


def shipped(number: str) -> Prepare:
    """Reopen the shipment if it is shipped, otherwise ship it."""
    page = f"/orders/{number}/shipping"

    def prepare(client: Client) -> Request:
        is_shipped = 'id="reopen-1"' in client.get(page).text
        target, shows = ("reopened", "ship-1") if is_shipped else ("shipped", "reopen-1")
        return _change(client, page, f"/orders/{number}/shipments/1/status", f'id="{shows}"', status=target)

    return prepare


def status(number: str) -> Prepare:
    """Set the delivery status by hand, to the other one; the next change of its lines decides it again."""
    page = f"/orders/{number}/shipping"

    def prepare(client: Client) -> Request:
        is_ready = re.search('value="backordered"(?! selected)', client.get(page).text)
        target = "backordered" if is_ready else "ready"
        return _change(client, page, f"/orders/{number}/shipments/1/status", 'id="ship-1"', status=target)

    return prepare


def quantity(number: str) -> Prepare:
    """Change the quantity of the first line, to 2 or 3."""

    def prepare(client: Client) -> Request:
        line_id = _line_ids(client, number)[0]
        page = f"/orders/{number}/lines/{line_id}"
        html = client.get(page).text
        # The form for adding a product has a quantity as well.
        field = re.search(rf'<input[^>]*id="edit-{line_id}-quantity"[^>]*>', html)
        assert field is not None, html[:2000]
        quantity = 3 if 'value="2"' in field[0] else 2
        return _change(client, page, page, f'id="line-{line_id}"[^>]*>(?s:.)*?{quantity} st', quantity=quantity)

    return prepare


def split(number: str) -> Prepare:
    """Move one unit of the first line to a new shipment."""

    def prepare(client: Client) -> Request:
        page = f"/orders/{number}/lines/{_line_ids(client, number)[0]}/split"
        return _change(client, page, page, r'id="ship-(?!1")[0-9]+"', quantity=1, target="new")

    return prepare


def join(number: str) -> Prepare:
    """Move the split unit back; its shipment disappears."""

    def prepare(client: Client) -> Request:
        page = f"/orders/{number}/lines/{_line_ids(client, number)[-1]}/split"
        return _change(client, page, page, 'id="ship-1"', quantity=1, target=1)

    return prepare


def note(number: str) -> Prepare:
    """Add a note in Oscar, and reload the page that shows it."""
    page = f"/dashboard/orders/{number}/"

    def prepare(client: Client) -> Request:
        csrf_token = token(client.get(page).text)
        values = {"csrfmiddlewaretoken": csrf_token, "order_action": "save_note", "message": "Called the customer."}
        return Request(lambda: [client.post(page, values), client.get(page)], shows="Called the customer")

    return prepare


def line_status(number: str) -> Prepare:
    """Set the status of all lines in Oscar, and reload the page that shows it."""
    page = f"/dashboard/orders/{number}/"

    def prepare(client: Client) -> Request:
        html = client.get(page).text
        lines = re.findall(r'name="selected_line" value="(\d+)"', html)
        target = "Ready" if re.search(r"<td>\s*Shipped\s*</td>", html) else "Shipped"
        values = {
            "csrfmiddlewaretoken": token(html),
            "line_action": "change_line_statuses",
            "new_status": target,
            "selected_line": lines,
            **{f"selected_line_qty_{line}": 1 for line in lines},
        }
        return Request(lambda: [client.post(page, values), client.get(page)], shows=rf"<td>\s*{target}\s*</td>")

    return prepare


def sign_in_to_desk(client: Client) -> None:
    values = {"csrf_token": token(client.get("/login").text), "email": EMAIL, "password": PASSWORD}
    answer = client.post("/login", values)
    assert answer.status == 303, answer.text[:2000]


def sign_in_to_oscar(client: Client) -> None:
    page = "/dashboard/login/"
    values = {"csrfmiddlewaretoken": token(client.get(page).text), "username": EMAIL, "password": PASSWORD}
    answer = client.post(page, values)
    assert answer.status == 302, answer.text[:2000]


def _change(client: Client, page: str, action: str, shows: str, **values: object) -> Request:
    """Send a form of a page, with the confirmations that staff would be asked for already given."""
    values |= {**_hidden_fields(client, page), "agreed": ["no-code", "just-sent", "uncovered"]}
    return Request(lambda: [client.post(action, values, HTMX)], shows)


def _line_ids(client: Client, number: str) -> list[str]:
    """The ids of the lines of open shipments, in the order of the page."""
    page = client.get(f"/orders/{number}/shipping").text
    ids = re.findall(rf'href="/orders/{number}/lines/(\d+)/split', page)
    assert ids, page[:2000]
    return ids


def _hidden_fields(client: Client, page: str) -> dict[str, object]:
    """The hidden fields of our forms: CSRF token, order version, and idempotency key."""
    html = client.get(page).text
    fields = re.findall(r'<input type="hidden" name="(csrf_token|version|request_key)" value="([^"]*)">', html)
    return dict(reversed(fields))
