"""The production server, with a mail worker beside it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from flask_babel import gettext as _
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from webshop_orders.errors import RuleViolation

TARGET = "webshop_orders:create_app"
WORKER = [sys.executable, "-m", "webshop_orders", "worker"]
THREADS = 4
SECONDS_TO_END = 10
# Seconds between two looks at the mail worker, and from its end to its next start.
LOOK_EVERY = 0.5
SHORTEST_PAUSE, LONGEST_PAUSE = 1, 30

# A process that the server forks while Popen waits for a pipe to close would hold that pipe open for good.
FORKING = threading.Lock()
if sys.platform != "win32":
    os.register_at_fork(before=FORKING.acquire, after_in_parent=FORKING.release, after_in_child=FORKING.release)


def address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def check_free(host: str, port: int) -> None:
    """Raises Refused where nothing can listen on an address."""
    try:
        family, kind, protocol, _name, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise RuleViolation(
            _(
                "%(address)s cannot be used (%(reason)s). Choose another with --port or --host.",
                address=address(host, port),
                reason=error.strerror,
            )
        ) from None


def serve(host: str, port: int, *, workers: int, with_worker: bool, when_started: Callable[[], object]) -> None:
    """Answer requests until SIGINT or SIGTERM, then end everything that was started.

    `when_started` is called, in a thread of its own, once someone answers. The processes make their applications
    from the environment; no database connection may be open in this one, since they are forked from it.
    """
    server = Server(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_END,
        log_level=LogLevels.warning,
        websockets=False,
    )
    if sys.platform != "win32" and sys.stdin.isatty():
        # The server would take the end of its terminal for a request to reload.
        server.on_startup(lambda: signal.signal(signal.SIGHUP, server.signal_handler_interrupt))
    server.on_startup(threading.Thread(target=_tell, args=(host, port, when_started), daemon=True).start)
    if not with_worker:
        server.serve()
        return
    mail_worker = MailWorker()
    # Not earlier: before its startup the server does not catch the signals that end it.
    server.on_startup(mail_worker.start)
    try:
        server.serve()
    finally:
        mail_worker.stop()


def _tell(host: str, port: int, when_started: Callable[[], object]) -> None:
    """The server's own startup ends before its processes listen, and a browser would find nobody there."""
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            when_started()
            return


class MailWorker:
    """`webshop-orders worker` as a process of its own, started again whenever it ends before `stop`."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep_running, name="keeper of the mail worker")

    def start(self) -> None:
        self._keeper.start()

    def stop(self) -> None:
        """End the worker, by force where it takes too long."""
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join()

    def _keep_running(self) -> None:
        pause = SHORTEST_PAUSE
        while not self._stopping.is_set():
            with FORKING:
                # Nothing in the command comes from outside.
                # In a group of its own, since Ctrl-C reaches the whole group and a worker that ends is started again.
                process = subprocess.Popen(WORKER, stdin=subprocess.DEVNULL, process_group=0)  # noqa: S603 # nosec B603
            while process.poll() is None and not self._stopping.wait(LOOK_EVERY):
                pass
            if self._stopping.is_set():
                _end(process)
            self._stopping.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
