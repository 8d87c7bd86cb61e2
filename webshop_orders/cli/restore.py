"""`webshop-orders restore`: a backup restored into an empty database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, func, select

from webshop_orders import create_app
from webshop_orders.backups import records, restoring
from webshop_orders.cli import database
from webshop_orders.cli.command import Command
from webshop_orders.cli.verify import check_everything
from webshop_orders.db import migrations
from webshop_orders.db.extensions import db
from webshop_orders.models import Message, MessageState, Order


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
@click.pass_context
def restore(ctx: click.Context, file: Path) -> None:
    """Restore a backup into an empty database, migrate it, and check that all in it agrees.

    Mails that waited when the backup was made are held, since they may have been sent since. What is broken in the
    backup itself is reported, and restored nonetheless: it may be the only one.
    """
    with restoring.loaded(file) as url, _application(url):
        with migrations.exclusive():
            migrations.upgrade()
        records.note_restored(file)
        orders = _count(select(Order.id))
        held = _count(select(Message.id).where(Message.state == MessageState.HELD))
        db.session.rollback()
        broken = check_everything()
    click.echo(
        ngettext(
            "%(path)s is restored: %(count)s order.",
            "%(path)s is restored: %(count)s orders.",
            orders,
            path=file,
            count=orders,
        )
    )
    if held:
        click.echo(
            ngettext(
                "%(count)s mail is held: see Konfiguration, Messages, before you send it.",
                "%(count)s mails are held: see Konfiguration, Messages, before you send them.",
                held,
                count=held,
            )
        )

    if broken:
        click.echo(
            ngettext(
                "%(count)s thing is broken, as it was when the backup was made. «webshop-orders verify» shows "
                "it again.",
                "%(count)s things are broken, as they were when the backup was made. «webshop-orders verify» shows "
                "them again.",
                broken,
                count=broken,
            ),
            err=True,
        )
        ctx.exit(1)
    click.echo(_("All is well."))


@contextmanager
def _application(url: str) -> Iterator[None]:
    """The application on another database than that of its settings, with its context entered."""
    settings = {**current_app.config, "SQLALCHEMY_DATABASE_URI": url, "DATABASE_READ_URI": None, "SQLALCHEMY_BINDS": {}}
    with create_app(settings).app_context():
        try:
            yield
        finally:
            database.disconnect()


def _count(statement: Select[int]) -> int:
    return db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
