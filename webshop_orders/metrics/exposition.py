"""Everything that is counted, in the text format of Prometheus."""

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from webshop_orders.metrics import process_files
from webshop_orders.metrics.current import Current

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def text() -> bytes:
    """What all processes of this machine counted, and what is in the database now."""
    now = CollectorRegistry()
    now.register(Current())
    return _counted() + generate_latest(now)


def _counted() -> bytes:
    from webshop_orders.metrics import definitions

    if not process_files.folder():
        return generate_latest(definitions.REGISTRY)
    of_all = CollectorRegistry()
    MultiProcessCollector(of_all)  # type: ignore[no-untyped-call]
    return generate_latest(of_all)
