"""The version before the newest migration serves on while and after the present one migrates its database."""

import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.outbox.servers import Post, mail_server
from tests.upgrading.versions import ROOT, VERSIONS, Version, extract_former, wait_until
from tests.upgrading.walk import EMAIL, PASSWORD, Walker

SCOPES = ("orders:read", "orders:write", "shipments:write", "payments:write", "products:write")


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return extract_former(tmp_path_factory.mktemp("former"))


def test_the_version_before_serves_on_while_and_after_the_present_one_migrates(
    former: Path, empty_database: str, tmp_path: Path
) -> None:
    post = Post()
    with mail_server(post) as port:
        settings = {
            "DATABASE_URL": empty_database,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(port),
            "MAIL_DEFAULT_SENDER": "butiken@example.com",
            "API_REQUESTS_PER_MINUTE": "100000",
        }
        before = Version(former, tmp_path / "before", **settings)
        present = Version(ROOT, tmp_path / "present", **settings)
        before.run("user", "add", EMAIL, "--role", "admin", WEBSHOP_ORDERS_NEW_PASSWORD=PASSWORD)
        scopes = [word for scope in SCOPES for word in ("--scope", scope)]
        token = before.run("api-key", "create", "Checkout", *scopes).strip()
        send_mails_at_once(empty_database)
        with before.serving() as old:
            walker = Walker(old.address, token)
            walker.sign_in()
            walker.walk()
            with present.serving() as new:
                with walking_on(walker):
                    wait_until(lambda: new.asks("/readyz") == (200, "ok\n"))
                    walked = len(walker.numbers)
                    wait_until(lambda: len(walker.numbers) > walked + 1)
                # The same person: one page is answered by the present version, the next by the one before.
                for address in (new.address, old.address):
                    walker.address = address
                    walker.walk()
                old.stop()
                walker.address = new.address
                walker.walk()
                # Each has a confirmation of the order and one of its delivery, whichever worker sent them.
                wait_until(lambda: all(mails_about(post, number) >= 2 for number in walker.numbers))
        present.run("verify")  # what both versions wrote follows the rules
    assert len(set(walker.numbers)) == len(walker.numbers) >= 6


def send_mails_at_once(database: str) -> None:
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("update shop set mail_grace_seconds = 0"))
    engine.dispose()


@contextmanager
def walking_on(walker: Walker) -> Iterator[None]:
    """Walk again and again meanwhile; raises what went wrong there."""
    stop = threading.Event()

    def walk() -> None:
        while not stop.is_set():
            walker.walk()

    with ThreadPoolExecutor(1) as pool:
        walked = pool.submit(walk)
        try:
            yield
        finally:
            stop.set()
        walked.result()


def mails_about(post: Post, number: str) -> int:
    return sum(number in str(mail["Subject"]) for mail in post.mails)


NEWER = "En nyare version har migrerat databasen. Den här fungerar vidare; uppgradera den också.\n"


def test_this_version_starts_and_works_on_a_database_that_a_newer_one_has_migrated(
    empty_database: str, tmp_path: Path
) -> None:
    present = Version(ROOT, tmp_path / "present", DATABASE_URL=empty_database)
    present.run("user", "add", EMAIL, "--role", "admin", WEBSHOP_ORDERS_NEW_PASSWORD=PASSWORD)
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
        connection.execute(text("alter table orders add column scent text"))
    engine.dispose()
    token = present.run("api-key", "create", "Checkout", *(word for scope in SCOPES for word in ("--scope", scope)))
    with present.serving(warning=2 * NEWER) as served:  # by the server and by its worker
        wait_until(lambda: served.asks("/readyz") == (200, "ok\n"))
        walker = Walker(served.address, token.strip())
        walker.sign_in()
        walker.walk()


# Of pages, the API and what it mails; `tests/db` compares the tables with its models, and would find the new ones.
OWN_TESTS = ("tests/browser/test_walk.py", "tests/web/orders", "tests/api", "tests/outbox", "tests/operations")


@pytest.mark.soak
def test_the_version_before_passes_its_own_tests_on_the_present_tables(former: Path) -> None:
    for migration in (ROOT / VERSIONS).glob("*.py"):
        shutil.copy(migration, former / VERSIONS)
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not soak and not alone", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, *OWN_TESTS], cwd=former, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout
