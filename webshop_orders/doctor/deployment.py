"""Database, migrations and secret."""

import stat
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders import schema
from webshop_orders.config import PREFIX
from webshop_orders.doctor.finding import Finding
from webshop_orders.extensions import db

SHORTEST_SECRET = 16


def database() -> Finding:
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


def migrations() -> Finding:
    if schema.is_current():
        return Finding(True, _("Migrations: all are carried out."))
    return Finding(False, _("Migrations: some are lacking. «webshop-orders serve» carries them out."))


def secret() -> Finding:
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
