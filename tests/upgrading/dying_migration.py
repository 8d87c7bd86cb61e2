"""A process that prepares a database as `serve` does, and is killed within a migration: after its n-th statement."""

import os
import signal
import sys
from itertools import count

from sqlalchemy import Engine, event

from tests.conftest import settings
from webshop_orders import create_app
from webshop_orders.cli import database

CHANGES = ("CREATE", "ALTER", "INSERT", "UPDATE", "DROP")


def main(url: str, statement: int) -> None:
    changes = count(1)

    @event.listens_for(Engine, "after_cursor_execute")
    def kill(connection: object, cursor: object, sql: str, *more: object) -> None:
        if sql.lstrip().upper().startswith(CHANGES) and next(changes) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    with create_app(settings(url)).app_context():
        database.prepare()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
