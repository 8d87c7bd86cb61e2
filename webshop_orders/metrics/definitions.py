"""What the processes count. Imported when the first thing is counted, as prometheus_client takes 6 ms of a start.

Names follow https://prometheus.io/docs/practices/naming/: seconds, and `_total` for what only grows. The files of the
processes repeat each help text for each label, so they are short. Prometheus adds the labels `job` and `instance`.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, values

from webshop_orders.metrics import process_files

if process_files.folder():
    values.ValueClass = values.MultiProcessValue(process_files.own_name)  # type: ignore[no-untyped-call]
disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry()

REQUESTS = Counter("webshop_orders_requests", "Requests answered.", ["route", "method", "status"], registry=REGISTRY)
REQUEST_SECONDS = Histogram(
    "webshop_orders_request_seconds",
    "Time to an answer.",
    ["route", "method"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
JOB_RUNS = Counter("webshop_orders_job_runs", "Rounds of jobs.", ["job_name", "outcome"], registry=REGISTRY)
JOB_HANDLED = Counter("webshop_orders_job_handled", "Things that jobs handled.", ["job_name"], registry=REGISTRY)
JOB_SECONDS = Histogram(
    "webshop_orders_job_seconds",
    "Time of a round.",
    ["job_name"],
    buckets=(0.01, 0.1, 1, 10, 60, 300),
    registry=REGISTRY,
)
DELIVERIES = Counter("webshop_orders_deliveries", "Attempts to deliver.", ["queue", "outcome"], registry=REGISTRY)
# From the beginning, since a count that is first seen as 1 has not grown as far as Prometheus knows.
for queue in ("mails", "account_mails", "webhooks"):
    for outcome in ("sent", "retrying", "given_up"):
        DELIVERIES.labels(queue, outcome)
DATABASE_WAIT_SECONDS = Histogram(
    "webshop_orders_database_wait_seconds",
    "Wait of a change.",
    ["wait"],
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5),
    registry=REGISTRY,
)
DATABASE_BUSY = Counter("webshop_orders_database_busy", "Changes that got no lock.", registry=REGISTRY)
