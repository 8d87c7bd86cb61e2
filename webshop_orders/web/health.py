"""What monitors and proxies ask: whether requests are answered, and whether the work behind them is done too."""

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.clock import now
from webshop_orders.db import migrations, write_check
from webshop_orders.operations import heartbeats

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 when the database can be read and written and its migrations are current, or else 503 and the reason."""
    return _answer(_problem_of_database())


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when this process is healthy and a worker runs, or else 503 and the reason."""
    return _answer(_problem_of_database() or _problem_of_workers())


def _answer(problem: str | None) -> Response:
    return Response(f"{problem or 'ok'}\n", 503 if problem else 200, mimetype="text/plain")


def _problem_of_database() -> str | None:
    try:
        is_current = migrations.is_current()
    except SQLAlchemyError:
        return "the database does not answer"
    try:
        write_check.check_writing()
    except SQLAlchemyError:
        return "the database cannot be written"
    return None if is_current else "the database lacks migrations"


def _problem_of_workers() -> str | None:
    try:
        last = heartbeats.last_seen(heartbeats.WORKER)
    except SQLAlchemyError:
        return "the database does not answer"
    if last is None:
        return "no worker has been seen"
    silent = now() - last
    if silent <= heartbeats.SILENT_AFTER:
        return None
    return f"no worker has been seen for {silent.total_seconds() / 60:.0f} minutes"
