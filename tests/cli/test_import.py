"""`webshop-orders import`: what it shows, and the report of what was refused."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.cli.test_commands import run
from tests.connectors.importing.test_json_lines import document
from webshop_orders.cli import import_file
from webshop_orders.cli.import_progress import ImportProgress, describe
from webshop_orders.connectors.importing.records import ImportOutcome

TERMINAL = "webshop_orders.cli.import_progress.sys.stderr.isatty"


def import_orders(app: Flask, folder: Path, *documents: object, options: tuple[str, ...] = ()) -> Result:
    file = folder / "orders.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in documents), encoding="utf-8")
    return run(app, "import", str(file), *options)


def read_report(path: Path) -> list[list[str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def test_what_was_refused_is_in_the_report(app: Flask, tmp_path: Path) -> None:
    report = tmp_path / "refused.csv"
    documents = [document("1"), document("=cmd()", number="A/B"), document("3", lines=[]), document("4")]
    done = import_orders(app, tmp_path, *documents, options=("--report", str(report)))
    assert done.exit_code == 1
    assert str(report) in done.stderr
    heading, first, second = read_report(report)
    assert len(heading) == 4
    assert first[:3] == ["2", "'=cmd()", "number"]  # a spreadsheet would take it for a formula
    assert second[:3] == ["3", "3", "lines"]
    assert "lines" in second[3]


def test_no_report_is_written_of_what_is_shown_already(app: Flask, tmp_path: Path) -> None:
    import_orders(app, tmp_path, document("1"), document("2", lines=[]))
    assert [path.name for path in tmp_path.glob("*.csv")] == []


def test_more_than_can_be_shown_goes_into_a_report_beside_the_file(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_file, "MAX_SHOWN", 3)
    done = import_orders(app, tmp_path, *(document(str(number), lines=[]) for number in range(8)))
    report = tmp_path / "orders.jsonl.refused.csv"
    assert done.stderr.count("lines") == 3
    assert str(report) in done.stderr
    assert [row[1] for row in read_report(report)[1:]] == [str(number) for number in range(8)]


def test_a_report_that_cannot_be_written_is_one_sentence(app: Flask, tmp_path: Path) -> None:
    report = tmp_path / "missing" / "refused.csv"
    done = import_orders(app, tmp_path, document("1", lines=[]), options=("--report", str(report)))
    assert done.exit_code == 1
    assert str(report) in done.stderr
    assert "Traceback" not in done.output


def test_the_time_left_follows_from_what_is_read(app: Flask) -> None:
    with app.test_request_context():
        line = describe(30_000, 0.25, 20)
    assert "25 %" in line
    assert "30000" in line
    assert "1500" in line
    assert "1:00" in line


def test_the_progress_is_one_line_on_a_terminal_and_a_line_now_and_then_in_a_log(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for is_terminal in (True, False):
        monkeypatch.setattr(TERMINAL, lambda is_terminal=is_terminal: is_terminal)
        times = iter(range(0, 1_000, 6))
        monkeypatch.setattr("webshop_orders.cli.import_progress.monotonic", lambda times=times: next(times))
        with app.test_request_context(), ImportProgress.shown() as progress:
            for share in (0.1, 0.2, 0.3, 0.4):
                progress.show(ImportOutcome(new=100), share)
        shown = capsys.readouterr().err
        assert ("\r" in shown) is is_terminal
        assert ("\n" in shown) is not is_terminal
