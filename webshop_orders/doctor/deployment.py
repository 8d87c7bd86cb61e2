"""Database, migrations, secret, and the names that we answer under."""

import stat
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.config import LOOPBACK, PREFIX
from webshop_orders.db import migrations as db_migrations
from webshop_orders.db import replica
from webshop_orders.db.extensions import db
from webshop_orders.doctor.diagnostic import Diagnostic
from webshop_orders.operations.order_list import counts as order_counts
from webshop_orders.security import signing_keys

MOST_COUNTS = 5_000


def database() -> Diagnostic:
    url = db.engine.url.render_as_string(hide_password=True)
    try:
        with db.engine.connect() as connection:
            connection.execute(text("select 1"))
    except SQLAlchemyError as error:
        return Diagnostic(
            False,
            _(
                "Database: %(url)s does not answer (%(reason)s). Mend %(prefix)sDATABASE_URL or start the database.",
                url=url,
                reason=" ".join(str(getattr(error, "orig", error)).split()),
                prefix=PREFIX,
            ),
        )
    return Diagnostic(True, _("Database: %(url)s answers.", url=url))


def read_replica() -> Diagnostic | None:
    """Whether the replica that lists are read from answers, where there is one."""
    engine = replica.find()
    if engine is None:
        return None
    url = engine.url.render_as_string(hide_password=True)
    try:
        with engine.connect() as connection:
            connection.execute(text("select 1"))
    except SQLAlchemyError:
        return Diagnostic(
            False,
            _(
                "Replica: %(url)s does not answer; lists are read from the database itself. Mend "
                "%(prefix)sDATABASE_READ_URL or start the replica.",
                url=url,
                prefix=PREFIX,
            ),
        )
    return Diagnostic(True, _("Replica: %(url)s answers.", url=url))


def migrations() -> Diagnostic:
    if db_migrations.is_current():
        return Diagnostic(True, _("Migrations: all are carried out."))
    return Diagnostic(False, _("Migrations: some are lacking. «webshop-orders serve» carries them out."))


def counts() -> Diagnostic | None:
    """That nobody adds the counts of orders up, where so many rows wait that lists take longer for it."""
    waiting = order_counts.count_rows()
    if waiting <= MOST_COUNTS:
        return None
    return Diagnostic(
        False,
        _(
            "Counts: %(count)s changes wait to be added up, and each list does it anew. Start «webshop-orders worker».",
            count=waiting,
        ),
    )


def secret() -> Diagnostic:
    if any(map(signing_keys.weakness, signing_keys.active_keys(current_app.config))):
        return Diagnostic(
            False,
            _(
                "Secret: %(prefix)sSECRET_KEY is easy to guess. Make one with %(command)s",
                prefix=PREFIX,
                command=signing_keys.HOW_TO_MAKE_ONE,
            ),
        )
    kept = Path(current_app.config["INSTANCE"]) / "secret_key"
    if kept.exists() and kept.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Diagnostic(False, _("Secret: others can read %(path)s. Say «chmod 600» to it.", path=kept))
    return Diagnostic(True, _("Secret: long enough, and kept to itself."))


def hosts() -> Diagnostic:
    """Whether those who come from elsewhere, by a name of ours or through a proxy, are let in."""
    own = current_app.config["OWN_HOSTS"]
    by_tls = (current_app.config.get("BASE_URL") or "").startswith("https://")
    if by_tls and not current_app.config.get("TRUSTED_PROXIES"):
        # We do no TLS ourselves, and without the proxy's word everyone has its address.
        untrusted = _(
            "Hosts: the proxy that does TLS is not trusted, so all tries to sign in count as one address's. "
            "Set %(prefix)sTRUSTED_PROXIES to how many stand before it.",
            prefix=PREFIX,
        )
        return Diagnostic(False, untrusted)
    if set(own) - set(LOOPBACK):
        return Diagnostic(True, _("Hosts: it answers under %(hosts)s.", hosts=", ".join(own)))
    if current_app.config.get("TRUSTED_PROXIES"):
        refused = _(
            "Hosts: all who come by the proxy are refused. Set %(prefix)sBASE_URL or …TRUSTED_HOSTS.", prefix=PREFIX
        )
        return Diagnostic(False, refused)
    alone = _("Hosts: this machine alone. For others, set %(prefix)sBASE_URL or …TRUSTED_HOSTS.", prefix=PREFIX)
    return Diagnostic(True, alone)
