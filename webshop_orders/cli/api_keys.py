"""`webshop-orders api-key`: keys for integrations."""

import click
from flask.cli import with_appcontext

from webshop_orders.cli import database
from webshop_orders.cli.command import Command, checked_name
from webshop_orders.models import AccessKind, Actor, ActorKind, Scope
from webshop_orders.operations.audit import access_log
from webshop_orders.operations.settings import api_keys
from webshop_orders.operations.settings import changes as setting_changes
from webshop_orders.transactions.unit_of_work import writing

MAX_NAME_LENGTH = 60


@click.group("api-key")
def api_key() -> None:
    """Keys for integrations that use the API."""


@api_key.command("create", cls=Command)
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What the key may be used for; give it several times for several.",
)
@with_appcontext
def create(name: str, scopes: tuple[str, ...]) -> None:
    """Create a key and print it on a line of its own; it is not stored and cannot be shown again."""
    database.prepare()
    name = checked_name(name, max_length=MAX_NAME_LENGTH)
    by = Actor(ActorKind.SYSTEM, "api-key create")
    with writing():
        with setting_changes.watching() as changes:
            _key, token = api_keys.create(name, map(Scope, scopes), by=by)
        for change in changes:
            access_log.record(AccessKind.SETTINGS_CHANGED, by.name, address="", **change.facts)
    click.echo(token)
