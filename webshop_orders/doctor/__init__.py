"""Diagnostics of a deployment, one check at a time."""

from collections.abc import Iterator

from webshop_orders import shop_settings
from webshop_orders.db import migrations as db_migrations
from webshop_orders.doctor import (
    backups,
    catalogue,
    deployment,
    embedding,
    integrations,
    logs,
    mail,
    monitoring,
    upgrades,
)
from webshop_orders.doctor.diagnostic import Diagnostic


def diagnose() -> Iterator[Diagnostic]:
    """Check the set-up, part by part; what is in the database only if its tables exist."""
    database = deployment.database()
    yield database
    is_migrated = database.is_ok and db_migrations.is_current()
    if database.is_ok:
        yield upgrades.migrations()
    if replica := deployment.read_replica():
        yield replica
    if exposed := deployment.exposed_file():
        yield exposed
    yield deployment.secret()
    yield deployment.hosts()
    if below := deployment.url_prefix():
        yield below
    yield mail.server()
    yield mail.sign_in()
    yield mail.links()
    shop = shop_settings.current() if is_migrated else None
    yield mail.sender(shop)
    if shop:
        yield mail.templates(shop)
        yield mail.outbox()
        yield upgrades.workers()
        yield backups.last_backup()
        yield integrations.webhooks()
        findings = (integrations.incoming_calls(), integrations.totals_of_shops(), catalogue.ambiguous_skus())
        yield from filter(None, findings)
        backlogs = (deployment.order_count_backlog(), deployment.waiting_batches(), deployment.outdated_inbox())
        yield from filter(None, backlogs)
    yield embedding.hosts()
    yield from filter(None, (monitoring.metrics(), monitoring.ping(), logs.error_reports()))
