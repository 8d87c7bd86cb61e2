"""What a deployment needs, examined one thing at a time."""

import smtplib
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders import schema
from webshop_orders.config import PREFIX
from webshop_orders.extensions import db, mail
from webshop_orders.models import Shop

SHORTEST_SECRET = 16


@dataclass(frozen=True)
class Finding:
    """One thing that was examined: whether it is well, and in a sentence what it is like or what to mend."""

    is_well: bool
    sentence: str


def examine() -> Iterator[Finding]:
    """Findings on database, migrations, secret, mail server and sender."""
    database = _database()
    migrations = _migrations() if database.is_well else None
    shop = db.session.get(Shop, 1) if migrations and migrations.is_well else None
    yield database
    if migrations:
        yield migrations
    yield _secret()
    yield _mail_server()
    yield _sender(shop)


def _database() -> Finding:
    url = db.engine.url.render_as_string(hide_password=True)
    try:
        with db.engine.connect() as connection:
            connection.execute(text("select 1"))
    except SQLAlchemyError as error:
        return Finding(
            False,
            _(
                "Database: %(url)s does not answer (%(reason)s). Mend %(prefix)sDATABASE_URL or start the database.",
                url=url,
                reason=" ".join(str(getattr(error, "orig", error)).split()),
                prefix=PREFIX,
            ),
        )
    return Finding(True, _("Database: %(url)s answers.", url=url))


def _migrations() -> Finding:
    if schema.is_current():
        return Finding(True, _("Migrations: all are carried out."))
    return Finding(False, _("Migrations: some are lacking. «webshop-orders serve» carries them out."))


def _secret() -> Finding:
    if len(current_app.config["SECRET_KEY"]) < SHORTEST_SECRET:
        return Finding(
            False,
            _(
                "Secret: %(prefix)sSECRET_KEY is short. Give at least %(least)s characters, drawn at random.",
                prefix=PREFIX,
                least=SHORTEST_SECRET,
            ),
        )
    kept = Path(current_app.config["INSTANCE"]) / "secret_key"
    if kept.exists() and kept.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(False, _("Secret: others can read %(path)s. Say «chmod 600» to it.", path=kept))
    return Finding(True, _("Secret: long enough, and kept to itself."))


def _mail_server() -> Finding:
    config = current_app.config
    host, port = config["MAIL_SERVER"], config.get("MAIL_PORT") or 25
    if not host:
        return Finding(
            False, _("Mail server: none, so mail waits in the outbox. Set %(prefix)sMAIL_SERVER.", prefix=PREFIX)
        )
    try:
        with mail.connect():
            pass
    except (OSError, smtplib.SMTPException) as error:
        return Finding(
            False,
            _(
                "Mail server: %(host)s:%(port)s refuses us (%(reason)s). Mend the %(prefix)sMAIL_… settings.",
                host=host,
                port=port,
                reason=" ".join(str(error).split()),
                prefix=PREFIX,
            ),
        )
    return Finding(True, _("Mail server: %(host)s:%(port)s answers.", host=host, port=port))


def _sender(shop: Shop | None) -> Finding:
    sender = (shop.sender_email if shop else None) or current_app.config["MAIL_DEFAULT_SENDER"]
    if not sender:
        return Finding(
            False,
            _("Sender: none. Give one in Konfiguration, or set %(prefix)sMAIL_DEFAULT_SENDER.", prefix=PREFIX),
        )
    return Finding(True, _("Sender: %(sender)s.", sender=sender))
