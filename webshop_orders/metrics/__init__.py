"""What Prometheus reads of the order desk: what its processes count, and what waits in the database now."""

from webshop_orders.metrics.recording import (
    record_busy,
    record_database_wait,
    record_delivery,
    record_job,
    record_request,
)

__all__ = ["record_busy", "record_database_wait", "record_delivery", "record_job", "record_request"]
