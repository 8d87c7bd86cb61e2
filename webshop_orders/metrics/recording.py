"""Counting what happens. Nothing of it raises: a full disk must not keep a request from its answer."""

import logging
from collections.abc import Callable
from functools import wraps
from time import monotonic
from typing import ParamSpec

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# Anyone can invent methods and addresses, and each would be counted for ever.
OTHER_METHOD, NO_ROUTE = "other", "none"
SECONDS_TO_PAUSE = 60  # where the files cannot be written
P = ParamSpec("P")
logger = logging.getLogger(__name__)

_paused_until = 0.0


def _never_raising(record: Callable[P, None]) -> Callable[P, None]:
    @wraps(record)
    def recording(*args: P.args, **kwargs: P.kwargs) -> None:
        global _paused_until
        if _paused_until > monotonic():
            return
        try:
            record(*args, **kwargs)
        except OSError as error:
            _paused_until = monotonic() + SECONDS_TO_PAUSE
            logger.warning("Nothing is counted for a while, as the files of the metrics cannot be written: %s", error)

    return recording


@_never_raising
def record_request(route: str | None, method: str, status: int, seconds: float) -> None:
    """Count a response; `route` is the pattern of the address, None where the address is none of ours."""
    from webshop_orders.metrics import definitions

    route, method = route or NO_ROUTE, method if method in METHODS else OTHER_METHOD
    definitions.REQUESTS.labels(route, method, status).inc()
    definitions.REQUEST_SECONDS.labels(route, method).observe(seconds)


@_never_raising
def record_job(name: str, seconds: float, handled: int, *, failed: bool = False) -> None:
    """Count a round of a job of the worker, and how many things it handled."""
    from webshop_orders.metrics import definitions

    for outcome, count in (("done", not failed), ("failed", failed)):
        definitions.JOB_RUNS.labels(name, outcome).inc(count)
    definitions.JOB_HANDLED.labels(name).inc(handled)
    definitions.JOB_SECONDS.labels(name).observe(seconds)


@_never_raising
def record_delivery(queue: str, outcome: str) -> None:
    """Count an attempt to deliver a message of the outbox, by its queue and the state that it left it in."""
    from webshop_orders.metrics import definitions

    definitions.DELIVERIES.labels(queue, outcome).inc()


@_never_raising
def record_database_wait(wait: str, seconds: float) -> None:
    """Count how long a change waited: to `begin`, for a connection and the lock of SQLite, or for its `order`."""
    from webshop_orders.metrics import definitions

    definitions.DATABASE_WAIT_SECONDS.labels(wait).observe(seconds)


@_never_raising
def record_busy() -> None:
    """Count a change that was refused since others held its locks for too long."""
    from webshop_orders.metrics import definitions

    definitions.DATABASE_BUSY.inc()
