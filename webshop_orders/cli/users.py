import os

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from webshop_orders import schema
from webshop_orders.cli.command import Command, checked_name
from webshop_orders.config import PREFIX
from webshop_orders.errors import Refused
from webshop_orders.models import AccessKind, Role, User
from webshop_orders.operations import access_log, users
from webshop_orders.signs import EMAIL
from webshop_orders.unit_of_work import writing

MOST = 200


@click.group()
def user() -> None:
    """The people who sign in."""


@user.command("add", cls=Command)
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="What they may do.")
@click.option("--name", help="What their changes are signed with; otherwise the first part of the e-mail address.")
@with_appcontext
def add(email: str, role: str, name: str | None) -> None:
    """Let someone sign in. Their password is asked for, or taken from WEBSHOP_ORDERS_NEW_PASSWORD."""
    email = email.strip().casefold()
    if not EMAIL.fullmatch(email):
        raise Refused(_("Give an e-mail address such as name@example.com."))
    name = checked_name(name or email.partition("@")[0], most=MOST)
    schema.prepare()
    users.check_is_new(email)
    password = os.environ.get(f"{PREFIX}NEW_PASSWORD") or click.prompt(
        _("Password"), hide_input=True, confirmation_prompt=_("The same once more")
    )
    password_hash = users.hash_for(User(email=email, name=name), password)
    with writing():
        users.add(email, name, Role(role)).take_password(password_hash)
        access_log.note(AccessKind.USER_CHANGED, "user add", address="", what="added", called=email, role=role)
    click.echo(_("%(email)s can sign in now.", email=email))
