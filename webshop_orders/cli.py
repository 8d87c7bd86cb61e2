"""The commands."""

import click
from flask.cli import FlaskGroup

from webshop_orders import create_app


@click.group(cls=FlaskGroup, create_app=create_app, add_default_commands=False)
def main() -> None:
    """webshop-orders: the order desk of a web shop."""
