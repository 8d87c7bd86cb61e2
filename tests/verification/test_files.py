"""What `verify` says of databases that nothing can be read from: without tables, damaged, or ruined."""

import shutil
import sqlite3
from pathlib import Path
from subprocess import CompletedProcess

from tests.cli.test_commands import AS_PROGRAM, start


def verify(folder: Path, **settings: str) -> CompletedProcess[str]:
    done = start(AS_PROGRAM, "verify", folder=folder, **settings)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done


def overwrite(path: Path, pages: range) -> None:
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    for page in pages:
        content[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(content)


def test_a_database_without_tables_is_refused_in_a_sentence(tmp_path: Path) -> None:
    assert "webshop-orders serve" in verify(tmp_path).stderr


def test_a_damaged_file_is_told_and_not_looked_into_any_further(tmp_path: Path, migrated_sqlite: Path) -> None:
    damaged = tmp_path / "damaged.sqlite3"
    shutil.copy(migrated_sqlite, damaged)
    connection = sqlite3.connect(damaged)
    root = "select rootpage from sqlite_master where name = 'ix_orders_placed_at_id'"
    (page,) = connection.execute(root).fetchone()
    connection.close()
    overwrite(damaged, range(page, page + 1))
    done = verify(tmp_path, DATABASE_URL=f"sqlite:///{damaged}")
    assert done.stdout.startswith("✗ ")
    assert f"{page}" in done.stdout
    assert "✓" not in done.stdout


def test_a_ruined_file_is_one_line(tmp_path: Path, migrated_sqlite: Path) -> None:
    ruined = tmp_path / "ruined.sqlite3"
    shutil.copy(migrated_sqlite, ruined)
    overwrite(ruined, range(2, 60))
    done = verify(tmp_path, DATABASE_URL=f"sqlite:///{ruined}")
    assert "malformed" in done.stdout + done.stderr
