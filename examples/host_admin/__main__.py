"""Nordljus admin, an example of a shop admin that embeds the order desk.

    python examples/host_admin

starts a demo of the order desk on 127.0.0.1 and the shop admin on localhost, which a browser treats as two sites, and
stops both on Ctrl-C. For an order desk that is already running, with this host's origin in its EMBED_ORIGINS:

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
import urllib.request
import webbrowser
from contextlib import contextmanager
from importlib.util import find_spec

from app import make_admin
from desk import Desk
from werkzeug.serving import make_server

STARTUP_SECONDS = 120  # the demo creates its orders before it answers
ORDER_DESK = [sys.executable, "-m", "webshop_orders"]


def main():
    options = read_arguments()
    # On SIGTERM, stop the child process too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with listening(options.port) as listener:
            if options.desk:
                show(options, listener, Desk(options.desk, options.secret, options.key))
            else:
                with running_demo(options.desk_port, embed_in=origin(options)) as desk:
                    show(options, listener, desk)
    except KeyboardInterrupt:
        pass


def read_arguments():
    parser = argparse.ArgumentParser(prog="host_admin", description="A shop admin with the order desk in it.")
    parser.add_argument("--port", type=int, default=8090, help="port of the shop admin (default: %(default)s)")
    parser.add_argument("--desk-port", type=int, default=8091, help="port of the demo (default: %(default)s)")
    parser.add_argument("--no-browser", action="store_true", help="only print the URL")
    parser.add_argument("--desk", metavar="URL", help="an order desk that is already running, instead of the demo")
    parser.add_argument("--secret", default=os.environ.get("ORDER_DESK_SECRET"), help="or ORDER_DESK_SECRET")
    parser.add_argument("--key", default=os.environ.get("ORDER_DESK_KEY"), help="or ORDER_DESK_KEY")
    options = parser.parse_args()
    if options.desk and not (options.secret and options.key):
        parser.error("--desk needs --secret, which signs tokens, and --key, a key with the scope orders:read")
    if not options.desk and find_spec("webshop_orders") is None:
        parser.error("the order desk is not installed for this Python; run it with the one that has webshop-orders")
    return options


def origin(options):
    return f"http://localhost:{options.port}"


def listening(port):
    """Reserve the port before the demo creates its orders, so that an error is reported at once."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        sys.exit(f"host_admin: port {port} cannot be used ({error.strerror}). Choose another with --port.")


def show(options, listener, desk):
    """Serve requests until Ctrl-C."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    admin = make_admin(desk, origin=origin(options), secret_key=secrets.token_hex())
    server = make_server("127.0.0.1", options.port, admin, threaded=True, fd=listener.fileno())
    print(f"Nordljus admin, with the order desk in it; Ctrl-C ends it:\n{origin(options)}/orders", flush=True)
    if not options.no_browser:
        webbrowser.open(f"{origin(options)}/orders")
    server.serve_forever()


@contextmanager
def running_demo(port, *, embed_in):
    """A demo of the order desk with its own folder and secrets, which allows one host to embed it."""
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
        # Fixed arguments, no shell. In its own process group: Ctrl-C is for this process, which terminates the child.
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
    # Fixed arguments, no shell.
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 # nosec B603
    if result.returncode:
        sys.exit(result.returncode)  # it has printed the reason itself
    return result.stdout.strip()


def wait_for(process, url):
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(process.returncode)
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=2).close()  # noqa: S310 # nosec B310 - this machine
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit(f"The demo does not answer at {url}.")


main()
