"""The requests that are measured: the same wish of a member of staff, as each system takes it."""

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
    """A request, prepared outside of what is timed: what sends it, and what its last answer has to show, as a regex."""

    send: Callable[[], list[Answer]]
    shows: str = ""


Prepare = Callable[[Client], Request]


@dataclass(frozen=True)
class Wish:
    """What someone wants to see done; `oscar` is None where Oscar has nothing like it."""

    name: str
    ours: Prepare
    oscar: Prepare | None = None
    is_list: bool = False


def wishes(sample: Sample) -> list[Wish]:
    number, name, sku = sample.number, quote(sample.name), quote(sample.sku)
    beginning, letters, cursor = number[:-1], quote(sample.name[:3]), quote(sample.cursor)
    oscar = "/dashboard/orders/"
    return [
        Wish("list", get("/orders"), get(oscar), is_list=True),
        Wish("by number", get(f"/orders?q={beginning}"), led_on(f"{oscar}?order_number={beginning}"), is_list=True),
        Wish("by name", get(f"/orders?q={name}"), get(f"{oscar}?name={name}"), is_list=True),
        Wish("by status", get("/orders?status=shipped"), get(f"{oscar}?status=Shipped"), is_list=True),
        Wish("deep page", get(f"/orders?after={cursor}"), get(f"{oscar}?page={sample.page}"), is_list=True),
        Wish("by three letters", get(f"/orders?q={letters}"), is_list=True),
        Wish("by words nobody has", get("/orders?q=finns+inte"), is_list=True),
        Wish("by payment", get("/orders?payment=klarna"), is_list=True),
        Wish("by carrier", get("/orders?carrier=PostNord"), is_list=True),
        Wish("by product", get(f"/orders?product={sku}"), is_list=True),
        Wish("by name and status", get(f"/orders?q={name}&status=ready"), is_list=True),
        Wish(
            "by product, payment and period", get(f"/orders?product={sku}&payment=card&from=2025-03-01"), is_list=True
        ),
        Wish("by what no order has", get("/orders?status=cancelled&carrier=PostNord"), is_list=True),
        Wish("sorted by customer", get("/orders?sort=customer"), is_list=True),
        Wish("sorted by sum", get("/orders?sort=-total"), is_list=True),
        Wish("order", get(f"/orders/{number}/shipping"), get(f"{oscar}{number}/")),
        Wish("Sammanfattning", get(f"/orders/{number}")),
        Wish("Historik", get(f"/orders/{number}/history")),
        Wish("a note added", comment(number), note(number)),
        Wish("a shipment taken back", status(number), line_status(number)),
        Wish("a shipment shipped", status(number), line_status(number)),
    ]


def get(path: str) -> Prepare:
    return lambda client: Request(lambda: [client.get(path)])


def led_on(path: str) -> Prepare:
    """A search that leads to what it found where that is one order alone."""

    def prepare(client: Client) -> Request:
        def send() -> list[Answer]:
            answer = client.get(path)
            return [answer, client.get(answer.location)] if answer.location else [answer]

        return Request(send)

    return prepare


def comment(number: str) -> Prepare:
    """A comment, answered with the tab that shows it."""

    def prepare(client: Client) -> Request:
        values = {**_carried(client, f"/orders/{number}"), "text": "Ringde kunden.", "about": "internal"}
        return Request(lambda: [client.post(f"/orders/{number}/comments", values, HTMX)], shows="Ringde kunden")

    return prepare


def status(number: str) -> Prepare:
    """Taken back if it is shipped, or else shipped; staff who agree are not asked again whether a code is missing."""
    page = f"/orders/{number}/shipping"

    def prepare(client: Client) -> Request:
        to, then = ("reopened", "ship-1") if 'id="reopen-1"' in client.get(page).text else ("shipped", "reopen-1")
        values = {**_carried(client, page), "status": to, "agreed": ["no-code", "just-sent"]}
        return Request(lambda: [client.post(f"/orders/{number}/shipments/1/status", values, HTMX)], f'id="{then}"')

    return prepare


def note(number: str) -> Prepare:
    """A note in Oscar, and the page again that shows it."""
    page = f"/dashboard/orders/{number}/"

    def prepare(client: Client) -> Request:
        proof = token(client.get(page).text)
        values = {"csrfmiddlewaretoken": proof, "order_action": "save_note", "message": "Called the customer."}
        return Request(lambda: [client.post(page, values), client.get(page)], shows="Called the customer")

    return prepare


def line_status(number: str) -> Prepare:
    """The status of all lines in Oscar, and the page again that shows it."""
    page = f"/dashboard/orders/{number}/"

    def prepare(client: Client) -> Request:
        shown = client.get(page).text
        lines = re.findall(r'name="selected_line" value="(\d+)"', shown)
        to = "Ready" if re.search(r"<td>\s*Shipped\s*</td>", shown) else "Shipped"
        values = {
            "csrfmiddlewaretoken": token(shown),
            "line_action": "change_line_statuses",
            "new_status": to,
            "selected_line": lines,
            **{f"selected_line_qty_{line}": 1 for line in lines},
        }
        return Request(lambda: [client.post(page, values), client.get(page)], shows=rf"<td>\s*{to}\s*</td>")

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


def _carried(client: Client, page: str) -> dict[str, object]:
    """What every form of ours carries: its proof of origin, the version it was drawn from, and a key of its own."""
    shown = client.get(page).text
    fields = re.findall(r'<input type="hidden" name="(csrf_token|version|request_key)" value="([^"]*)">', shown)
    return dict(reversed(fields))
