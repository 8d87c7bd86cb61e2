"""An ERP that works with the order desk over HTTP: a program to read, and to try an installation with.

It puts products with their stock, places orders (some of them twice, or by two threads at once), receives stock that
covers backorders, reports deliveries, cancels a few orders, and follows the desk's feed into a ledger of its own.

Against the demo:

    WEBSHOP_ORDERS_WEBHOOKS_TO_PRIVATE=true webshop-orders demo        # prints a link that signs you in

Make a key in Konfiguration, Integrationer that may do everything, start examples/shipping_simulator.py as it says, and

    ORDER_DESK_KEY=wso_… python examples/erp_simulator.py http://127.0.0.1:8000 --orders 50 --seed 1

A summary is printed as JSON at the end. Give another seed each time: it names the orders and products.
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

# Who sends the goods is told by the shipping method; the last kind is sent by whoever comes first.
PARCEL, LORRY, EITHER = "Parcel", "Lorry", "Parcel or lorry"
PLENTY, FEW, NONE, NEVER_ENOUGH = ("P1", "P2", "P3", "P4"), ("F1", "F2"), ("N1", "N2", "N3"), ("L1",)
TRIES, THREADS = 60, 3


class Desk:
    """The order desk over HTTP. All that is asked of it here can be asked again without harm."""

    def __init__(self, base_url, key):
        self.base_url, self.key = base_url.rstrip("/"), key
        self.answers = []

    def ask(self, method, path, body=None, **headers):
        """Gives the status and the JSON of an answer; waits where the desk says so, and where it is not there."""
        for turn in range(TRIES):
            try:
                status, answer, wait = self._try(method, path, body, headers)
            except (OSError, http.client.HTTPException, ValueError):  # not there, cut off, or half an answer
                status, answer, wait = None, {}, min(0.2 + 0.2 * turn, 5)
            self.answers.append(f"{method} {status}")
            # 409 without a field: the same request, by its Idempotency-Key, is being carried out at this moment.
            is_under_way = status == 409 and "errors" not in answer and "Idempotency-Key" in headers
            if status in {401, 403}:
                raise SystemExit(answer.get("detail"))
            if status not in {None, 429, 502, 503, 504} and not is_under_way:
                return status, answer
            time.sleep(float(wait or 0.5))
        raise SystemExit(f"{method} {path}: no answer after {TRIES} tries")

    def _try(self, method, path, body, headers):
        # The address is that of whoever runs this, here and below.
        request = urllib.request.Request(self.base_url + path, method=method)  # noqa: S310
        request.data = None if body is None else json.dumps(body).encode()
        request.headers = {"Authorization": f"Bearer {self.key}", "Content-type": "application/json", **headers}
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 # nosec B310
                return answer.status, json.load(answer), None
        except urllib.error.HTTPError as refusal:
            with refusal:
                is_problem = refusal.headers.get_content_type() == "application/problem+json"
                return refusal.code, json.load(refusal) if is_problem else {}, refusal.headers["Retry-After"]


class Erp:
    """`ledger` has what the feed told of each order; `deliveries` what left by lorry; `levels` the stock as told."""

    def __init__(self, base_url, key, orders, seed):
        self.desk, self.seed = Desk(base_url, key), seed
        self.plans = [self._plan(number) for number in range(orders)]
        self.numbers, self.ledger, self.deliveries, self.levels = {}, {}, {}, {}
        self.notes = []  # threads may add to a list, but not to a number
        self.read_until = None

    def run(self, is_over: Callable[[], bool]):
        """A day's work; the feed is followed meanwhile, and on until `is_over`."""
        self._put_products()
        ended = []
        follower = Thread(target=self._keep_following, args=(ended,))
        follower.start()
        try:
            with ThreadPoolExecutor(THREADS) as pool:
                half = len(self.plans) // 2
                list(pool.map(self._carry_out, self.plans[:half]))
                rest = pool.map(self._carry_out, self.plans[half:])
                self._receive_stock()
                list(rest)
                list(pool.map(self._deliver_the_rest, self.plans))
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
        """What is ordered and what becomes of it: the same for the same seed."""
        chance = random.Random(f"{self.seed} {number}")  # noqa: S311 # nosec B311 - the same again
        method = chance.choices((PARCEL, LORRY, EITHER), (60, 20, 20))[0]
        names = chance.sample(PLENTY, chance.randint(1, 3))
        if chance.random() < 0.3:
            # Goods of which there are few are only sold with some that are out of stock: an ERP that sets a level
            # must know that none leave at that moment, since a level is what there is and not what came in.
            names += chance.sample(FEW, chance.randint(0, 1))
            names += [chance.choice(NONE + NEVER_ENOUGH if method == PARCEL else NONE)]
        if chance.random() < 0.1:
            names.append(names[0])  # two lines of the same product, at two prices
        lines = [{"sku": self._sku(name), "quantity": chance.randint(1, 4)} for name in names]
        for place, line in enumerate(lines):
            line |= {"name": f"Ljus {line['sku']}", "unit_price": 9900 + 100 * place, "vat_rate": 2500}
        reference = f"sim-{self.seed}-{number}"
        document = {
            "external_reference": reference,
            "customer": {"name": "Åsa Öberg", "email": f"{reference}@example.com"},
            "billing_address": {"street": "Storgatan 1", "postal_code": "972 31", "city": "Luleå", "country": "SE"},
            "shipping": {"method": method, "price": 4900, "vat_rate": 2500},
            "lines": lines,
        }
        return {"reference": reference, "document": document, "method": method, "chance": chance}

    def _wanted(self, plan, *kinds):
        """Units by SKU that a plan orders of some kinds of products."""
        ours = {self._sku(name) for kind in kinds for name in kind}
        wanted = Counter()
        for line in plan["document"]["lines"]:
            if line["sku"] in ours:
                wanted[line["sku"]] += line["quantity"]
        return wanted

    def _put_products(self):
        needed = sum((self._wanted(plan, PLENTY, FEW, NONE, NEVER_ENOUGH) for plan in self.plans), Counter())
        self.needed = needed
        for name in PLENTY + FEW + NONE + NEVER_ENOUGH:
            sku = self._sku(name)
            stock = needed[sku] + 10 if name in PLENTY else 6 if name in FEW else 0
            product = {"name": f"Ljus {sku}", "price": 9900, "vat_rate": 2500, "stock": stock, "backorderable": True}
            self.desk.ask("PUT", f"/api/v1/products/{quote(sku)}", product)
            self.levels[sku] = stock

    def _carry_out(self, plan):
        """Place an order, and cancel it or deliver what there is of it."""
        chance = plan["chance"]
        self._place(plan, with_key=chance.random() < 0.5, times=chance.choice((1, 1, 2, 3)))
        if chance.random() < 0.06:
            path = f"/api/v1/orders/{quote(self.numbers[plan['reference']])}/cancellation"
            for _time in range(2):
                self.notes.append(f"cancellation {self.desk.ask('POST', path, {})[0]}")
        elif plan["method"] == LORRY:
            self._deliver(plan, self._wanted(plan, PLENTY), "early")
        elif plan["method"] == EITHER:
            sku, units = next(iter(self._wanted(plan, PLENTY).items()))
            self._deliver(plan, {sku: chance.randint(1, units)}, "early")

    def _place(self, plan, *, with_key, times):
        """Once, twice after another, or by two threads at once: it is one order all the same."""
        headers = {"Idempotency-Key": plan["reference"]} if with_key else {}

        def send():
            status, answer = self.desk.ask("POST", "/api/v1/orders", plan["document"], **headers)
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
        """Few turn out to be fewer, then goods come in; of one product there never is enough."""
        self._set_levels({self._sku(name): 2 for name in FEW})
        self._set_levels({self._sku(name): self.needed[self._sku(name)] + 3 for name in FEW})
        for name in NONE + NEVER_ENOUGH:
            sku = self._sku(name)
            self._set_levels({sku: self.needed[sku] // 2 if name in NEVER_ENOUGH else self.needed[sku] + 3})

    def _set_levels(self, levels):
        told = {"levels": [{"sku": sku, "stock": stock} for sku, stock in levels.items()]}
        status, _answer = self.desk.ask("POST", "/api/v1/products/stock", told)
        self.notes.append(f"stock {status}")
        self.levels |= levels

    def _deliver_the_rest(self, plan):
        if plan["method"] == LORRY:
            self._deliver(plan, self._wanted(plan, FEW, NONE), "late")

    def _deliver(self, plan, units, when):
        """Report units as one delivery or as two, each of them twice, and in any sequence."""
        chance, parts = plan["chance"], [Counter(), Counter()]
        for sku, count in units.items():
            first = chance.randint(0, count)
            parts[0][sku], parts[1][sku] = first, count - first
        reports = [(f"{plan['reference']}-{when}-{place}", +part) for place, part in enumerate(parts) if +part]
        twice = reports * 2
        chance.shuffle(twice)
        path = f"/api/v1/orders/{quote(self.numbers[plan['reference']])}/deliveries"
        for reference, part in twice:
            lines = [{"sku": sku, "quantity": count} for sku, count in part.items()]
            codes = [f"LORRY-{reference}"]
            status, answer = self.desk.ask("POST", path, {"id": reference, "lines": lines, "tracking": codes})
            self.notes.append(f"delivery {status}")  # 422: a parcel was faster, or the order was cancelled
            if status in {200, 201}:
                told = {"shipment": answer["shipment"], "units": dict(part), "codes": codes}
                if self.deliveries.setdefault(reference, told) != told:
                    self.notes.append("delivered double")

    def _keep_following(self, ended):
        while not ended:
            self.follow()
            time.sleep(2)

    def follow(self):
        """Read all that changed since the last time. An order can come again, and then says the same or more."""
        asked = {"limit": "200"} | ({"updated_since": self.read_until} if self.read_until else {})
        while True:
            _status, page = self.desk.ask("GET", f"/api/v1/orders?{urlencode(asked)}")
            for order in page["orders"]:
                if (order["external_reference"] or "").startswith(f"sim-{self.seed}-"):
                    self._note(order)
            if page["next_cursor"] is None:
                break
            asked["cursor"] = page["next_cursor"]
        self.read_until = page["complete_until"]

    def _note(self, order):
        left = [shipment for shipment in order["shipments"] if shipment["status"] == "shipped"]
        units = Counter()
        for shipment in left:
            for line in shipment["lines"]:
                units[line["sku"]] += line["quantity"]
        codes = sorted(tracking["code"] for shipment in left for tracking in shipment["tracking"])
        self.ledger[order["number"]] = {"status": order["status"], "shipped": dict(units), "codes": codes}

    def all_has_left(self):
        """Whether the ledger has each order, and nothing in them that could still leave today."""
        there = [order["status"] for order in self.ledger.values()]
        return len(there) == len(self.plans) and not {"ready", "partly_shipped"} & set(there)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base_url")
    parser.add_argument("--key", default=os.environ.get("ORDER_DESK_KEY"), help="or in ORDER_DESK_KEY")
    parser.add_argument("--orders", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=120, help="seconds to wait for parcels to leave")
    given = parser.parse_args()
    erp, until = Erp(given.base_url, given.key, given.orders, given.seed), time.monotonic() + given.patience
    print(json.dumps(erp.run(lambda: erp.all_has_left() or time.monotonic() > until), indent=2))


if __name__ == "__main__":
    main()
