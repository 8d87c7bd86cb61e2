"""`webshop-orders user`: users who sign in."""

import os

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from webshop_orders.cli import database
from webshop_orders.cli.command import Command, checked_name
from webshop_orders.config import ENV_PREFIX
from webshop_orders.errors import RuleViolation
from webshop_orders.models import AccessKind, Role, User
from webshop_orders.operations.audit import access_log
from webshop_orders.operations.users import accounts, credentials
from webshop_orders.text.patterns import EMAIL
from webshop_orders.transactions.unit_of_work import writing

MAX_NAME_LENGTH = 200


@click.group()
def user() -> None:
    """Users who sign in."""


@user.command("add", cls=Command)
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="What they may do.")
@click.option("--name", help="What their changes are signed with; otherwise the first part of the e-mail address.")
@with_appcontext
def add(email: str, role: str, name: str | None) -> None:
    """Add a user. The password is read from a prompt, or from WEBSHOP_ORDERS_NEW_PASSWORD."""
    email = email.strip().casefold()
    if not EMAIL.fullmatch(email):
        raise RuleViolation(_("Give an e-mail address such as name@example.com."))
    name = checked_name(name or email.partition("@")[0], max_length=MAX_NAME_LENGTH)
    database.prepare()
    accounts.check_is_new(email)
    password = os.environ.get(f"{ENV_PREFIX}NEW_PASSWORD") or click.prompt(
        _("Password"), hide_input=True, confirmation_prompt=_("The same once more")
    )
    password_hash = credentials.hash_new_password(User(email=email, name=name), password)
    with writing():
        accounts.add(email, name, Role(role)).set_password_hash(password_hash)
        access_log.record(AccessKind.USER_CHANGED, "user add", address="", what="added", called=email, role=role)
    click.echo(_("%(email)s can sign in now.", email=email))
