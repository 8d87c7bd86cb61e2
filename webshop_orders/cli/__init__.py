"""The commands, available as `webshop-orders …` and as `flask --app wsgi …`."""

import click
from flask import Flask
from flask.cli import ScriptInfo

from webshop_orders.cli.api_keys import api_key
from webshop_orders.cli.demo import demo
from webshop_orders.cli.doctor import doctor
from webshop_orders.cli.generate import generate
from webshop_orders.cli.import_file import import_file
from webshop_orders.cli.serve import serve
from webshop_orders.cli.users import user
from webshop_orders.cli.worker import worker

COMMANDS: list[click.Command] = [demo, serve, worker, import_file, user, api_key, generate, doctor]

group = click.Group(
    commands=COMMANDS,
    help="webshop-orders: the order desk of a web shop. Settings come from the environment, as WEBSHOP_ORDERS_….",
)


def register(app: Flask) -> None:
    """Add the commands to `flask --app …` too."""
    for command in COMMANDS:
        app.cli.add_command(command)


def main() -> None:
    from webshop_orders import create_app

    group.main(obj=ScriptInfo(create_app=create_app), prog_name="webshop-orders")
