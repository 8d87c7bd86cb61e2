"""The measured tasks: what a member of staff does, as requests to each system."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Task:
    """A task of a member of staff; `oscar` is None if Oscar has no equivalent."""

    name: str
    ours: Prepare
    oscar: Prepare | None = None
    is_list: bool = False


def tasks(sample: Sample) -> list[Task]:
    number, name, sku = sample.number, quote(sample.name), quote(sample.sku)
    beginning, letters, cursor = number[:-1], quote(sample.name[:3]), quote(sample.cursor)
    oscar = "/dashboard/orders/"
    return [
        Task("list", get("/orders"), get(oscar), is_list=True),
        Task(
            "by number",
            get(f"/orders?q={beginning}"),
            follow_redirect(f"{oscar}?order_number={beginning}"),
            is_list=True,
        ),
        Task("by name", get(f"/orders?q={name}"), get(f"{oscar}?name={name}"), is_list=True),
        Task("by status", get("/orders?status=shipped"), get(f"{oscar}?status=Shipped"), is_list=True),
        Task("deep page", get(f"/orders?after={cursor}"), get(f"{oscar}?page={sample.page}"), is_list=True),
        Task("by three letters", get(f"/orders?q={letters}"), is_list=True),
        Task("by words nobody has", get("/orders?q=finns+inte"), is_list=True),
        Task("by payment", get("/orders?payment=klarna"), is_list=True),
        Task("by carrier", get("/orders?carrier=PostNord"), is_list=True),
        Task("by product", get(f"/orders?product={sku}"), is_list=True),
        Task("by name and status", get(f"/orders?q={name}&status=ready"), is_list=True),
        Task(
            "by product, payment and period", get(f"/orders?product={sku}&payment=card&from=2025-03-01"), is_list=True
        ),
        Task("by what no order has", get("/orders?status=cancelled&carrier=PostNord"), is_list=True),
        Task("sorted by customer", get("/orders?sort=customer"), is_list=True),
        Task("sorted by sum", get("/orders?sort=-total"), is_list=True),
        Task("order", get(f"/orders/{number}/shipping"), get(f"{oscar}{number}/")),
        Task("Sammanfattning", get(f"/orders/{number}")),
        Task("Historik", get(f"/orders/{number}/history")),
        Task("a note added", comment(number), note(number)),
        Task("a shipment taken back", status(number), line_status(number)),
        Task("a shipment shipped", status(number), line_status(number)),
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


def status(number: str) -> Prepare:
    """Reopen the shipment if it is shipped, otherwise ship it, with the confirmations already given."""
    page = f"/orders/{number}/shipping"

    def prepare(client: Client) -> Request:
        target, shows = ("reopened", "ship-1") if 'id="reopen-1"' in client.get(page).text else ("shipped", "reopen-1")
        values = {**_hidden_fields(client, page), "status": target, "agreed": ["no-code", "just-sent"]}
        return Request(lambda: [client.post(f"/orders/{number}/shipments/1/status", values, HTMX)], f'id="{shows}"')

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


def _hidden_fields(client: Client, page: str) -> dict[str, object]:
    """The hidden fields of our forms: CSRF token, order version, and idempotency key."""
    html = client.get(page).text
    fields = re.findall(r'<input type="hidden" name="(csrf_token|version|request_key)" value="([^"]*)">', html)
    return dict(reversed(fields))
