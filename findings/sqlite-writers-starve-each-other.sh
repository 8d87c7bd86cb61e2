#!/usr/bin/env bash
# SQLite's write lock goes to whoever happens to ask next. A process that writes in a loop, with a commit after each row,
# holds it nearly all the time, and busy_timeout only asks again after 1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50 and then
# each 100 ms: a user who saves one thing meanwhile waits for seconds, or gets SQLITE_BUSY. Each transaction of the loop
# is short, so nobody expects it. It is cured by a pause after each commit, even a few milliseconds.
# pysqlite3 0.6.1 (SQLite 3.51.3 or newer), WAL.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pysqlite3==0.6.1
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import multiprocessing, time
import pysqlite3.dbapi2 as sqlite3

WORK, SAVES = 0.008, 8


def connect():
    connection = sqlite3.connect("test.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection


def write_in_a_loop(pause):
    connection = connect()
    while True:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO rows VALUES (1)")
        time.sleep(WORK)  # what one order takes
        connection.execute("COMMIT")
        time.sleep(pause) if pause else None


def longest_wait(pause):
    loop = multiprocessing.Process(target=write_in_a_loop, args=(pause,), daemon=True)
    loop.start()
    time.sleep(0.5)
    connection, waits, refused = connect(), [], []
    for _ in range(SAVES):
        began = time.perf_counter()
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:  # database is locked
            refused.append(error)
        waits.append(time.perf_counter() - began)
        time.sleep(0.01)
    loop.kill()
    loop.join()
    print(f"{len(refused)} of {SAVES} refused, the longest wait {max(waits):.2f} s, with a pause of {pause * 1000:.0f} ms")
    return max(waits)


print("SQLite", sqlite3.sqlite_version)
connect().execute("CREATE TABLE rows (value)")
without, with_pause = longest_wait(0), longest_wait(0.005)
assert without > 1.0, "the lock is shared fairly now"
assert with_pause < without / 2
print("As described.")
PY
