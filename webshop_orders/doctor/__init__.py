"""What a deployment needs, examined one thing at a time."""

from collections.abc import Iterator

from webshop_orders import shop_settings
from webshop_orders.doctor import deployment, embedding, integrations, mail
from webshop_orders.doctor.diagnostic import Diagnostic


def examine() -> Iterator[Diagnostic]:
    """Findings on database, migrations, secret, hosts, mail and embedding; the shop's own only where its tables are."""
    database = deployment.database()
    yield database
    migrations = deployment.migrations() if database.is_ok else None
    if migrations:
        yield migrations
    if replica := deployment.read_replica():
        yield replica
    yield deployment.secret()
    yield deployment.hosts()
    yield mail.server()
    yield mail.sign_in()
    yield mail.links()
    shop = shop_settings.current() if migrations and migrations.is_ok else None
    yield mail.sender(shop)
    if shop:
        yield mail.templates(shop)
        yield mail.outbox()
        yield integrations.told()
        if counts := deployment.counts():
            yield counts
    yield embedding.hosts()
