"""Fortnox and the order desk kept in step: an example to read, to change and to run every few minutes.

Articles of Fortnox become products of the desk with their price and stock, orders of the desk become orders in Fortnox,
and the quantities that were delivered go the way you choose: what the desk shipped is written to the order in Fortnox
(`--ships desk`), or what was delivered in Fortnox is shipped in the desk (`--ships fortnox`).

    ORDER_DESK_KEY=wso_… FORTNOX_CLIENT=… FORTNOX_SECRET=… \\
      python examples/fortnox.py https://desk.example.com --state fortnox.json

The state file holds the refresh token, which Fortnox replaces at each use, and how far the last run came. To begin:
{"refresh_token": "…"}, from the authorisation that https://www.fortnox.se/developer/authorization describes. The key
needs orders:read, shipments:write and products:write; Fortnox the scopes article, order and customer.

See docs/integrations/fortnox.md. examples/fortnox_simulator.py stands in for Fortnox.
"""

import argparse
import json
import os
import time
import unicodedata
import urllib.error
import urllib.request
from base64 import b64encode
from collections import deque
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

API, TOKENS = "https://api.fortnox.se/3", "https://apps.fortnox.se/oauth-v1/token"
REQUESTS, PERIOD = 25, 5.0  # of one access token, in a sliding window of seconds
MAX_ATTEMPTS = 30
PAGE = 500
ZONE = ZoneInfo("Europe/Stockholm")  # of Fortnox's times
# Fortnox stores ISO-8859-1, and of its signs only these: see «Formats & Encoding» in its documentation.
SIGNS = frozenset(" :.`´,;^¤#%§£$¢¥©°&/()=+-*_!?²³®½@\n")
REPLACEMENTS = str.maketrans(
    {"“": "´", "”": "´", "„": "´", '"': "´", "'": "´", "’": "´", "‘": "´", "‚": ",", "–": "-", "—": "-", "…": "..."}
    | {"[": "(", "]": ")", "{": "(", "}": ")", "<": "(", ">": ")", "|": "/", "\\": "/", "~": "-", "×": "x", "\t": " "}
    | {"€": "EUR", "\u00a0": " ", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "ŉ": "n"}
)


class FortnoxError(Exception):
    """Fortnox refuses a request."""


def to_fortnox(text, max_length=None):
    """A text as Fortnox can store it: other letters lose their marks, what is left is a question mark."""
    plain = unicodedata.normalize("NFC", text).translate(REPLACEMENTS)
    stored = "".join(_storable(character) for character in plain)
    return stored[:max_length]


def _storable(character):
    def is_stored(one):
        return one in SIGNS or "0" <= one <= "9" or (ord(one) < 256 and one.isalpha())

    if is_stored(character):
        return character
    base = [one for one in unicodedata.normalize("NFKD", character) if not unicodedata.combining(one)]
    if unicodedata.combining(character) or unicodedata.category(character).startswith("C"):
        return ""  # a mark without its letter, or what cannot be seen
    return "".join(base) if base and all(map(is_stored, base)) else "?"


# The decimals of amounts by ISO 4217, where they are not two.
DECIMALS = {"ISK": 0, "JPY": 0, "KRW": 0, "BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3}


def decimal_number(minor_units, currency):
    """Öre, or the minor units of another currency, as the decimal number that Fortnox takes."""
    return float(Decimal(minor_units).scaleb(-DECIMALS.get(currency, 2)))


class Store:
    """What is remembered between runs; it is written at once, since a used refresh token is worth nothing."""

    def __init__(self, path):
        self.path = Path(path)
        self.values = json.loads(self.path.read_text())

    def __setitem__(self, name, value):
        self.values[name] = value
        draft = self.path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(self.values, indent=2))
        draft.replace(self.path)

    def get(self, name, default=None):
        return self.values.get(name, default)


class Client:
    """JSON over HTTP; what is busy is asked again, and so is what got no answer if that can do no harm."""

    can_repeat_posts = False

    def send(self, method, url, body=None, headers=None):
        """The status and the JSON of the answer."""
        for attempt in range(MAX_ATTEMPTS):
            # The address is given by the user who runs this.
            request = urllib.request.Request(url, method=method, data=body, headers=headers or {})  # noqa: S310
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 # nosec B310
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as error:
                with error:
                    text = error.read()
                if error.code not in {429, 502, 503, 504}:
                    return error.code, json.loads(text or b"{}")
                wait = float(error.headers["Retry-After"] or 0.5 + attempt / 5)
            except OSError as error:
                if method == "POST" and not self.can_repeat_posts:  # the next run sees whether it was carried out
                    raise SystemExit(f"{method} {url}: {error}") from error
                wait = 0.5 + attempt / 5
            time.sleep(wait)
        raise SystemExit(f"{method} {url}: no answer after {MAX_ATTEMPTS} attempts")


class Fortnox(Client):
    """The API of Fortnox: within its limit of requests, with an access token that is renewed before it runs out."""

    def __init__(self, client, secret, store, *, api=API, tokens=TOKENS, period=PERIOD):
        self.credentials = b64encode(f"{client}:{secret}".encode()).decode()
        self.store, self.api, self.tokens, self.period = store, api, tokens, period
        self.token, self.runs_out = None, 0.0
        self.sent = deque(maxlen=REQUESTS)

    def request(self, method, path, body=None):
        """The JSON of the answer; raises FortnoxError."""
        for _attempt in range(2):
            self._authorise()
            self._keep_pace()
            text = None if body is None else json.dumps(body).encode()
            headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
            headers |= {"Content-Type": "application/json"} if body is not None else {}
            status, answer = self.send(method, self.api + path, text, headers)
            self.sent.append(time.monotonic())  # Fortnox counted it before
            if status != 401:
                break
            self.token = None  # it was revoked, or ran out on the way
        if status >= 400:
            raise FortnoxError(f"{method} {path}: {status} {answer.get('ErrorInformation', answer)}")
        return answer

    def rows(self, path, name, **query):
        """All rows of a list, page by page."""
        page = 1
        while True:
            answer = self.request("GET", f"{path}?{urlencode({'limit': PAGE, 'page': page, **query})}")
            yield from answer[name]
            if page >= int(answer["MetaInformation"]["@TotalPages"]):
                return
            page += 1

    def _authorise(self):
        if self.token and time.monotonic() < self.runs_out:
            return
        form = {"grant_type": "refresh_token", "refresh_token": self.store.get("refresh_token")}
        headers = {
            "Authorization": f"Basic {self.credentials}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        status, answer = self.send("POST", self.tokens, urlencode(form).encode(), headers)
        if status != 200:
            raise SystemExit(f"Fortnox does not renew the access: {answer}. Authorise this program again.")
        self.store["refresh_token"] = answer["refresh_token"]
        self.token = answer["access_token"]
        self.runs_out = time.monotonic() + 0.9 * float(answer["expires_in"])

    def _keep_pace(self):
        if len(self.sent) == REQUESTS:
            time.sleep(max(0.0, self.sent[0] + self.period - time.monotonic()))


class Desk(Client):
    """The API of the order desk, where a delivery that is reported again is the same one."""

    can_repeat_posts = True

    def __init__(self, base_url, key):
        self.base_url, self.key = base_url.rstrip("/"), key

    def request(self, method, path, body=None):
        text = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        status, answer = self.send(method, self.base_url + path, text, headers)
        if status in {401, 403}:
            raise SystemExit(answer.get("detail"))
        return status, answer

    def changed_orders(self, since):
        """The orders that changed since a time, and the time from which to go on."""
        orders = {}
        query = {"limit": "200"} | ({"updated_since": since} if since else {})
        while True:
            _status, page = self.request("GET", f"/api/v1/orders?{urlencode(query)}")
            orders |= {order["number"]: order for order in page["orders"]}
            if page["next_cursor"] is None:
                return list(orders.values()), page["complete_until"]
            query["cursor"] = page["next_cursor"]


class Sync:
    """One run. `notes` is what a person should know of it: texts that were changed, and what was refused."""

    def __init__(self, desk, fortnox, store, *, ships="desk"):
        self.desk, self.fortnox, self.store, self.ships = desk, fortnox, store, ships
        self.notes = []
        self.articles = set()

    def run(self):
        self._copy_articles()
        orders, read_until = self.desk.changed_orders(self.store.get("read_until"))
        numbers = {order["number"] for order in orders}
        again = [number for number in self.store.get("refused", []) if number not in numbers]
        orders += [self.desk.request("GET", f"/api/v1/orders/{quote(number, safe='')}")[1] for number in again]
        self.store["refused"] = [order["number"] for order in orders if not self._copy_order(order)]
        if self.ships == "fortnox":
            self._report_deliveries()
        self.store["read_until"] = read_until
        return self.notes

    def _copy_articles(self):
        """Products for the articles of the web shop; their stock where Fortnox's differs from that of the last run.

        The desk counts down by itself what it ships, and Fortnox does so later: the same number again is no news.
        """
        known = dict(self.store.get("stock", {}))
        for article in self.fortnox.rows("/articles", "Articles", filter="active"):
            sku = article["ArticleNumber"]
            self.articles.add(sku)
            if article.get("WebshopArticle") is False:
                continue
            vat = Decimal(str(article.get("VAT") or 0))
            price = Decimal(str(article.get("SalesPrice") or 0)) * (100 + vat)  # in öre, with VAT
            product = {
                "name": article["Description"],
                "price": int(price.quantize(Decimal(1), ROUND_HALF_UP)),
                "vat_rate": int(vat * 100),
            }
            stock = article.get("QuantityInStock")
            if stock is not None and known.get(sku) != stock:
                product["stock"] = max(0, int(Decimal(str(stock))))
            status, answer = self.desk.request("PUT", f"/api/v1/products/{quote(sku, safe='')}", product)
            if status < 300:
                known[sku] = stock
            else:
                self.notes.append(f"article {sku} is refused by the order desk: {answer.get('detail')}")
        self.store["stock"] = known

    def _copy_order(self, order):
        """Place the order in Fortnox where it is not there yet; cancel it there, or write what was delivered.

        False where Fortnox refuses it: it is tried again in the next run.
        """
        if order["is_test"]:
            return True
        try:
            number = self._find(order)
            if order["status"] == "cancelled":
                if number:
                    self.fortnox.request("PUT", f"/orders/{number}/cancel")
                return True
            if number is None:
                placed = self.fortnox.request("POST", "/orders", {"Order": self._order(order)})
                number = placed["Order"]["DocumentNumber"]
            if self.ships == "desk":
                self._write_deliveries(order, number)
        except FortnoxError as error:
            self.notes.append(f"{order['number']}: {error}")
            return False
        return True

    def _find(self, order):
        found = self.fortnox.rows("/orders", "Orders", externalinvoicereference1=order["number"])
        exact = (row for row in found if row["ExternalInvoiceReference1"] == order["number"])
        return next((row["DocumentNumber"] for row in exact), None)

    def _order(self, order):
        address, customer = order["shipping_address"], order["customer"]
        rows = [self._row(line["name"], line, order) for line in order["lines"]]
        if order["shipping"]["price"]:
            shipping = {
                "quantity": 1,
                "unit_price": order["shipping"]["price"],
                "vat_rate": order["shipping"]["vat_rate"],
            }
            rows.append(self._row(order["shipping"]["method"] or "Frakt", shipping, order))
        for charge in order["charges"]:
            amount = {"quantity": 1, "unit_price": charge["amount"], "vat_rate": charge["vat_rate"]}
            rows.append(self._row(charge["name"], amount, order))
        return {
            "CustomerNumber": self._customer(order),
            "ExternalInvoiceReference1": order["number"],
            "YourOrderNumber": self._text(order["shop_number"] or order["external_reference"] or "", order, 30),
            "OrderDate": order["placed_at"][:10],
            "Currency": order["currency"],
            "VATIncluded": order["prices_include_vat"],
            "DeliveryName": self._text(address["name"] or customer["name"], order, 1024),
            "DeliveryAddress1": self._text(address["street"], order, 1024),
            "DeliveryZipCode": self._text(address["postal_code"], order, 1024),
            "DeliveryCity": self._text(address["city"], order, 1024),
            "OrderRows": rows,
        }

    def _row(self, name, line, order):
        row = {
            "Description": self._text(name, order, 255),
            "OrderedQuantity": line["quantity"],
            "DeliveredQuantity": 0,
            "Price": decimal_number(line["unit_price"], order["currency"]),
            "VAT": line["vat_rate"] / 100,
        }
        if line.get("discount"):
            discount = decimal_number(line["discount"], order["currency"])
            row |= {"Discount": discount, "DiscountType": "AMOUNT"}
        if line.get("sku") in self.articles:
            row["ArticleNumber"] = line["sku"]
        return row

    def _customer(self, order):
        """The customer with this e-mail address, or a new one."""
        customer, address = order["customer"], order["billing_address"]
        email = customer["email"]
        for row in self.fortnox.rows("/customers", "Customers", email=email) if email else ():
            if row["Email"].lower() == email.lower():
                return row["CustomerNumber"]
        new = {
            "Name": self._text(customer["name"], order, 1024),
            "Address1": self._text(address["street"], order, 1024),
            "ZipCode": self._text(address["postal_code"], order, 10),
            "City": self._text(address["city"], order, 1024),
            "CountryCode": address["country"],
        } | ({"Email": email} if email else {})
        return self.fortnox.request("POST", "/customers", {"Customer": new})["Customer"]["CustomerNumber"]

    def _write_deliveries(self, order, number):
        """What the desk has shipped, as the delivered quantities of the order's rows in Fortnox."""
        shipped = [shipment for shipment in order["shipments"] if shipment["status"] == "shipped"]
        left = {}
        for line in (line for shipment in shipped for line in shipment["lines"]):
            left[line["sku"]] = left.get(line["sku"], 0) + line["quantity"]
        stored = self.fortnox.request("GET", f"/orders/{number}")["Order"]
        is_complete = order["status"] == "shipped"
        rows, has_changed = [], False
        for row in stored["OrderRows"]:
            ordered = int(Decimal(str(row["OrderedQuantity"])))
            sku = row.get("ArticleNumber")
            delivered = min(ordered, left.get(sku, 0)) if sku and not is_complete else ordered * is_complete
            if sku:
                left[sku] = left.get(sku, 0) - delivered
            has_changed |= Decimal(str(row["DeliveredQuantity"])) != delivered
            rows.append({**row, "DeliveredQuantity": delivered})
        if has_changed:
            self.fortnox.request("PUT", f"/orders/{number}", {"Order": {"OrderRows": rows}})

    def _report_deliveries(self):
        """What was delivered in Fortnox since the last run, as deliveries of the desk."""
        since = self.store.get("fortnox_since")
        begun = (datetime.now(ZONE) - timedelta(minutes=5)).strftime("%Y-%m-%d %H:%M")
        told = dict(self.store.get("delivered", {}))
        for listed in list(self.fortnox.rows("/orders", "Orders", **({"lastmodified": since} if since else {}))):
            number = listed.get("ExternalInvoiceReference1")
            if not number or listed.get("Cancelled"):
                continue
            stored = self.fortnox.request("GET", f"/orders/{listed['DocumentNumber']}")["Order"]
            delivered = {}
            for row in stored["OrderRows"]:
                if sku := row.get("ArticleNumber"):
                    units = int(Decimal(str(row["DeliveredQuantity"])))
                    delivered[sku] = delivered.get(sku, 0) + units
            before = told.get(number, {})
            units = {sku: count - before.get(sku, 0) for sku, count in delivered.items() if count > before.get(sku, 0)}
            if units and self._deliver(number, listed["DocumentNumber"], units, delivered):
                told[number] = delivered
                self.store["delivered"] = told
        self.store["fortnox_since"] = begun

    def _deliver(self, number, document, units, delivered):
        # The same state of the order has the same id: a report that was cut off before it was noted is no second one.
        state = "-".join(f"{sku}.{count}" for sku, count in sorted(delivered.items()))
        body = {
            "id": f"fortnox-{document}-{state}"[:100],
            "lines": [{"sku": sku, "quantity": count} for sku, count in units.items()],
        }
        status, answer = self.desk.request("POST", f"/api/v1/orders/{quote(number, safe='')}/deliveries", body)
        if status >= 300:
            self.notes.append(f"{number}: the delivery is refused by the order desk: {answer.get('detail')}")
        return status < 300

    def _text(self, text, order, max_length):
        stored = to_fortnox(text, max_length)
        if stored != text:
            self.notes.append(f"{order['number']}: «{text}» is written «{stored}» in Fortnox")
        return stored


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base_url")
    parser.add_argument("--key", default=os.environ.get("ORDER_DESK_KEY"), help="or in ORDER_DESK_KEY")
    parser.add_argument("--state", required=True, help="a file with the refresh token, kept between runs")
    parser.add_argument("--ships", choices=["desk", "fortnox"], default="desk", help="where deliveries are registered")
    parser.add_argument("--api", default=API)
    parser.add_argument("--tokens", default=TOKENS)
    args = parser.parse_args()
    store = Store(args.state)
    client, secret = os.environ["FORTNOX_CLIENT"], os.environ["FORTNOX_SECRET"]
    fortnox = Fortnox(client, secret, store, api=args.api, tokens=args.tokens)
    for note in Sync(Desk(args.base_url, args.key), fortnox, store, ships=args.ships).run():
        print(note)


if __name__ == "__main__":
    main()
