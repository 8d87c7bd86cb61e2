"""A stand-in for the API of Fortnox, over HTTP on loopback, as far as examples/fortnox.py uses it.

It keeps Fortnox's rules: access tokens run out, a refresh token is good for one use, more than 25 requests in five
seconds are refused with 429, and texts with signs that Fortnox does not store with its error 2000359.

    python examples/fortnox_simulator.py --port 8082

and examples/fortnox.py with --api http://127.0.0.1:8082/3 --tokens http://127.0.0.1:8082/oauth-v1/token and
{"refresh_token": "first"} in its state.
"""

import argparse
import json
import re
import time
from base64 import b64encode
from collections import deque
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

REQUESTS, PERIOD = 25, 5.0
ZONE = ZoneInfo("Europe/Stockholm")
TEXT = re.compile(r"[0-9A-Za-zÀ-ÖØ-öø-ÿªµº_ :.`´,;^¤#%§£$¢¥©°&/()=+\-*!?²³®½@\n]*")  # of ISO-8859-1
LISTED = ("DocumentNumber", "CustomerNumber", "ExternalInvoiceReference1", "Cancelled", "OrderDate")


class Refusal(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code = status, code


class FortnoxSimulator:
    """`articles`, `orders` and `customers` by their numbers, as Fortnox writes them; `counts` of what was refused."""

    def __init__(self, *, client="client", secret="secret", port=0, period=PERIOD, lifetime=3600.0, page=500):  # noqa: S107
        self.credentials = b64encode(f"{client}:{secret}".encode()).decode()
        self.period, self.lifetime, self.page = period, lifetime, page
        self.articles, self.orders, self.customers, self.changed = {}, {}, {}, {}
        self.refresh_token, self.tokens, self.token_count = "first", {}, 0
        self.sent, self.lock = deque(maxlen=REQUESTS), Lock()
        self.counts = {"requests": 0, 429: 0, 401: 0, "renewals": 0}
        self.server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())

    def __enter__(self):
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def add_article(self, number, description, price, *, vat=25, stock=None, is_in_webshop=True):
        """An article with its price without VAT, in kronor."""
        self.articles[number] = {
            "ArticleNumber": number,
            "Description": description,
            "SalesPrice": str(price),
            "VAT": str(vat),
            "QuantityInStock": stock,
            "DisposableQuantity": stock,
            "WebshopArticle": is_in_webshop,
        }

    def deliver(self, document, article, quantity):
        """As if somebody had registered a delivery in Fortnox."""
        with self.lock:
            row = next(row for row in self.orders[document]["OrderRows"] if row.get("ArticleNumber") == article)
            row["DeliveredQuantity"] = str(float(row["DeliveredQuantity"]) + quantity)
            self.changed[document] = datetime.now(ZONE)

    def _handler(self):
        simulator = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                try:
                    status, content = simulator.answer(self.command, self.path, self.headers, body)
                except Refusal as refusal:
                    status = refusal.status
                    content = {"ErrorInformation": {"Error": 1, "Message": str(refusal), "Code": refusal.code}}
                text = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_GET(self):
                self.answer()

            def do_POST(self):
                self.answer()

            def do_PUT(self):
                self.answer()

            def log_message(self, *_ignored):
                pass

        return Handler

    def answer(self, method, path, headers, body):
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with self.lock:
            if parts.path == "/oauth-v1/token":
                return self._renew(headers, parse_qs(body.decode()))
            self._check_token(headers)
            self._check_pace()
            steps = parts.path.removeprefix("/3/").split("/")
            content = json.loads(body) if body else {}
            return getattr(self, f"_{method}_{steps[0]}".lower())(steps[1:], query, content)

    def _renew(self, headers, form):
        if headers["Authorization"] != f"Basic {self.credentials}" or form["refresh_token"] != [self.refresh_token]:
            return 400, {"error": "invalid_grant", "error_description": "Invalid refresh token"}
        self.token_count += 1
        self.counts["renewals"] += 1
        self.refresh_token, token = f"refresh-{self.token_count}", f"access-{self.token_count}"
        self.tokens[token] = time.monotonic() + self.lifetime
        return 200, {"access_token": token, "refresh_token": self.refresh_token, "expires_in": self.lifetime}

    def _check_token(self, headers):
        token = (headers["Authorization"] or "").removeprefix("Bearer ")
        if time.monotonic() > self.tokens.get(token, 0):
            self.counts[401] += 1
            raise Refusal(401, 2000311, "Kan inte logga in, access-token eller client-secret saknas(2).")

    def _check_pace(self):
        self.counts["requests"] += 1
        if len(self.sent) == REQUESTS and time.monotonic() - self.sent[0] < self.period:
            self.counts[429] += 1
            raise Refusal(429, 0, "Too Many Requests")
        self.sent.append(time.monotonic())

    def _list(self, name, rows, query):
        size, page = min(int(query.get("limit", 100)), self.page), int(query.get("page", 1))
        pages = max(1, -(-len(rows) // size))
        meta = {"@TotalResources": len(rows), "@TotalPages": pages, "@CurrentPage": page}
        return 200, {"MetaInformation": meta, name: rows[(page - 1) * size : page * size]}

    def _get_articles(self, _steps, query, _content):
        return self._list("Articles", list(self.articles.values()), query)

    def _get_customers(self, _steps, query, _content):
        part = query.get("email", "").lower()
        return self._list("Customers", [row for row in self.customers.values() if part in row["Email"].lower()], query)

    def _post_customers(self, _steps, _query, content):
        self._check_texts(content["Customer"])
        number = str(len(self.customers) + 1)
        self.customers[number] = {"Email": "", **content["Customer"], "CustomerNumber": number}
        return 201, {"Customer": self.customers[number]}

    def _get_orders(self, steps, query, _content):
        if steps:
            return 200, {"Order": self.orders[steps[0]]}
        rows = list(self.orders.values())
        if reference := query.get("externalinvoicereference1"):
            rows = [row for row in rows if reference in row["ExternalInvoiceReference1"]]
        if since := query.get("lastmodified"):
            moment = datetime.fromisoformat(since).replace(tzinfo=ZONE)
            rows = [row for row in rows if self.changed[row["DocumentNumber"]] >= moment]
        return self._list("Orders", [{name: row.get(name) for name in LISTED} for row in rows], query)

    def _post_orders(self, _steps, _query, content):
        order = content["Order"]
        if order["CustomerNumber"] not in self.customers:
            raise Refusal(400, 2000433, "Kan inte hitta kunden.")
        self._check_texts(order)
        number = str(len(self.orders) + 1)
        self.orders[number] = {**order, "DocumentNumber": number, "Cancelled": False}
        self._set_rows(number, order["OrderRows"])
        return 201, {"Order": self.orders[number]}

    def _put_orders(self, steps, _query, content):
        number = steps[0]
        if steps[1:] == ["cancel"]:
            self.orders[number]["Cancelled"] = True
        else:
            self._set_rows(number, content["Order"]["OrderRows"])
        self.changed[number] = datetime.now(ZONE)
        return 200, {"Order": self.orders[number]}

    def _set_rows(self, number, rows):
        for row in rows:
            self._check_texts(row)
            if (article := row.get("ArticleNumber")) and article not in self.articles:
                raise Refusal(400, 2001302, f"Kunde inte hitta artikel ({article}).")
        delivered = [str(row["DeliveredQuantity"]) for row in rows]
        stored = [{**row, "RowId": index, "DeliveredQuantity": delivered[index]} for index, row in enumerate(rows)]
        self.orders[number]["OrderRows"] = stored
        self.changed[number] = datetime.now(ZONE)

    def _check_texts(self, values):
        for value in values.values():
            if isinstance(value, str) and not TEXT.fullmatch(value):
                raise Refusal(400, 2000359, f"Värdet innehåller ej tillåtna tecken. ({value})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8082)
    with FortnoxSimulator(port=parser.parse_args().port) as simulator:
        for number, name, price, stock in (("LJUS-12", "Ljus", 79.2, 40), ("LYKTA", "Lykta", 199.2, 7)):
            simulator.add_article(number, name, price, stock=stock)
        print(f"{simulator.url}; Ctrl-C ends it")
        try:
            simulator.thread.join()
        except KeyboardInterrupt:
            print(json.dumps(simulator.orders, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
