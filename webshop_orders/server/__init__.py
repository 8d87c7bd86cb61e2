"""The production server (Granian), with a mail worker as a process beside it."""

import multiprocessing
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

from flask import Flask
from flask_babel import gettext as _
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from webshop_orders import logs
from webshop_orders.errors import RuleViolation
from webshop_orders.metrics.requests import measuring
from webshop_orders.server.refusals import refusals
from webshop_orders.server.request_bodies import BodyLimits
from webshop_orders.server.wsgi_bridge import WsgiBridge

TARGET = "webshop_orders:create_app"
WORKER = [sys.executable, "-m", "webshop_orders", "worker"]
THREADS = 4
SHUTDOWN_SECONDS = 10
MAX_CONNECTIONS = 4096  # of each process, most of them idle
OTHER_FILES = 200  # that a process has open beside its connections, at most
# For the header of a request to arrive, and for the next request of a connection; longer than proxies keep idle ones.
HEADER_SECONDS = 75
# How often the mail worker is checked, and the backoff before it is restarted; in seconds.
POLL_SECONDS = 0.5
MIN_BACKOFF, MAX_BACKOFF = 1, 30

IS_POSIX = hasattr(os, "fork")
# A process that is forked while Popen waits for its pipe to close would inherit the pipe and keep it open.
FORK_LOCK = threading.Lock()
if IS_POSIX:
    import resource

    os.register_at_fork(before=FORK_LOCK.acquire, after_in_parent=FORK_LOCK.release, after_in_child=FORK_LOCK.release)


def _let_forked_processes_be_terminated() -> None:
    """Let a server process that is still starting be terminated.

    A forked process inherits the handlers of the server, which only note the signal, until it sets its own. SIGTERM is
    blocked while it is forked: Python forgets in the new process what arrived before its first instruction.
    """
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM]),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM]),
        after_in_child=_end_at_once_when_terminated,
    )


def _end_at_once_when_terminated() -> None:
    """SIGINT is ignored because Ctrl-C reaches every process: one that it ended would count as crashed."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])


def address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def check_free(host: str, port: int) -> None:
    """Raises RuleViolation if the address is in use or cannot be listened on."""
    try:
        family, kind, protocol, _name, socket_address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(socket_address)
    except OSError as error:
        raise RuleViolation(
            _(
                "%(address)s cannot be used (%(reason)s). Choose another with --port or --host.",
                address=address(host, port),
                reason=error.strerror,
            )
        ) from None


def serve(
    app: Flask, host: str, port: int, *, workers: int, with_worker: bool, when_started: Callable[[], object]
) -> None:
    """Serve requests until SIGINT or SIGTERM, then stop every process that was started.

    `when_started` is called in its own thread once the server accepts connections. The processes are forked with the
    application, so no database connection may be open in this one; where the operating system cannot fork, each
    creates its application from the environment.
    """
    mail_worker = MailWorker()

    def announce() -> None:
        if with_worker:
            mail_worker.start()  # not earlier: its start would take processor time from the server's
        when_started()

    server = Server(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,  # while it waits to see which version a client speaks, nothing limits the time
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        backlog=MAX_CONNECTIONS,
        backpressure=_max_connections(),
        workers=workers,
        respawn_failed_workers=True,
        workers_kill_timeout=SHUTDOWN_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=logs.SERVER_LOGGERS,
        websockets=False,
    )
    if IS_POSIX:
        _let_forked_processes_be_terminated()
        if sys.stdin.isatty():
            # Granian treats SIGHUP as a request to reload, but here it means that the terminal was closed.
            server.on_startup(lambda: signal.signal(signal.SIGHUP, server.signal_handler_interrupt))
    # Not earlier: until its startup hook the server does not handle SIGINT and SIGTERM.
    server.on_startup(threading.Thread(target=_call_when_listening, args=(host, port, announce), daemon=True).start)
    can_fork = multiprocessing.get_start_method() == "fork"
    loader = partial(_bridge, app) if can_fork else load_application
    try:
        server.serve(target_loader=loader, wrap_loader=False)
    finally:
        mail_worker.stop()
        # Everything has ended: Ctrl-C once more, or the one that uvx passes on beside the terminal's, changes nothing.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _max_connections() -> int:
    """As many as the operating system lets a process have; its usual limit is raised as far as it may be.

    Beyond the limit, granian could accept no connection and would not say so.
    """
    if not IS_POSIX:
        return MAX_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MAX_CONNECTIONS if soft == resource.RLIM_INFINITY else max(1, min(MAX_CONNECTIONS, soft - OTHER_FILES))


def load_application() -> WsgiBridge:
    """What a server process runs that was not forked: the application, created from the environment."""
    app = pkgutil.resolve_name(TARGET)()
    logs.configure(app.config)
    return _bridge(app)


def _bridge(app: Flask) -> WsgiBridge:
    limits = BodyLimits(app.config["MAX_CONTENT_LENGTH"])
    return WsgiBridge(measuring(app), threads=THREADS, limits=limits, refusal=refusals(app))


def _call_when_listening(host: str, port: int, when_started: Callable[[], object]) -> None:
    """Poll until the port accepts connections: the server's startup hook runs before its processes listen."""
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            when_started()
            return


class MailWorker:
    """`webshop-orders worker` as a child process, restarted whenever it exits before `stop`."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._supervisor = threading.Thread(target=self._keep_running, name="mail worker supervisor")

    def start(self) -> None:
        self._supervisor.start()

    def stop(self) -> None:
        """Terminate the worker; kill it if it takes longer than SHUTDOWN_SECONDS."""
        self._stopping.set()
        if self._supervisor.is_alive():
            self._supervisor.join()

    def _keep_running(self) -> None:
        backoff = MIN_BACKOFF
        while not self._stopping.is_set():
            with FORK_LOCK:
                # Nothing in the command comes from user input.
                # In its own process group: Ctrl-C signals the whole group, and a worker that exits is restarted.
                process = subprocess.Popen(WORKER, stdin=subprocess.DEVNULL, process_group=0)  # noqa: S603 # nosec B603
            while process.poll() is None and not self._stopping.wait(POLL_SECONDS):
                pass
            if self._stopping.is_set():
                _terminate(process)
            self._stopping.wait(backoff)
            backoff = min(2 * backoff, MAX_BACKOFF)


def _terminate(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(SHUTDOWN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
