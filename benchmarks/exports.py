"""Exports of the whole list: how long they take, how large they are, and the server's memory meanwhile.

    python -m benchmarks.exports [ORDERS …]

For each number of orders, one process of the order desk on SQLite exports them all as CSV, as a workbook with a row for
each order, and as one with a row for each line. The peak of its resident set size (VmHWM) is read from /proc.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.filling import desk_settings, fill_desk
from benchmarks.systems import Client, serving
from benchmarks.tasks import sign_in_to_desk

ORDERS = (10_000, 100_000, 1_000_000)
URLS = ("/orders.csv", "/orders.xlsx", "/orders.xlsx?rows=lines")
TIMEOUT_SECONDS = 3600
CHUNK = 1 << 20


def main(counts: list[int]) -> None:
    for orders in counts:
        with tempfile.TemporaryDirectory() as folder:
            settings = desk_settings(f"sqlite:///{folder}/exports.sqlite3", Path(folder))
            fill_desk(settings, orders)
            for url in URLS:
                # Each by a server of its own, since a peak stays.
                with serving("benchmarks.desk:application", **settings) as client:
                    sign_in_to_desk(client)
                    client.get("/orders")
                    before = peak(client)
                    seconds, size = export(client, url)
                    print(
                        f"{orders} orders {url}: {seconds:.1f} s, {size / 1e6:.1f} MB, "
                        f"memory {before / 1024:.0f} → {peak(client) / 1024:.0f} MB",
                        flush=True,
                    )


def export(client: Client, url: str) -> tuple[float, int]:
    """The seconds until the file has come, and its size."""
    client.connection.close()
    client.connection.timeout = TIMEOUT_SECONDS
    began = time.perf_counter()
    client.connection.request("GET", url, headers={"Cookie": "; ".join(map("=".join, client.cookies.items()))})
    response = client.connection.getresponse()
    assert response.status == 200, response.read()[:2000]
    size = 0
    while chunk := response.read(CHUNK):
        size += len(chunk)
    return time.perf_counter() - began, size


def peak(client: Client) -> int:
    """The highest resident set size so far of a server and its children, in kilobytes."""
    statuses = [path.read_text() for path in Path("/proc").glob("[0-9]*/status")]
    processes = [dict(line.split(":", 1) for line in status.splitlines() if ":" in line) for status in statuses]
    own = [process for process in processes if client.server in {int(process["Pid"]), int(process["PPid"])}]
    return max(int(process["VmHWM"].split()[0]) for process in own if "VmHWM" in process)


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or list(ORDERS))
