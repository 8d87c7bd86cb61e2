"""The commands: what they do, and that they report errors in one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import FlaskGroup, ScriptInfo
from sqlalchemy import func, select

from tests.cli.environment import environ
from tests.conftest import create_database, database_url, drop_database
from webshop_orders import cli, create_app
from webshop_orders.cli import database
from webshop_orders.config import ENV_PREFIX
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessEntry, AccessKind, Order, Role, User
from webshop_orders.version import VERSION

ROOT = Path(__file__).parents[2]
PASSWORD = "a long password"
UNREACHABLE = "postgresql://nobody@127.0.0.1:1/orders"
AS_PROGRAM = ["-m", "webshop_orders"]
AS_FLASK = ["-m", "flask", "--app", str(ROOT / "wsgi.py")]
WRONG_SETTINGS = [
    ("MAIL_PORT", "many"),
    ("MAIL_SEVER", "localhost"),
    ("DATABASE_URL", "mysql://localhost/orders"),
    ("DATABASE_URL", "postgresql://localhost:port/orders"),
]


def run(app: Flask, *arguments: str, typed: str | None = None, **variables: str) -> Result:
    """Run a command in this process, with the test's application."""
    info = ScriptInfo(create_app=lambda: app)
    return CliRunner().invoke(cli.group, arguments, obj=info, input=typed, env=variables)


def run_alone(program: list[str], *arguments: str, folder: Path, **settings: str) -> Result:
    """Run a command in this process, with an application of its own that is configured from the environment."""
    _module, name, *options = program
    group = FlaskGroup() if name == "flask" else cli.group
    info = ScriptInfo() if name == "flask" else ScriptInfo(create_app=create_app)
    before = dict.fromkeys([*(key for key in os.environ if key.startswith(ENV_PREFIX)), "FLASK_RUN_FROM_CLI"])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "path", [*sys.path])
        variables = {f"{ENV_PREFIX}{name}": value for name, value in settings.items()}
        return CliRunner().invoke(group, [*options, *arguments], obj=info, env={**before, **variables})


def start(program: list[str], *arguments: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a separate process in an empty folder."""
    return subprocess.run(
        [sys.executable, *program, *arguments],
        env=environ(**settings),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def document(reference: str) -> str:
    return json.dumps(
        {
            "external_reference": reference,
            "customer": {"name": "Åsa Öberg"},
            "billing_address": {"street": "Storgatan 1", "city": "Luleå", "country": "SE"},
            "lines": [{"sku": "A", "name": "A", "quantity": 1, "unit_price": 100, "vat_rate": 2500}],
        }
    )


def find_user(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email))


def test_says_its_version(app: Flask) -> None:
    assert run(app, "--version").stdout == f"webshop-orders {VERSION}\n"


@pytest.mark.parametrize("program", [AS_PROGRAM, AS_FLASK], ids=["webshop-orders", "flask"])
@pytest.mark.parametrize(("name", "value"), WRONG_SETTINGS[:1])
def test_a_wrong_setting_is_one_line_and_ends_with_two(
    tmp_path: Path, program: list[str], name: str, value: str
) -> None:
    done = start(program, "doctor", folder=tmp_path, **{name: value})
    check_setting_is_refused(name, done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("program", [AS_PROGRAM, AS_FLASK], ids=["webshop-orders", "flask"])
@pytest.mark.parametrize(("name", "value"), WRONG_SETTINGS[1:])
def test_so_is_every_other_wrong_setting(tmp_path: Path, program: list[str], name: str, value: str) -> None:
    done = run_alone(program, "doctor", folder=tmp_path, **{name: value})
    check_setting_is_refused(name, done.exit_code, done.stdout, done.stderr)


def check_setting_is_refused(name: str, code: int, stdout: str, stderr: str) -> None:
    assert code == 2
    assert stderr.startswith(f"webshop-orders: WEBSHOP_ORDERS_{name} ")
    assert stderr.count("\n") == 1
    assert stdout == ""


@pytest.mark.parametrize("words", ["generate --orders 1", "user add bo@example.com --role staff"])
def test_a_database_that_cannot_be_reached_is_one_line(tmp_path: Path, words: str) -> None:
    done = run_alone(AS_PROGRAM, *words.split(), folder=tmp_path, DATABASE_URL=UNREACHABLE)
    assert done.exit_code == 1
    assert done.stderr.startswith("webshop-orders: ")
    assert done.stderr.count("\n") == 1


def test_a_worker_whose_database_cannot_be_reached_says_so_in_one_line(tmp_path: Path) -> None:
    done = start(AS_PROGRAM, "worker", folder=tmp_path, DATABASE_URL=UNREACHABLE)
    assert done.returncode == 1
    assert done.stderr.startswith("webshop-orders: ")
    assert done.stderr.count("\n") == 1


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "shop.sqlite3").write_text("no database, " * 100)
    done = run_alone(AS_PROGRAM, "generate", "--orders", "1", folder=tmp_path, DATABASE_URL="sqlite:///shop.sqlite3")
    assert done.exit_code == 1
    assert done.stderr.startswith("webshop-orders: ")
    assert done.stderr.count("\n") == 1


def test_the_worker_refuses_a_database_that_lacks_migrations(tmp_path: Path) -> None:
    done = start(AS_PROGRAM, "worker", folder=tmp_path)
    assert done.returncode == 1
    assert "webshop-orders serve" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_import_of_no_file_is_one_line(app: Flask, tmp_path: Path) -> None:
    done = run(app, "import", str(tmp_path / "missing.jsonl"))
    assert done.exit_code == 1
    assert done.stderr.startswith("webshop-orders: ")
    assert "missing.jsonl" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_import_with_a_broken_line_names_it_and_ends_with_one(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    file.write_text("\n".join([document("1"), "{", document("2")]))
    done = run(app, "import", str(file))
    assert done.exit_code == 1
    assert " 2: " in done.stderr
    assert done.stderr.count("\n") == 1
    assert [word for word in done.stdout.split() if word.isdigit()] == ["2", "0", "1"]


def test_an_import_goes_into_an_empty_database_and_only_once(tmp_path: Path) -> None:
    (tmp_path / "orders.jsonl").write_text(document("1"))
    first = start(AS_PROGRAM, "import", "orders.jsonl", folder=tmp_path)
    second = start(AS_FLASK, "import", "orders.jsonl", folder=tmp_path)
    assert (first.returncode, first.stderr) == (0, "")
    assert (second.returncode, second.stderr) == (0, "")
    assert [word for word in first.stdout.split() if word.isdigit()] == ["1", "0", "0"]
    assert [word for word in second.stdout.split() if word.isdigit()] == ["0", "1", "0"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["instance", "orders.jsonl"]


@pytest.mark.parametrize(
    ("words", "password"),
    [
        (["bo", "--role", "staff"], PASSWORD),
        (["bo@example.com\r\nx", "--role", "staff"], PASSWORD),
        (["bo@example.com", "--role", "staff", "--name", "Bo\nEk"], PASSWORD),
        (["bo@example.com", "--role", "staff"], "too short"),
        (["bo@example.com", "--role", "king"], PASSWORD),
        (["bo@example.com"], PASSWORD),
    ],
)
def test_refuses_a_user_with_wrong_words(app: Flask, words: list[str], password: str) -> None:
    done = run(app, "user", "add", *words, WEBSHOP_ORDERS_NEW_PASSWORD=password)
    assert done.exit_code in {1, 2}
    assert "Traceback" not in done.output
    assert db.session.scalar(select(func.count(User.id))) == 0


def test_refuses_a_user_that_is_there_already(app: Flask) -> None:
    run(app, "user", "add", "bo@example.com", "--role", "staff", WEBSHOP_ORDERS_NEW_PASSWORD=PASSWORD)
    done = run(app, "user", "add", "BO@Example.com", "--role", "admin", WEBSHOP_ORDERS_NEW_PASSWORD=PASSWORD)
    assert done.exit_code == 1
    assert "bo@example.com" in done.stderr
    assert db.session.scalars(select(User.role)).all() == [Role.STAFF]


def test_adds_a_user_whose_password_comes_from_the_environment(app: Flask) -> None:
    done = run(
        app, "user", "add", "Bo@Example.com", "--role", "staff", "--name", "Bo Ek", WEBSHOP_ORDERS_NEW_PASSWORD=PASSWORD
    )
    assert done.exit_code == 0, done.output
    bo = find_user("bo@example.com")
    assert bo is not None
    assert (bo.name, bo.role, bo.has_password(PASSWORD)) == ("Bo Ek", Role.STAFF, True)
    assert PASSWORD not in done.output
    (entry,) = db.session.scalars(select(AccessEntry))
    assert (entry.kind, entry.who, entry.address) == (AccessKind.USER_CHANGED, "user add", "")
    assert entry.facts == {"what": "added", "called": "bo@example.com", "role": "staff"}


def test_asks_for_the_password_twice_and_shows_it_never(app: Flask) -> None:
    done = run(app, "user", "add", "bo@example.com", "--role", "viewer", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    bo = find_user("bo@example.com")
    assert bo is not None
    assert (bo.name, bo.has_password(PASSWORD)) == ("bo", True)
    assert PASSWORD not in done.output


def test_generates_orders_and_says_how_many(app: Flask) -> None:
    done = run(app, "generate", "--orders", "3")
    assert done.exit_code == 0, done.output
    assert "3" in done.stdout
    assert db.session.scalar(select(func.count(Order.id))) == 3


def test_first_starts_at_once_migrate_once_and_take_each_order_once(postgresql: str, tmp_path: Path) -> None:
    create_database(postgresql, "first_start", "template1")
    environment = environ(DATABASE_URL=database_url(postgresql, "first_start"))
    command = [sys.executable, *AS_PROGRAM, "import", "orders.jsonl"]
    (tmp_path / "orders.jsonl").write_text("\n".join(document(str(number)) for number in range(50)))
    try:
        imports = [
            subprocess.Popen(
                command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for _process in range(3)
        ]
        answers = [process.communicate(timeout=60) for process in imports]
    finally:
        drop_database(postgresql, "first_start")
    assert [stderr for _stdout, stderr in answers] == ["", "", ""]
    counts = sorted([word for word in stdout.split() if word.isdigit()] for stdout, _stderr in answers)
    assert counts == [["0", "50", "0"], ["0", "50", "0"], ["50", "0", "0"]]


def test_a_key_is_printed_once_alone_on_its_line_and_opens_the_api(app: Flask) -> None:
    made = run(app, "api-key", "create", "Fortnox", "--scope", "orders:read", "--scope", "products:write")

    assert made.exit_code == 0
    (token,) = made.output.splitlines()
    (entry,) = db.session.scalars(select(AccessEntry))
    assert (entry.kind, entry.who, entry.address) == (AccessKind.SETTINGS_CHANGED, "api-key create", "")
    assert (entry.facts["part"], entry.facts["what"], entry.facts["called"]) == ("api_key", "made", "Fortnox")
    assert token not in str(entry.facts)
    key = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/api/v1/orders", headers=key).status_code == 200
    assert app.test_client().post("/api/v1/orders", headers=key).status_code == 403
    assert app.test_client().post("/api/v1/products/stock", headers=key).status_code == 415


@pytest.mark.parametrize(
    "words",
    [
        ("Fortnox",),
        ("Fortnox", "--scope", "everything"),
        ("", "--scope", "orders:read"),
        ("a\nb", "--scope", "orders:read"),
    ],
)
def test_a_key_that_cannot_be_is_refused(app: Flask, words: tuple[str, ...]) -> None:
    refused = run(app, "api-key", "create", *words)
    assert refused.exit_code != 0
    assert "wso_" not in refused.output


def test_two_keys_of_a_name_are_not_told_apart_so_the_second_is_refused(app: Flask) -> None:
    run(app, "api-key", "create", "Fortnox", "--scope", "orders:read")
    refused = run(app, "api-key", "create", "fortnox", "--scope", "orders:read")
    assert refused.exit_code == 1
    assert "fortnox" in refused.output


def test_the_list_of_commands_says_what_each_of_them_does() -> None:
    for command in [*cli.COMMANDS, cli.MIGRATIONS]:
        loaded = command.load()
        assert (command.name, command.help) == (loaded.name, (loaded.help or "").split("\n")[0])


def test_no_connection_is_left_to_processes_that_are_forked(app: Flask) -> None:
    db.session.scalar(select(func.count()).select_from(Order))
    connection = db.session.connection().connection.dbapi_connection
    assert connection is not None
    database.disconnect()
    with pytest.raises(Exception, match="closed"):
        connection.cursor()
