"""A simulated shipping system that works with the order desk: it receives webhooks, books parcels and reports them.

It verifies each webhook's signature, ignores repeats, and responds at once; the work is done in threads. Parcels are
reported in several ways, some twice, some late. Now and then it responds with 500 or hangs up, and gets a retry.

Against the demo (see examples/erp_simulator.py): add a webhook in Konfiguration, Integrationer to
http://127.0.0.1:8081/ for shipment.ready, order.changed and order.cancelled, and pass its secret:

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
MAX_ATTEMPTS, THREADS = 60, 2


class Desk:
    """The order desk over HTTP. Every request that is made here can be repeated safely."""

    def __init__(self, base_url, key):
        self.base_url, self.key = base_url.rstrip("/"), key

    def request(self, method, path, body=None, **headers):
        """The status and the JSON of the response; retries after a pause if the desk is busy or does not respond."""
        for attempt in range(MAX_ATTEMPTS):
            try:
                status, answer, wait = self._attempt(method, path, body, headers)
            except (OSError, http.client.HTTPException, ValueError):  # unreachable, cut off, or half a response
                status, answer, wait = None, {}, min(0.2 + 0.2 * attempt, 5)
            if status not in {None, 429, 502, 503, 504}:
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


@dataclass
class Booking:
    """A parcel: what was packed for a shipment, at which version of the order, and the codes that were reported."""

    reference: str
    number: str
    version: int
    units: dict
    codes: list
    steps: list
    reported: set = field(default_factory=set)
    is_shipped: bool = False


class Shipping:
    """`bookings` by the shipment's reference; `notes` counts webhooks, responses and reports."""

    def __init__(self, base_url, key, secret, *, port=0, seed=0, trouble_every=60):
        self.desk, self.reader = Desk(base_url, key), Webhook(secret)
        self.trouble_every = trouble_every
        self.chance = random.Random(seed)  # noqa: S311 # nosec B311 - the same again
        self.bookings, self.received, self.notes = {}, set(), Counter()
        self.due, self.busy_threads, self.is_ending, self.sequence, self.webhook_count = [], 0, False, 0, 0
        self.changed = Condition()  # its lock guards all of these
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
            return not self.due and not self.busy_threads

    def summary(self):
        with self.changed:
            shipped = [booking for booking in self.bookings.values() if booking.is_shipped]
            parcels = {
                booking.reference: {"units": booking.units, "codes": sorted(booking.reported)} for booking in shipped
            }
            return {"parcels": parcels, "notes": dict(sorted(self.notes.items()))}

    def _handler(self):
        def receive(body, headers):
            return self.receive(body, headers)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receive(body, {name.lower(): value for name, value in self.headers.items()})
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_ignored):
                pass

        return Handler

    def receive(self, body, headers):
        """Process a webhook; gives the status of the response, or None to hang up."""
        try:
            event = self.reader.verify(body, headers)
        except WebhookVerificationError:
            with self.changed:
                self.notes["forged"] += 1
            return 401
        with self.changed:
            self.webhook_count += 1
            position = self.webhook_count % self.trouble_every
            if position == self.trouble_every // 3:
                self.notes["answered 500"] += 1
                return 500
            if headers["webhook-id"] in self.received:
                self.notes["heard again"] += 1
                return 204
            self.received.add(headers["webhook-id"])
            self.notes[event["type"]] += 1
            if event["type"] == "shipment.ready":
                self._book(event["data"]["order"], event["data"]["shipment"])
            else:
                self._update(event["data"]["order"])
            if position == self.trouble_every // 3 * 2:  # processed, but the desk gets no response
                self.notes["hung up"] += 1
                return None
            return 204

    def _book(self, order, shipment):
        earlier = self.bookings.get(shipment["reference"])
        if order["shipping"]["method"] == NOT_OURS or (
            earlier and (earlier.is_shipped or earlier.version > order["version"])
        ):
            return
        if earlier:
            earlier.steps.clear()  # ready before, then backordered
        code = f"SIM-{shipment['reference']}"
        steps = self._steps(code, is_shared=order["shipping"]["method"] == SHARED)
        booking = Booking(shipment["reference"], order["number"], order["version"], units(shipment), [code], steps)
        self.bookings[booking.reference] = booking
        self._schedule(booking)

    def _steps(self, code, *, is_shared):
        """How a parcel is reported, in steps: the endpoint, the change, and how many times.

        If the ERP may ship it too, there is one step, and only for the version of the order that is known (If-Match).
        """
        tracking = {"tracking": [{"code": code, "carrier": "PostNord"}]}
        shipped, both = {"status": "shipped"}, {**tracking, "status": "shipped"}
        variants = [[("patch", both)]]
        if not is_shared:
            variants += [
                [("patch", tracking), ("patch", shipped)],
                [("connect", both)],
                [("connect", shipped), ("connect", tracking)],  # out of order
                [("connect", both), ("connect", {"tracking": [f"{code}-B"]})],  # a second parcel
            ]
        return [(*step, self.chance.choice((1, 1, 2))) for step in self.chance.choice(variants)]

    def _update(self, order):
        """Drop the bookings of shipments that no longer exist, and repack those that changed."""
        shipments = {shipment["reference"]: shipment for shipment in order["shipments"]}
        for booking in [item for item in self.bookings.values() if item.number == order["number"]]:
            if booking.is_shipped or booking.version >= order["version"]:
                continue
            if order["status"] == "cancelled" or booking.reference not in shipments:
                self._drop(booking, "cancelled or moved")
            elif shipments[booking.reference]["status"] == "ready":
                booking.version, booking.units = order["version"], units(shipments[booking.reference])

    def _drop(self, booking, why):
        self.notes[f"dropped: {why}"] += 1
        booking.steps.clear()

    def _schedule(self, booking):
        """Continue with a booking in a moment, or late."""
        wait = self.chance.uniform(0, 0.3) if self.chance.random() < 0.9 else self.chance.uniform(1, 3)
        self.sequence += 1
        heapq.heappush(self.due, (time.monotonic() + wait, self.sequence, booking))
        self.changed.notify()

    def _work(self):
        while True:
            with self.changed:
                while not self.is_ending and (not self.due or self.due[0][0] > time.monotonic()):
                    self.changed.wait(self.due[0][0] - time.monotonic() if self.due else None)
                if self.is_ending:
                    return
                booking = heapq.heappop(self.due)[2]
                self.busy_threads += 1
            try:
                self._report(booking)
            finally:
                with self.changed:
                    self.busy_threads -= 1

    def _report(self, booking):
        """Carry out the next step of a booking, and record the response."""
        with self.changed:
            if not booking.steps:
                return
            endpoint, change, times = booking.steps[0]
            version, packed = booking.version, booking.units
        for _time in range(times):
            if endpoint == "connect":
                notification = {"shipment": booking.reference, **change}
                status, answer = self.desk.request("POST", "/connect/shipping", notification)
                order = answer["orders"][0] if status == 200 else None
            else:
                shipment = f"/api/v1/shipments/{quote(booking.reference)}"
                status, order = self.desk.request("PATCH", shipment, change, **{"If-Match": f'"{version}"'})
            with self.changed:
                self.notes[f"{endpoint} {status}"] += 1
                if status == 200:
                    self._record(booking, change, order["version"], packed)
        with self.changed:
            if status == 200:
                booking.steps[:1] = []
            elif status != 412:  # 404, 409, 422: gone, unclear or cancelled
                self._drop(booking, f"answered {status}")
        if status == 412:
            self._refresh(booking, change)
        with self.changed:
            if booking.steps:
                self._schedule(booking)

    def _record(self, booking, change, version, packed):
        booking.version = max(booking.version, version)
        booking.reported |= {code if isinstance(code, str) else code["code"] for code in change.get("tracking", [])}
        if change.get("status") == "shipped" and not booking.is_shipped:
            booking.is_shipped, booking.units = True, packed

    def _refresh(self, booking, change):
        """Read an order whose version changed: by our own request, or because it was split, shipped or cancelled."""
        status, order = self.desk.request("GET", f"/api/v1/orders/{quote(booking.number)}")
        shipments = order["shipments"] if status == 200 else []
        shipment = next((item for item in shipments if item["reference"] == booking.reference), None)
        with self.changed:
            if shipment is None or order["status"] == "cancelled":
                self._drop(booking, "gone or cancelled")
            elif shipment["status"] == "shipped":
                codes = {tracking["code"] for tracking in shipment["tracking"]}
                if codes.issuperset(booking.codes):  # by us: the response was lost, or this is the repeat
                    self._record(booking, change, order["version"], booking.units)
                    booking.steps[:1] = []
                else:
                    self._drop(booking, "shipped by others")
            elif shipment["status"] == "ready":
                booking.version, booking.units = order["version"], units(shipment)
            else:
                self._drop(booking, "waits for stock")  # a webhook follows when it is ready


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
    args = parser.parse_args()
    with Shipping(args.base_url, args.key, args.secret, port=args.port, seed=args.seed) as shipping:
        try:
            while True:
                time.sleep(1)
        except KeyboardInterrupt:
            pass
    print(json.dumps(shipping.summary(), indent=2))


if __name__ == "__main__":
    main()
