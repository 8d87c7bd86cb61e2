"""`webshop-orders worker`: the worker that delivers mails and webhooks."""

import signal
import threading
from types import FrameType

import click
from flask.cli import ScriptInfo, pass_script_info
from flask_babel import gettext as _

from webshop_orders.cli import database
from webshop_orders.cli.command import Command
from webshop_orders.db import migrations
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation


@click.command(cls=Command)
@pass_script_info
def worker(info: ScriptInfo) -> None:
    """Deliver mails and webhooks until SIGTERM or Ctrl-C; any number of workers can run, on any number of machines."""
    from webshop_orders.metrics import process_files
    from webshop_orders.outbox.worker import run

    app = info.load_app()
    process_files.use(app.config["INSTANCE"], in_worker=True)
    stop = threading.Event()

    def request_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, request_stop)
    with app.app_context():
        if not migrations.is_current():
            raise RuleViolation(
                _("The database lacks migrations. Run «webshop-orders serve» first, which migrates it.")
            )
        database.warn_if_newer()
        db.session.remove()
    run(app, stop)
