"""Nordljus admin, a shop admin with the order desk in it, to see how embedding works.

    python examples/host_admin

starts a demo of the order desk on 127.0.0.1 and the shop admin on localhost, which are two sites to a browser, and ends
both on Ctrl-C. For an order desk that already runs, with this host's origin among its EMBED_ORIGINS:

    python examples/host_admin --desk https://orders.example.com --secret … --key …
"""

import argparse
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser
from contextlib import contextmanager
from importlib.util import find_spec

from app import make_admin
from desk import Desk
from werkzeug.serving import make_server

PATIENCE = 120  # seconds; the demo fills a shop before it answers
ORDER_DESK = [sys.executable, "-m", "webshop_orders"]


def main():
    asked = read_arguments()
    # Whoever ends this with a signal wants its child ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with listening(asked.port) as listener:
            if asked.desk:
                show(asked, listener, Desk(asked.desk, asked.secret, asked.key))
            else:
                with running_demo(asked.desk_port, embed_in=origin(asked)) as desk:
                    show(asked, listener, desk)
    except KeyboardInterrupt:
        pass


def read_arguments():
    parser = argparse.ArgumentParser(prog="host_admin", description="A shop admin with the order desk in it.")
    parser.add_argument("--port", type=int, default=8090, help="the shop admin's, on localhost (default: %(default)s)")
    parser.add_argument("--desk-port", type=int, default=8091, help="the demo's (default: %(default)s)")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--desk", metavar="URL", help="an order desk that already runs, in place of the demo")
    parser.add_argument("--secret", default=os.environ.get("ORDER_DESK_SECRET"), help="or ORDER_DESK_SECRET")
    parser.add_argument("--key", default=os.environ.get("ORDER_DESK_KEY"), help="or ORDER_DESK_KEY")
    asked = parser.parse_args()
    if asked.desk and not (asked.secret and asked.key):
        parser.error("--desk needs --secret, which signs tokens, and --key, a key with the scope orders:read")
    if not asked.desk and find_spec("webshop_orders") is None:
        parser.error("the order desk is not installed for this Python; run it with the one that has webshop-orders")
    return asked


def origin(asked):
    return f"http://localhost:{asked.port}"


def listening(port):
    """Taken before the demo fills its shop, so that nobody waits only to hear that it cannot be had."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        sys.exit(f"host_admin: port {port} cannot be used ({error.strerror}). Choose another with --port.")


def show(asked, listener, desk):
    """Answer requests until Ctrl-C."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    admin = make_admin(desk, origin=origin(asked), secret_key=secrets.token_hex())
    server = make_server("127.0.0.1", asked.port, admin, threaded=True, fd=listener.fileno())
    print(f"Nordljus admin, with the order desk in it; Ctrl-C ends it:\n{origin(asked)}/orders", flush=True)
    if not asked.no_browser:
        webbrowser.open(f"{origin(asked)}/orders")
    server.serve_forever()


@contextmanager
def running_demo(port, *, embed_in):
    """A demo of the order desk, in a folder and with secrets of its own, that lets one host embed it."""
    url, secret = f"http://127.0.0.1:{port}", secrets.token_urlsafe(32)
    with tempfile.TemporaryDirectory(prefix="order-desk-") as folder:
        settings = {
            "INSTANCE": folder,
            "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "BASE_URL": url,
            "EMBED_ORIGINS": embed_in,
            "EMBED_SECRET": secret,
        }
        others = {name: value for name, value in os.environ.items() if not name.startswith("WEBSHOP_ORDERS_")}
        environment = {**others, **{f"WEBSHOP_ORDERS_{name}": value for name, value in settings.items()}}
        print("Starting a demo of the order desk …", flush=True)
        key = make_key(environment)
        command = [*ORDER_DESK, "demo", "--no-browser", "--port", str(port)]
        # Our own words alone, no shell. In a group of its own, since Ctrl-C is for us, and we end it.
        process = subprocess.Popen(  # noqa: S603 # nosec B603
            command, env=environment, stdout=subprocess.DEVNULL, process_group=0
        )
        try:
            wait_for(process, url)
            yield Desk(url, secret, key)
        finally:
            process.terminate()
            process.wait()


def make_key(environment):
    command = [*ORDER_DESK, "api-key", "create", "Nordljus admin", "--scope", "orders:read"]
    # Our own words alone, no shell.
    made = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 # nosec B603
    if made.returncode:
        sys.exit(made.returncode)  # it said itself what is wrong
    return made.stdout.strip()


def wait_for(process, url):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            sys.exit(process.returncode)
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=2).close()  # noqa: S310 # nosec B310 - our own machine
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit(f"The demo does not answer at {url}.")


main()
