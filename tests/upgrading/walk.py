"""What a shop does all day, in a browser without JavaScript and through the API: what each version has to do."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from itertools import count
from typing import Any

from tests.web.pages import Page

EMAIL, PASSWORD = "anna@example.com", "a long password of Anna's"
TABS = ("", "/shipping", "/customer", "/messages", "/history")
PAGES = ("/today", "/inbox", "/orders", "/orders?q=Luleå", "/batches", "/stock", "/backorders", "/settings/shop")
ADDRESS = {"street": "Storgatan 1", "postal_code": "972 31", "city": "Luleå", "country": "SE"}
CUSTOMER = {"name": "Åsa Öberg", "email": "asa@example.com", "phone": "070-174 06 05"}


class Walker:
    """Someone who works at one process after the other, and stays signed in."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self.numbers: list[str] = []
        self._token = token
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self._opener.addheaders = [("Accept-Language", "sv")]
        self._counter = count()

    def sign_in(self) -> None:
        self.send("/login", "", email=EMAIL, password=PASSWORD)

    def walk(self) -> None:
        """An order from the checkout to the parcel; raises HTTPError where something is refused."""
        number = self.place()
        page, shipping = f"/orders/{number}", f"/orders/{number}/shipping"
        line = re.findall(rf"{page}/lines/([0-9]+)", self.page(shipping).html)[0]
        self.send(page, f"{page}/comments", text="Ring först")
        self.send(f"{page}/lines/{line}", f"{page}/lines/{line}", quantity=3)
        self.send(shipping, f"{page}/shipments/1/tracking", code="00073215400599999994")
        self.send(shipping, f"{page}/shipments/1/status", status="shipped")
        for tab in TABS:
            assert number in self.page(page + tab).text
        for other in PAGES:
            self.page(other)
        assert "Ring först" in self.page(page).text
        order = self.api("GET", f"/orders/{number}")
        assert (order["status"], order["lines"][0]["quantity"]) == ("shipped", 3)
        self.numbers.append(number)

    def place(self) -> str:
        line = {"sku": "LJUS-12", "name": "Ljus", "quantity": 2, "unit_price": 9900, "vat_rate": 2500}
        order = {
            "external_reference": f"{id(self)}-{next(self._counter)}",
            "customer": CUSTOMER,
            "billing_address": ADDRESS,
            "lines": [line],
        }
        return str(self.api("POST", "/orders", order)["number"])

    def api(self, method: str, path: str, document: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        body = json.dumps(document).encode() if document is not None else None
        url = f"{self.address}/api/v1{path}"
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=30) as answer:
            return json.load(answer)

    def page(self, path: str, data: bytes | None = None) -> Page:
        url = self.address + urllib.parse.quote(path, safe="/?=&%")
        try:
            with self._opener.open(url, data, timeout=30) as answer:
                assert path == "/login" or not answer.url.partition("?")[0].endswith("/login"), "signed out"
                return Page(answer.read().decode())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {Page(error.read().decode()).text}") from error

    def send(self, page: str, action: str, **typed: object) -> Page:
        """Fill in the form of a page to `action`, or to the page itself, and send it."""
        values = {**self.page(page).form(action).values(), **typed}
        return self.page(action or page, urllib.parse.urlencode(values).encode())
