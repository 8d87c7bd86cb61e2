"""The commands, available as `webshop-orders …` and as `flask --app wsgi …`."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import click

from webshop_orders.cli.lazy_command import LazyCommand
from webshop_orders.version import VERSION

if TYPE_CHECKING:
    from flask import Flask

# Each command, the module that has it in this package, its name there, and the first sentence of its help.
COMMANDS = [
    LazyCommand(name, f"{__name__}.{target}", summary)
    for name, target, summary in [
        ("demo", "demo:demo", "Run a realistic demo shop, and open it in the browser, signed in."),
        ("serve", "serve:serve", "Run the order desk: apply migrations, serve requests, and run a mail worker."),
        (
            "worker",
            "worker:worker",
            "Deliver mails and webhooks until SIGTERM or Ctrl-C; "
            "any number of workers can run, on any number of machines.",
        ),
        (
            "import",
            "import_file:import_file",
            "Import orders, or products, from a file: JSON lines, or an export of WooCommerce or Shopify.",
        ),
        ("user", "users:user", "Users who sign in."),
        ("api-key", "api_keys:api_key", "Keys for integrations that use the API."),
        (
            "generate",
            "generate:generate",
            "Add synthetic orders for load tests, the same ones each time; they send no mail.",
        ),
        (
            "verify",
            "verify:verify",
            "Check the whole database against the rules, read only, and say how to mend what is broken.",
        ),
        ("backup", "backup:backup", "Write a backup of the database to a new file, and check it, while others work."),
        (
            "restore",
            "restore:restore",
            "Restore a backup into an empty database, migrate it, and check that all in it agrees.",
        ),
        ("doctor", "doctor:doctor", "Check database, migrations, secret, hosts and mail, and report what to fix."),
    ]
]

group = click.version_option(VERSION, prog_name="webshop-orders", message="%(prog)s %(version)s")(
    click.Group(
        commands=COMMANDS,
        help="webshop-orders: the order desk of a web shop. Settings come from the environment, as WEBSHOP_ORDERS_….",
    )
)


MIGRATIONS = LazyCommand("db", "flask_migrate.cli:db", "Perform database migrations.")


def register(app: Flask) -> None:
    """Add the commands to `flask --app …` too, and those of Flask-Migrate."""
    for command in [*COMMANDS, MIGRATIONS]:
        app.cli.add_command(command)


def main() -> None:
    from flask.cli import ScriptInfo

    gc.disable()  # until the application is there: what imports make stays, and a tenth of a start went to searching it
    group.main(obj=ScriptInfo(create_app=load_app), prog_name="webshop-orders")


def load_app() -> Flask:
    """The application of a command, kept from the garbage collector: it stays, and is shared with forked processes."""
    from webshop_orders import create_app, logs

    app = create_app()
    logs.configure(app.config)
    gc.freeze()
    gc.enable()
    return app
