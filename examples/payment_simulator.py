"""A simulated payment system that works with the order desk: it is asked for refunds, and tells when they are done.

It verifies each webhook's signature and gives money back once, however often it is asked: the desk calls it again after
an answer that was lost. What it tells the desk can be repeated safely too.

Against the demo: add a webhook in Konfiguration, Integrationer to http://127.0.0.1:8082/ for refund.requested, pass its
secret, and a key with the scope payments:write:

    ORDER_DESK_KEY=wso_… ORDER_DESK_SECRET=whsec_… python examples/payment_simulator.py http://127.0.0.1:8000

Ctrl-C ends it.
"""

import argparse
import json
import os
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


class PaymentSystem:
    """`refunded` has what was given back, by the order's number and the refund's id."""

    def __init__(self, base_url, key, secret):
        self.base_url, self.key, self.reader = base_url.rstrip("/"), key, Webhook(secret)
        self.refunded = {}

    def receive(self, body, headers):
        """Carry out a webhook; gives the status of the response, of which an error has the desk call again."""
        try:
            event = self.reader.verify(body, headers)
        except WebhookVerificationError:
            return 401
        if event["type"] == "refund.requested":
            order, refund = event["data"]["order"], event["data"]["refund"]
            self._give_back(order["number"], refund["id"], refund["amount"])
            self._tell(order["number"], refund["id"])
        return 204

    def _give_back(self, number, refund_id, amount):
        self.refunded.setdefault((number, refund_id), amount)

    def _tell(self, number, refund_id):
        path = f"/api/v1/orders/{quote(number)}/refunds/{refund_id}/done"
        # The address is given by the user who runs this.
        request = urllib.request.Request(self.base_url + path, method="POST")  # noqa: S310
        request.data = json.dumps({"reference": f"re-{number}-{refund_id}"}).encode()
        request.headers = {"Authorization": f"Bearer {self.key}", "Content-type": "application/json"}
        with urllib.request.urlopen(request, timeout=30):  # noqa: S310 # nosec B310
            pass


def handler_of(system):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = system.receive(body, {name.lower(): value for name, value in self.headers.items()})
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    return Handler


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base_url")
    parser.add_argument("--port", type=int, default=8082)
    args = parser.parse_args()
    system = PaymentSystem(args.base_url, os.environ["ORDER_DESK_KEY"], os.environ["ORDER_DESK_SECRET"])
    ThreadingHTTPServer(("127.0.0.1", args.port), handler_of(system)).serve_forever()


if __name__ == "__main__":
    main()
