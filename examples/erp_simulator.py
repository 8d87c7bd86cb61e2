"""A simulated ERP that works with the order desk over HTTP: an example to read, and a test of an installation.

It creates products with their stock, places orders (some of them twice, or by two threads at once), receives stock that
covers backorders, reports deliveries, cancels a few orders, and copies the desk's changes into a ledger of its own.

Against the demo:

    WEBSHOP_ORDERS_WEBHOOKS_TO_PRIVATE=true webshop-orders demo        # prints a link that signs you in

Make a key with every scope in Konfiguration, Integrationer, start examples/shipping_simulator.py (see there), and

    ORDER_DESK_KEY=wso_… python examples/erp_simulator.py http://127.0.0.1:8000 --orders 50 --seed 1

A summary is printed as JSON at the end. Use another seed for each run: it is part of the names of orders and products.
"""

import argparse
import http.client
import json
import os
import random
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from urllib.parse import quote, urlencode

# The shipping method says which system sends the goods; with the last one, the first of the two to do so.
PARCEL, LORRY, EITHER = "Parcel", "Lorry", "Parcel or lorry"
IN_STOCK, SCARCE, OUT_OF_STOCK, NEVER_ENOUGH = ("P1", "P2", "P3", "P4"), ("F1", "F2"), ("N1", "N2", "N3"), ("L1",)
MAX_ATTEMPTS, THREADS = 60, 3


class Desk:
    """The order desk over HTTP. Every request that is made here can be repeated safely."""

    def __init__(self, base_url, key):
        self.base_url, self.key = base_url.rstrip("/"), key
        self.answers = []

    def request(self, method, path, body=None, **headers):
        """The status and the JSON of the response; retries after a pause if the desk is busy or does not respond."""
        for attempt in range(MAX_ATTEMPTS):
            try:
                status, answer, wait = self._attempt(method, path, body, headers)
            except (OSError, http.client.HTTPException, ValueError):  # unreachable, cut off, or half a response
                status, answer, wait = None, {}, min(0.2 + 0.2 * attempt, 5)
            self.answers.append(f"{method} {status}")
            # 409 without a field: the request with the same Idempotency-Key is still being carried out.
            is_in_flight = status == 409 and "errors" not in answer and "Idempotency-Key" in headers
            if status in {401, 403}:
                raise SystemExit(answer.get("detail"))
            if status not in {None, 429, 502, 503, 504} and not is_in_flight:
                return status, answer
            time.sleep(float(wait or 0.5))
        raise SystemExit(f"{method} {path}: no response after {MAX_ATTEMPTS} attempts")

    def _attempt(self, method, path, body, headers):
        # The address is given by the user who runs this, here and below.
        request = urllib.request.Request(self.base_url + path, method=method)  # noqa: S310
        request.data = None if body is None else json.dumps(body).encode()
        request.headers = {"Authorization": f"Bearer {self.key}", "Content-type": "application/json", **headers}
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 # nosec B310
                return answer.status, json.load(answer), None
        except urllib.error.HTTPError as error:
            with error:
                is_problem = error.headers.get_content_type() == "application/problem+json"
                return error.code, json.load(error) if is_problem else {}, error.headers["Retry-After"]


class Erp:
    """`ledger` has the last state of each order, `deliveries` what left by lorry, `levels` the stock that was set."""

    def __init__(self, base_url, key, orders, seed):
        self.desk, self.seed = Desk(base_url, key), seed
        self.plans = [self._plan(number) for number in range(orders)]
        self.numbers, self.ledger, self.deliveries, self.levels = {}, {}, {}, {}
        self.notes = []  # appending to a list is safe in threads, counting is not
        self.read_until = None

    def run(self, is_over: Callable[[], bool]):
        """A day's work. A thread copies changes meanwhile, and on until `is_over`."""
        self._put_products()
        ended = []
        follower = Thread(target=self._poll_changes, args=(ended,))
        follower.start()
        try:
            with ThreadPoolExecutor(THREADS) as pool:
                half = len(self.plans) // 2
                list(pool.map(self._carry_out, self.plans[:half]))
                rest = pool.map(self._carry_out, self.plans[half:])
                self._receive_stock()
                list(rest)
                list(pool.map(self._deliver_rest, self.plans))
            while not is_over():
                time.sleep(0.5)
        finally:
            ended.append(True)
            follower.join()
        self.follow()
        return self.summary()

    def summary(self):
        return {
            "sent": {plan["reference"]: self.numbers.get(plan["reference"]) for plan in self.plans},
            "orders": self.ledger,
            "deliveries": self.deliveries,
            "levels": self.levels,
            "notes": dict(sorted(Counter(self.notes).items())),
            "answers": dict(sorted(Counter(self.desk.answers).items())),
        }

    def _sku(self, name):
        return f"SIM{self.seed}-{name}"

    def _plan(self, number):
        """An order and what happens to it: the same for the same seed."""
        chance = random.Random(f"{self.seed} {number}")  # noqa: S311 # nosec B311 - the same again
        method = chance.choices((PARCEL, LORRY, EITHER), (60, 20, 20))[0]
        names = chance.sample(IN_STOCK, chance.randint(1, 3))
        if chance.random() < 0.3:
            # Scarce goods are sold only together with goods that are out of stock. While the ERP sets a stock level,
            # no unit may leave, since a level is the stock itself and not an increase of it.
            names += chance.sample(SCARCE, chance.randint(0, 1))
            names += [chance.choice(OUT_OF_STOCK + NEVER_ENOUGH if method == PARCEL else OUT_OF_STOCK)]
        if chance.random() < 0.1:
            names.append(names[0])  # two lines of the same product, at two prices
        lines = [{"sku": self._sku(name), "quantity": chance.randint(1, 4)} for name in names]
        for index, line in enumerate(lines):
            line |= {"name": f"Ljus {line['sku']}", "unit_price": 9900 + 100 * index, "vat_rate": 2500}
        reference = f"sim-{self.seed}-{number}"
        document = {
            "external_reference": reference,
            "customer": {"name": "Åsa Öberg", "email": f"{reference}@example.com"},
            "billing_address": {"street": "Storgatan 1", "postal_code": "972 31", "city": "Luleå", "country": "SE"},
            "shipping": {"method": method, "price": 4900, "vat_rate": 2500},
            "lines": lines,
        }
        return {"reference": reference, "document": document, "method": method, "chance": chance}

    def _ordered(self, plan, *kinds):
        """Units of some kinds of products in an order, by SKU."""
        skus = {self._sku(name) for kind in kinds for name in kind}
        units = Counter()
        for line in plan["document"]["lines"]:
            if line["sku"] in skus:
                units[line["sku"]] += line["quantity"]
        return units

    def _put_products(self):
        ordered = sum(
            (self._ordered(plan, IN_STOCK, SCARCE, OUT_OF_STOCK, NEVER_ENOUGH) for plan in self.plans), Counter()
        )
        self.ordered = ordered
        for name in IN_STOCK + SCARCE + OUT_OF_STOCK + NEVER_ENOUGH:
            sku = self._sku(name)
            stock = ordered[sku] + 10 if name in IN_STOCK else 6 if name in SCARCE else 0
            product = {"name": f"Ljus {sku}", "price": 9900, "vat_rate": 2500, "stock": stock, "backorderable": True}
            self.desk.request("PUT", f"/api/v1/products/{quote(sku)}", product)
            self.levels[sku] = stock

    def _carry_out(self, plan):
        """Place an order, and cancel it or deliver the units in stock."""
        chance = plan["chance"]
        self._place(plan, with_key=chance.random() < 0.5, times=chance.choice((1, 1, 2, 3)))
        if chance.random() < 0.06:
            path = f"/api/v1/orders/{quote(self.numbers[plan['reference']])}/cancellation"
            for _time in range(2):
                self.notes.append(f"cancellation {self.desk.request('POST', path, {})[0]}")
        elif plan["method"] == LORRY:
            self._deliver(plan, self._ordered(plan, IN_STOCK), "early")
        elif plan["method"] == EITHER:
            sku, units = next(iter(self._ordered(plan, IN_STOCK).items()))
            self._deliver(plan, {sku: chance.randint(1, units)}, "early")

    def _place(self, plan, *, with_key, times):
        """Place an order once, twice in a row, or from two threads at once; the desk must have one order each time."""
        headers = {"Idempotency-Key": plan["reference"]} if with_key else {}

        def send():
            status, answer = self.desk.request("POST", "/api/v1/orders", plan["document"], **headers)
            self.notes.append(f"placed {status}")
            if self.numbers.setdefault(plan["reference"], answer.get("number")) != answer.get("number"):
                self.notes.append("placed double")

        threads = [Thread(target=send) for _time in range(2 if times == 3 else times)]
        for thread in threads:
            thread.start()
            if times != 3:
                thread.join()
        for thread in threads:
            thread.join()

    def _receive_stock(self):
        """Correct the stock of scarce products downwards, then receive goods; of one product never enough."""
        self._set_levels({self._sku(name): 2 for name in SCARCE})
        self._set_levels({self._sku(name): self.ordered[self._sku(name)] + 3 for name in SCARCE})
        for name in OUT_OF_STOCK + NEVER_ENOUGH:
            sku = self._sku(name)
            self._set_levels({sku: self.ordered[sku] // 2 if name in NEVER_ENOUGH else self.ordered[sku] + 3})

    def _set_levels(self, levels):
        body = {"levels": [{"sku": sku, "stock": stock} for sku, stock in levels.items()]}
        status, _answer = self.desk.request("POST", "/api/v1/products/stock", body)
        self.notes.append(f"stock {status}")
        self.levels |= levels

    def _deliver_rest(self, plan):
        if plan["method"] == LORRY:
            self._deliver(plan, self._ordered(plan, SCARCE, OUT_OF_STOCK), "late")

    def _deliver(self, plan, units, when):
        """Report units as one delivery or two, each of them twice, in random order."""
        chance, parts = plan["chance"], [Counter(), Counter()]
        for sku, count in units.items():
            first = chance.randint(0, count)
            parts[0][sku], parts[1][sku] = first, count - first
        reports = [(f"{plan['reference']}-{when}-{index}", +part) for index, part in enumerate(parts) if +part]
        repeated = reports * 2
        chance.shuffle(repeated)
        path = f"/api/v1/orders/{quote(self.numbers[plan['reference']])}/deliveries"
        for reference, part in repeated:
            lines = [{"sku": sku, "quantity": count} for sku, count in part.items()]
            codes = [f"LORRY-{reference}"]
            status, answer = self.desk.request("POST", path, {"id": reference, "lines": lines, "tracking": codes})
            self.notes.append(f"delivery {status}")  # 422: shipped as a parcel before, or cancelled
            if status in {200, 201}:
                delivery = {"shipment": answer["shipment"], "units": dict(part), "codes": codes}
                if self.deliveries.setdefault(reference, delivery) != delivery:
                    self.notes.append("delivered double")

    def _poll_changes(self, ended):
        while not ended:
            self.follow()
            time.sleep(2)

    def follow(self):
        """Read the orders that changed since the last time; one may come twice, in the same or a later state."""
        query = {"limit": "200"} | ({"updated_since": self.read_until} if self.read_until else {})
        while True:
            _status, page = self.desk.request("GET", f"/api/v1/orders?{urlencode(query)}")
            for order in page["orders"]:
                if (order["external_reference"] or "").startswith(f"sim-{self.seed}-"):
                    self._record(order)
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        self.read_until = page["complete_until"]

    def _record(self, order):
        shipped = [shipment for shipment in order["shipments"] if shipment["status"] == "shipped"]
        units = Counter()
        for shipment in shipped:
            for line in shipment["lines"]:
                units[line["sku"]] += line["quantity"]
        codes = sorted(tracking["code"] for shipment in shipped for tracking in shipment["tracking"])
        self.ledger[order["number"]] = {"status": order["status"], "shipped": dict(units), "codes": codes}

    def is_all_shipped(self):
        """Whether the ledger has every order, and none with units that could still be shipped."""
        statuses = [order["status"] for order in self.ledger.values()]
        return len(statuses) == len(self.plans) and not {"ready", "partly_shipped"} & set(statuses)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base_url")
    parser.add_argument("--key", default=os.environ.get("ORDER_DESK_KEY"), help="or in ORDER_DESK_KEY")
    parser.add_argument("--orders", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=120, help="seconds to wait for parcels to leave")
    args = parser.parse_args()
    erp, until = Erp(args.base_url, args.key, args.orders, args.seed), time.monotonic() + args.patience
    print(json.dumps(erp.run(lambda: erp.is_all_shipped() or time.monotonic() > until), indent=2))


if __name__ == "__main__":
    main()
