"""Lines of the log, as text and as JSON."""

import json
import logging
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.environment import environ
from webshop_orders import request_ids
from webshop_orders.logs import json_lines
from webshop_orders.logs.text_lines import TextFormatter

FORMATTERS = {"text": TextFormatter, "json": json_lines.formatter}


def line(log_format: str, message: str = "mail", **facts: object) -> str:
    exc_info = facts.pop("exc_info", None)
    record = logging.makeLogRecord(
        {"msg": message, "levelname": "INFO", "created": 1_796_094_245.5, "exc_info": exc_info, **facts}
    )
    return FORMATTERS[log_format]().format(record)


def test_a_line_of_text_has_time_level_event_and_fields() -> None:
    request_ids.resume("abc12345")
    assert line("text", order="WS-1", answer='250 "Ok"') == (
        '2026-12-01T03:04:05.500Z INFO    mail order=WS-1 answer="250 \\"Ok\\"" request_id=abc12345'
    )


def test_a_line_of_json_is_one_object() -> None:
    request_ids.resume("abc12345")
    assert json.loads(line("json", order="WS-1", amount=Decimal("598.00"), subject="Åsa")) == {
        "time": "2026-12-01T03:04:05.500Z",
        "level": "info",
        "event": "mail",
        "order": "WS-1",
        "amount": "Decimal('598.00')",
        "subject": "Åsa",
        "request_id": "abc12345",
        "logger": None,
    }
    assert "Åsa" in line("json", subject="Åsa")


@pytest.mark.parametrize("log_format", FORMATTERS)
def test_what_is_masked_and_on_one_line_is_so_in_both_formats(log_format: str) -> None:
    said = line(log_format, "to asa@example.com\nINFO forged", recipient="Bo <bo@example.com>")
    assert "example.com" not in said
    assert len(said.splitlines()) == 1


def test_outside_of_requests_there_is_no_id() -> None:
    request_ids.resume(None)
    assert "request_id" not in line("text") + line("json")


def test_a_traceback_follows_its_line_of_text_and_is_a_field_of_json() -> None:
    request_ids.resume("abc12345")
    try:
        raise TypeError("of the test")
    except TypeError as error:
        exc_info = (type(error), error, error.__traceback__)
    text, *traceback = line("text", "failed", exc_info=exc_info).splitlines()
    assert 'failed request_id=abc12345 error="TypeError: of the test"' in text
    assert all(part.startswith("    ") for part in traceback)
    (whole,) = line("json", "failed", exc_info=exc_info).splitlines()
    assert json.loads(whole)["traceback"].endswith("TypeError: of the test")


@pytest.mark.parametrize("log_format", FORMATTERS)
def test_a_process_logs_as_the_environment_says(tmp_path: Path, log_format: str) -> None:
    program = (
        "import logging, warnings; from webshop_orders import cli; cli.load_app(); cli.load_app();"
        "logging.getLogger('webshop_orders.x').info('quiet'); logging.getLogger('webshop_orders.x').warning('loud');"
        "logging.getLogger('urllib3').info('quiet'); warnings.warn('outdated')"
    )
    variables = environ(INSTANCE=str(tmp_path), LOG_FORMAT=log_format, LOG_LEVEL="warning")
    done = subprocess.run([sys.executable, "-c", program], env=variables, check=True, capture_output=True, text=True)
    assert done.stdout == ""
    loud, outdated = done.stderr.splitlines()
    assert "loud" in loud
    assert "outdated" in outdated
    assert (json.loads(loud)["level"] == "warning") if log_format == "json" else ("WARNING" in loud)


def test_text_needs_no_structlog(tmp_path: Path) -> None:
    program = "import sys; from webshop_orders import cli; cli.load_app(); sys.exit('structlog' in sys.modules)"
    variables = environ(INSTANCE=str(tmp_path))
    assert subprocess.run([sys.executable, "-c", program], env=variables, check=False).returncode == 0
