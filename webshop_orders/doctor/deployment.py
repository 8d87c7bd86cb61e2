"""Diagnostics of database, signing keys and host names."""

import os
import stat
from datetime import timedelta
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.clock import now
from webshop_orders.config import ENV_PREFIX
from webshop_orders.db import replica
from webshop_orders.db.extensions import db
from webshop_orders.doctor.diagnostic import Diagnostic
from webshop_orders.operations.batches import running
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.order_list import counts as order_counts
from webshop_orders.security import signing_keys
from webshop_orders.security.embed_hosts import LOOPBACK_HOSTS

MAX_WAITING_COUNTS = 5_000
BATCHES_OVERDUE_AFTER = timedelta(minutes=20)
BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def database() -> Diagnostic:
    """Whether the database answers."""
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
                prefix=ENV_PREFIX,
            ),
        )
    return Diagnostic(True, _("Database: %(url)s answers.", url=url))


def read_replica() -> Diagnostic | None:
    """Whether the read replica answers; None if none is configured."""
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
                prefix=ENV_PREFIX,
            ),
        )
    return Diagnostic(True, _("Replica: %(url)s answers.", url=url))


def exposed_file() -> Diagnostic | None:
    """Reports a file of a SQLite database that others may read, or the folder of it; None if there is none."""
    instance = Path(current_app.config["INSTANCE"])
    for engine in db.engines.values():
        if engine.dialect.name != "sqlite" or not engine.url.database or os.name == "nt":
            continue
        file = Path(engine.url.database)
        for path in (file, *(file.with_name(f"{file.name}{suffix}") for suffix in ("-wal", "-shm", "-journal"))):
            if path.exists() and path.stat().st_mode & BY_OTHERS:
                return Diagnostic(False, _("Files: others can read %(path)s. Say «chmod 600» to it.", path=path))
        # In a folder that is not ours alone, others must not be able to put another file in the place of the database.
        forbidden = BY_OTHERS if file.parent == instance else stat.S_IWGRP | stat.S_IWOTH
        if file.parent.exists() and file.parent.stat().st_mode & forbidden:
            sentence = _("Files: others can open the folder %(path)s. Say «chmod 700» to it.", path=file.parent)
            return Diagnostic(False, sentence)
    return None


def order_count_backlog() -> Diagnostic | None:
    """Reports a backlog of order counts that no worker adds up, which makes lists slow; None if it is small."""
    waiting = order_counts.count_rows()
    if waiting <= MAX_WAITING_COUNTS:
        return None
    return Diagnostic(
        False,
        ngettext(
            "Counts: %(count)s change waits to be added up, and each list does it anew. Start «webshop-orders worker».",
            "Counts: %(count)s changes wait to be added up, and each list does it anew. Start «webshop-orders worker».",
            waiting,
            count=waiting,
        ),
    )


def waiting_batches() -> Diagnostic | None:
    """Reports orders of batches that no worker has taken for longer than the largest batch takes; None if none."""
    waiting = running.count_due_since(now() - BATCHES_OVERDUE_AFTER)
    if not waiting:
        return None
    return Diagnostic(
        False,
        ngettext(
            "Batches: %(count)s order waits for a worker. Start «webshop-orders worker».",
            "Batches: %(count)s orders wait for a worker. Start «webshop-orders worker».",
            waiting,
            count=waiting,
        ),
    )


def outdated_inbox() -> Diagnostic | None:
    """Reports orders that no worker has looked at since an upgrade or a change of settings; None if there are none."""
    outdated = attention.count_outdated()
    if not outdated:
        return None
    return Diagnostic(
        False,
        ngettext(
            "Inbox: %(count)s order is still to be looked at, and may be missing there. Start «webshop-orders worker».",
            "Inbox: %(count)s orders are still to be looked at, and may be missing there. "
            "Start «webshop-orders worker».",
            outdated,
            count=outdated,
        ),
    )


def secret() -> Diagnostic:
    """Whether the signing keys are strong, and their file is readable by its owner only."""
    if any(map(signing_keys.weakness, signing_keys.active_keys(current_app.config))):
        return Diagnostic(
            False,
            _(
                "Secret: %(prefix)sSECRET_KEY is easy to guess. Make one with %(command)s",
                prefix=ENV_PREFIX,
                command=signing_keys.GENERATE_COMMAND,
            ),
        )
    key_file = Path(current_app.config["INSTANCE"]) / "secret_key"
    if key_file.exists() and key_file.stat().st_mode & BY_OTHERS:
        return Diagnostic(False, _("Secret: others can read %(path)s. Say «chmod 600» to it.", path=key_file))
    return Diagnostic(True, _("Secret: long enough, and kept to itself."))


def hosts() -> Diagnostic:
    """Whether requests from other machines are accepted: by a trusted host name, and through a trusted proxy."""
    own_hosts = current_app.config["OWN_HOSTS"]
    is_https = (current_app.config.get("BASE_URL") or "").startswith("https://")
    if is_https and not current_app.config.get("TRUSTED_PROXIES"):
        # The server does no TLS itself, so there is a proxy; untrusted, every client has the proxy's address.
        untrusted = _(
            "Hosts: the proxy that does TLS is not trusted, so all tries to sign in count as one address's. "
            "Set %(prefix)sTRUSTED_PROXIES to how many stand before it.",
            prefix=ENV_PREFIX,
        )
        return Diagnostic(False, untrusted)
    if set(own_hosts) - set(LOOPBACK_HOSTS):
        return Diagnostic(True, _("Hosts: it answers under %(hosts)s.", hosts=", ".join(own_hosts)))
    if current_app.config.get("TRUSTED_PROXIES"):
        refused = _(
            "Hosts: all who come by the proxy are refused. Set %(prefix)sBASE_URL or …TRUSTED_HOSTS.", prefix=ENV_PREFIX
        )
        return Diagnostic(False, refused)
    sentence = _("Hosts: this machine alone. For others, set %(prefix)sBASE_URL or …TRUSTED_HOSTS.", prefix=ENV_PREFIX)
    return Diagnostic(True, sentence)


def url_prefix() -> Diagnostic | None:
    """The path below which the desk is, and what the proxy may do with it; None where it has a host name of its own."""
    prefix = current_app.config["URL_PREFIX"]
    if not prefix:
        return None
    own_paths = [rule.rule for rule in current_app.url_map.iter_rules()]
    if any(f"{path}/".startswith(f"{prefix}/") for path in own_paths):
        # A request for it may be for that page, or for the first one.
        sentence = _("Path: pages of the desk begin with %(path)s too, so the proxy must pass it on.", path=prefix)
        return Diagnostic(True, sentence)
    sentence = _("Path: it answers below %(path)s, whether or not the proxy takes that off.", path=prefix)
    return Diagnostic(True, sentence)
