"""What a start imports: what only some requests need is imported where it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from tests.cli.environment import environ
from webshop_orders import shop_settings

# They take most of the time of a start, and are for mails, forms of the settings, files and other shops.
HEAVY = {
    "alembic",
    "css_inline",
    "joserfc",
    "liquid",
    "lxml",
    "openpyxl",
    "pydantic",
    "segno",
    "standardwebhooks",
    "urllib3",
    "webshop_orders.connectors.shipping",
    "webshop_orders.connectors.shopify",
    "webshop_orders.connectors.woocommerce",
    "xlsxwriter",
    "zxcvbn",
}
# Nothing of the application is needed to list the commands.
OF_THE_APPLICATION = {"babel", "granian", "sqlalchemy", "webshop_orders.web", "webshop_orders.models"}


def imported_by(statement: str) -> set[str]:
    """The modules that a new process has after a statement."""
    program = f"import sys; {statement}; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(done.stderr.split())


@pytest.mark.own_app
def test_a_new_shop_has_settings(app: Flask) -> None:
    assert shop_settings.current().number_prefix == "WS-"


def test_the_list_of_commands_imports_neither_the_application_nor_what_it_uses() -> None:
    imported = imported_by("from webshop_orders import cli; cli.group.main(['--help'], standalone_mode=False)")
    assert "webshop_orders.cli" in imported
    assert not imported & (HEAVY | OF_THE_APPLICATION)


def test_the_application_imports_what_few_requests_need_when_they_need_it() -> None:
    imported = imported_by("import webshop_orders.application, webshop_orders.server")
    assert "webshop_orders.web" in imported
    assert not imported & HEAVY


def test_the_garbage_collector_runs_when_the_application_is_there_and_leaves_it_alone(tmp_path: Path) -> None:
    program = (
        "import gc, sys; from webshop_orders import cli; gc.disable(); app = cli.load_app(); "
        "sys.exit(not gc.isenabled() or any(thing is app for thing in gc.get_objects()))"
    )
    variables = environ(INSTANCE=str(tmp_path))
    assert subprocess.run([sys.executable, "-c", program], env=variables, check=False).returncode == 0
