"""The production server, with a mail worker beside it."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

from flask_babel import gettext as _
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from webshop_orders.errors import Refused

TARGET = "webshop_orders:create_app"
THREADS = 8
SECONDS_TO_END = 10
SHORTEST_PAUSE, LONGEST_PAUSE = 1, 30


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
        raise Refused(
            _(
                "%(address)s cannot be used (%(reason)s). Choose another with --port or --host.",
                address=address(host, port),
                reason=error.strerror,
            )
        ) from None


def serve(host: str, port: int, *, workers: int, with_worker: bool, when_started: Callable[[], object]) -> None:
    """Answer requests until SIGINT or SIGTERM, then end everything that was started.

    The processes make their applications from the environment. No database connection may be open in this one,
    since they are forked from it.
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
    server.on_startup(when_started)
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


class MailWorker:
    """`webshop-orders worker` as a process of its own, started again whenever it ends before `stop`."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._watch = threading.Thread(target=self._keep_running, daemon=True)

    def start(self) -> None:
        self._process = self._spawn()
        self._watch.start()

    def stop(self) -> None:
        """End the worker, with violence if it has to be."""
        self._stopping.set()
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._watch.join()

    def _keep_running(self) -> None:
        pause = SHORTEST_PAUSE
        while self._process is not None:
            self._process.wait()
            if self._stopping.wait(pause):
                return
            pause = min(2 * pause, LONGEST_PAUSE)
            self._process = self._spawn()

    @staticmethod
    def _spawn() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "webshop_orders", "worker"], stdin=subprocess.DEVNULL)  # noqa: S603
