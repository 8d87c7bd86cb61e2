"""Imports that are interrupted or killed, and go on with the same command: nothing is lost, nothing comes twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.cli.environment import environ
from tests.connectors.importing.test_json_lines import check_stock, document, import_orders, nothing, write
from tests.factories import make_product
from webshop_orders.connectors.importing import orders, reading_ahead
from webshop_orders.connectors.importing.reading_ahead import ReaderFailed, read_ahead
from webshop_orders.connectors.importing.records import Record, Source
from webshop_orders.db.extensions import db
from webshop_orders.documents import order as order_document
from webshop_orders.documents.order import NewOrder
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Line, Order, Product

IMPORT = [sys.executable, "-m", "webshop_orders", "import"]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of 50 orders, which are imported in batches of 10."""
    monkeypatch.setattr(orders, "BATCH_SIZE", 10)
    return write(tmp_path / "orders.jsonl", *(document(str(number)) for number in range(50)))


def press_ctrl_c(*_progress: object) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def references() -> list[str | None]:
    db.session.rollback()
    return list(db.session.scalars(select(Order.external_reference).order_by(Order.id)))


def test_ctrl_c_lets_the_batch_finish_and_the_same_command_goes_on(app: Flask, file: Path, interruptible: None) -> None:
    make_product("LJUS", stock=70)
    first = import_orders(file, progress=press_ctrl_c)
    assert (first.new, first.is_interrupted) == (10, True)
    assert references() == [str(number) for number in range(10)]
    second = import_orders(file)
    assert (second.new, second.already, second.is_interrupted) == (40, 10, False)
    assert references() == [str(number) for number in range(50)]
    check_stock()


def test_ctrl_c_after_the_last_batch_interrupts_nothing(app: Flask, tmp_path: Path, interruptible: None) -> None:
    outcome = import_orders(write(tmp_path / "orders.jsonl", document("1")), progress=press_ctrl_c)
    assert (outcome.new, outcome.is_interrupted) == (1, False)


def test_a_second_ctrl_c_ends_the_batch_and_rolls_it_back(
    app: Flask, file: Path, interruptible: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def place_impatiently(*arguments: Any, **options: Any) -> Any:
        placed = place(*arguments, **options)
        if len(references_in_transaction()) > 10:
            press_ctrl_c()
            press_ctrl_c()
        return placed

    def references_in_transaction() -> list[str | None]:
        return list(db.session.scalars(select(Order.external_reference)))

    place = orders.bulk_placement.place_imported
    monkeypatch.setattr(orders.bulk_placement, "place_imported", place_impatiently)
    with pytest.raises(KeyboardInterrupt):
        import_orders(file)
    assert references() == [str(number) for number in range(10)]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def kill_and_resume(app: Flask, url: str, folder: Path, *, count: int, kills: int, seed: int) -> None:
    """Import a file, killing the process at random times, until one gets to its end."""
    rng = Random(seed)
    make_product("LJUS", stock=count)
    documents = [document(str(number)) for number in range(count)]
    file = write(folder / "orders.jsonl", *documents)
    settings = environ(INSTANCE=str(folder), DATABASE_URL=url.replace("postgresql+psycopg://", "postgresql://", 1))
    db.session.rollback()
    for _kill in range(kills):
        process = subprocess.Popen([*IMPORT, str(file)], env=settings, stderr=subprocess.DEVNULL)
        wait_for_orders(process, len(references()))
        time.sleep(rng.random() / 2)
        process.kill()
        process.wait()
        placed = references()
        assert placed == [str(number) for number in range(len(placed))]
    done = subprocess.run([*IMPORT, str(file)], env=settings, check=True, capture_output=True, text=True)
    assert f"{count - len(placed)} nya, {len(placed)} fanns redan" in done.stdout
    assert references() == [str(number) for number in range(count)]
    numbers = list(db.session.scalars(select(Order.number).order_by(Order.id)))
    assert (numbers[0], len(set(numbers))) == ("WS-100001", count)
    assert numbers == sorted(numbers)
    if db.engine.dialect.name == "sqlite":  # PostgreSQL leaves out the numbers of batches that were rolled back
        assert numbers == [f"WS-{100_001 + number}" for number in range(count)]
    check_stock()
    product = db.session.scalars(select(Product)).one()
    assert product.reserved + product.backordered == db.session.scalar(select(func.sum(Line.quantity)))


def wait_for_orders(process: subprocess.Popen[bytes], before: int) -> None:
    while process.poll() is None and len(references()) == before:
        time.sleep(0.01)


@pytest.mark.own_app
def test_a_killed_import_goes_on_without_a_double(app: Flask, database: str, tmp_path: Path) -> None:
    kill_and_resume(app, database, tmp_path, count=3_000, kills=2, seed=1)


@pytest.mark.soak
@pytest.mark.own_app
def test_an_import_that_is_killed_again_and_again_goes_on_without_a_double(
    app: Flask, database: str, tmp_path: Path
) -> None:
    kill_and_resume(app, database, tmp_path, count=40_000, kills=20, seed=2)


def test_only_the_orders_of_two_batches_are_in_memory(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "BATCH_SIZE", 20)
    monkeypatch.setattr(reading_ahead, "BATCHES_BEFORE", 1_000)  # so that they are made in this process
    alive, most = [0], [0]

    def forget() -> None:
        alive[0] -= 1

    def make(number: int) -> NewOrder:
        new = order_document.read(document(str(number)))
        weakref.finalize(new, forget)
        alive[0] += 1
        most[0] = max(most[0], alive[0])
        return new

    records = (Record(number, None, lambda number=number: make(number)) for number in range(300))  # type: ignore[misc]
    source = Source(records, lambda: 0.5)
    outcome = orders.import_orders(source, keeps_source_total=False, refuse=nothing, progress=nothing)
    assert outcome.new == 300
    assert 20 <= most[0] <= 40


@pytest.mark.soak
@pytest.mark.own_app
def test_memory_does_not_grow_with_the_file(app: Flask, database: str, tmp_path: Path) -> None:
    settings = environ(
        INSTANCE=str(tmp_path), DATABASE_URL=database.replace("postgresql+psycopg://", "postgresql://", 1)
    )
    program = "import sys, webshop_orders.cli as cli\ntry: cli.main()\nfinally: print(open('/proc/self/status').read())"
    peaks = []
    for start, count in ((0, 10_000), (10_000, 50_000)):
        documents = (document(str(number)) for number in range(start, start + count))
        file = tmp_path / f"{count}.jsonl"
        with file.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(one) + "\n" for one in documents)
        command = [sys.executable, "-c", program, "import", str(file)]
        done = subprocess.run(command, env=settings, check=True, capture_output=True, text=True)
        peaks.append(int(done.stdout.split("VmHWM:")[1].split()[0]) / 1024)
    assert peaks[1] < peaks[0] + 25, peaks  # the orders themselves would take five times that


def numbers_until(end: int, error: Exception | None = None) -> Iterator[int]:
    yield from range(end)
    if error is not None:
        raise error


def test_what_is_read_ahead_comes_in_sequence(app: Flask) -> None:
    assert list(read_ahead(numbers_until(20))) == list(range(20))
    assert list(read_ahead(numbers_until(0))) == []


def test_what_stops_the_reading_stops_the_import(app: Flask) -> None:
    with pytest.raises(RuleViolation, match="line 7"):
        list(read_ahead(numbers_until(5, RuleViolation("line 7"))))
    with pytest.raises(ReaderFailed, match="ZeroDivisionError"):
        list(read_ahead(numbers_until(5, ZeroDivisionError())))


def test_a_reader_that_is_killed_is_noticed(app: Flask) -> None:
    def killed() -> Iterator[int]:
        yield from numbers_until(5)
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(ReaderFailed, match="ended"):
        list(read_ahead(killed()))


def test_a_reader_ends_with_the_import(app: Flask) -> None:
    def pids() -> Iterator[int]:
        while True:
            yield os.getpid()

    reading = read_ahead(pids())
    pid = [next(reading) for _batch in range(3)][-1]
    assert pid != os.getpid()
    reading.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_interrupts_are_as_before_after_an_import(app: Flask, file: Path, interruptible: None) -> None:
    import_orders(file)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
