"""A shipping system that works with the order desk: it hears webhooks, books parcels, and tells what left.

It checks each webhook's signature, forgets what it heard before, and answers at once; the work is done afterwards.
Parcels are told of in several ways, some twice, some late. Now and then it answers 500 or hangs up, and hears again.

Against the demo (see examples/erp_simulator.py): add a webhook in Konfiguration, Integrationer to
http://127.0.0.1:8081/ for shipment.ready, order.changed and order.cancelled, and give its secret here:

    ORDER_DESK_KEY=wso_… ORDER_DESK_SECRET=whsec_… python examples/shipping_simulator.py http://127.0.0.1:8000

Ctrl-C ends it, and prints a summary as JSON.
"""

import argparse
import heapq
import http.client
import json
import os
import random
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from urllib.parse import quote

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

NOT_OURS, SHARED = "Lorry", "Parcel or lorry"
TRIES, THREADS = 60, 2


class Desk:
    """The order desk over HTTP. All that is asked of it here can be asked again without harm."""

    def __init__(self, base_url, key):
        self.base_url, self.key = base_url.rstrip("/"), key

    def ask(self, method, path, body=None, **headers):
        """Gives the status and the JSON of an answer; waits where the desk says so, and where it is not there."""
        for turn in range(TRIES):
            try:
                status, answer, wait = self._try(method, path, body, headers)
            except (OSError, http.client.HTTPException, ValueError):  # not there, cut off, or half an answer
                status, answer, wait = None, {}, min(0.2 + 0.2 * turn, 5)
            if status not in {None, 429, 502, 503, 504}:
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


@dataclass
class Booking:
    """A parcel: what was packed for which shipment, as the order stood at a version, and what the desk was told."""

    reference: str
    number: str
    version: int
    units: dict
    codes: list
    steps: list
    told: set = field(default_factory=set)
    has_left: bool = False


class Shipping:
    """`bookings` by the shipment's reference; `notes` counts what was heard and answered."""

    def __init__(self, base_url, key, secret, *, port=0, seed=0, trouble_every=60):
        self.desk, self.reader = Desk(base_url, key), Webhook(secret)
        self.trouble_every = trouble_every
        self.chance = random.Random(seed)  # noqa: S311 # nosec B311 - the same again
        self.bookings, self.heard, self.notes = {}, set(), Counter()
        self.due, self.at_work, self.is_ending, self.turn, self.arrived = [], 0, False, 0, 0
        self.changed = Condition()  # guards all of these
        self.server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())

    def __enter__(self):
        self.threads = [Thread(target=self._work) for _number in range(THREADS)]
        self.threads.append(Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}))
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self.server.shutdown()
        self.server.server_close()
        with self.changed:
            self.is_ending = True
            self.changed.notify_all()
        for thread in self.threads:
            thread.join()

    def is_idle(self):
        with self.changed:
            return not self.due and not self.at_work

    def summary(self):
        with self.changed:
            left = {one.reference: one for one in self.bookings.values() if one.has_left}
            parcels = {ref: {"units": one.units, "codes": sorted(one.told)} for ref, one in left.items()}
            return {"parcels": parcels, "notes": dict(sorted(self.notes.items()))}

    def _handler(self):
        def hear(body, headers):
            return self.hear(body, headers)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = hear(body, {name.lower(): value for name, value in self.headers.items()})
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_ignored):
                pass

        return Handler

    def hear(self, body, headers):
        """Take in a webhook; gives the status to answer, or None to hang up."""
        try:
            told = self.reader.verify(body, headers)
        except WebhookVerificationError:
            with self.changed:
                self.notes["forged"] += 1
            return 401
        with self.changed:
            self.arrived += 1
            place = self.arrived % self.trouble_every
            if place == self.trouble_every // 3:
                self.notes["answered 500"] += 1
                return 500
            if headers["webhook-id"] in self.heard:
                self.notes["heard again"] += 1
                return 204
            self.heard.add(headers["webhook-id"])
            self.notes[told["type"]] += 1
            if told["type"] == "shipment.ready":
                self._book(told["data"]["order"], told["data"]["shipment"])
            else:
                self._follow(told["data"]["order"])
            if place == self.trouble_every // 3 * 2:  # done, but the desk does not learn that
                self.notes["hung up"] += 1
                return None
            return 204

    def _book(self, order, shipment):
        known = self.bookings.get(shipment["reference"])
        if order["shipping"]["method"] == NOT_OURS or (known and (known.has_left or known.version > order["version"])):
            return
        if known:
            known.steps.clear()  # it was ready before, then waited for stock
        code = f"SIM-{shipment['reference']}"
        steps = self._steps(code, is_shared=order["shipping"]["method"] == SHARED)
        booking = Booking(shipment["reference"], order["number"], order["version"], units(shipment), [code], steps)
        self.bookings[booking.reference] = booking
        self._put_off(booking)

    def _steps(self, code, *, is_shared):
        """How a parcel is told of: the path, what is said, and how often.

        Where others ship too, all is told at once and only of the order as we know it (If-Match).
        """
        tracking = {"tracking": [{"code": code, "carrier": "PostNord"}]}
        shipped, both = {"status": "shipped"}, {**tracking, "status": "shipped"}
        ways = [[("patch", both)]]
        if not is_shared:
            ways += [
                [("patch", tracking), ("patch", shipped)],
                [("connect", both)],
                [("connect", shipped), ("connect", tracking)],  # out of order
                [("connect", both), ("connect", {"tracking": [f"{code}-B"]})],  # a second parcel
            ]
        return [(*step, self.chance.choice((1, 1, 2))) for step in self.chance.choice(ways)]

    def _follow(self, order):
        """An order changed: drop what is no more, and see what is packed otherwise now."""
        there = {one["reference"]: one for one in order["shipments"]}
        for booking in [one for one in self.bookings.values() if one.number == order["number"]]:
            if booking.has_left or booking.version >= order["version"]:
                continue
            if order["status"] == "cancelled" or booking.reference not in there:
                self._drop(booking, "cancelled or moved")
            elif there[booking.reference]["status"] == "ready":
                booking.version, booking.units = order["version"], units(there[booking.reference])

    def _drop(self, booking, why):
        self.notes[f"dropped: {why}"] += 1
        booking.steps.clear()

    def _put_off(self, booking):
        """Go on with a booking in a moment, or late."""
        wait = self.chance.uniform(0, 0.3) if self.chance.random() < 0.9 else self.chance.uniform(1, 3)
        self.turn += 1
        heapq.heappush(self.due, (time.monotonic() + wait, self.turn, booking))
        self.changed.notify()

    def _work(self):
        while True:
            with self.changed:
                while not self.is_ending and (not self.due or self.due[0][0] > time.monotonic()):
                    self.changed.wait(self.due[0][0] - time.monotonic() if self.due else None)
                if self.is_ending:
                    return
                booking = heapq.heappop(self.due)[2]
                self.at_work += 1
            try:
                self._tell(booking)
            finally:
                with self.changed:
                    self.at_work -= 1

    def _tell(self, booking):
        """Tell the desk the next thing about a parcel, and note how it took that."""
        with self.changed:
            if not booking.steps:
                return
            path, said, times = booking.steps[0]
            version, packed = booking.version, booking.units
        for _time in range(times):
            if path == "connect":
                news = {"shipment": booking.reference, **said}
                status, answer = self.desk.ask("POST", "/connect/shipping", news)
                order = answer["orders"][0] if status == 200 else None
            else:
                shipment = f"/api/v1/shipments/{quote(booking.reference)}"
                status, order = self.desk.ask("PATCH", shipment, said, **{"If-Match": f'"{version}"'})
            with self.changed:
                self.notes[f"{path} {status}"] += 1
                if status == 200:
                    self._note(booking, said, order["version"], packed)
        with self.changed:
            if status == 200:
                booking.steps[:1] = []
            elif status != 412:  # 404, 409, 422: gone, unclear or cancelled
                self._drop(booking, f"answered {status}")
        if status == 412:
            self._look_again(booking, said)
        with self.changed:
            if booking.steps:
                self._put_off(booking)

    def _note(self, booking, said, version, packed):
        booking.version = max(booking.version, version)
        booking.told |= {one if isinstance(one, str) else one["code"] for one in said.get("tracking", [])}
        if said.get("status") == "shipped" and not booking.has_left:
            booking.has_left, booking.units = True, packed

    def _look_again(self, booking, said):
        """The order is another than we knew: was it us, or was it split, shipped or cancelled meanwhile?"""
        status, order = self.desk.ask("GET", f"/api/v1/orders/{quote(booking.number)}")
        shipments = order["shipments"] if status == 200 else []
        shipment = next((one for one in shipments if one["reference"] == booking.reference), None)
        with self.changed:
            if shipment is None or order["status"] == "cancelled":
                self._drop(booking, "gone or cancelled")
            elif shipment["status"] == "shipped":
                codes = {tracking["code"] for tracking in shipment["tracking"]}
                if codes.issuperset(booking.codes):  # ours: the answer was lost, or this was the second time
                    self._note(booking, said, order["version"], booking.units)
                    booking.steps[:1] = []
                else:
                    self._drop(booking, "shipped by others")
            elif shipment["status"] == "ready":
                booking.version, booking.units = order["version"], units(shipment)
            else:
                self._drop(booking, "waits for stock")  # and will be told of when it is ready


def units(shipment):
    counted = Counter()
    for line in shipment["lines"]:
        counted[line["sku"]] += line["quantity"]
    return dict(counted)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base_url")
    parser.add_argument("--key", default=os.environ.get("ORDER_DESK_KEY"), help="or in ORDER_DESK_KEY")
    parser.add_argument("--secret", default=os.environ.get("ORDER_DESK_SECRET"), help="or in ORDER_DESK_SECRET")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with Shipping(given.base_url, given.key, given.secret, port=given.port, seed=given.seed) as shipping:
        try:
            while True:
                time.sleep(1)
        except KeyboardInterrupt:
            pass
    print(json.dumps(shipping.summary(), indent=2))


if __name__ == "__main__":
    main()
