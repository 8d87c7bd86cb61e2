"""The report of an import: a CSV file with each record that was refused, written as they are refused."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TextIO

from flask_babel import gettext as _

from webshop_orders.connectors.importing.records import Refusal
from webshop_orders.errors import RuleViolation
from webshop_orders.text.spreadsheet import BYTE_ORDER_MARK, escaped


class Report:
    """A file that is made with the first refusal; one of an earlier import of the same file is replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO | None = None

    @property
    def is_empty(self) -> bool:
        return self._file is None

    def add(self, refusal: Refusal) -> None:
        """Add a refusal; raises RuleViolation where the file cannot be written."""
        row = [refusal.number, escaped(refusal.reference), escaped(refusal.field), escaped(refusal.reason)]
        try:
            self._file = self._file or self._open()
            csv.writer(self._file, delimiter=";").writerow(row)
            self._file.flush()
        except OSError as error:
            reason = error.strerror
            raise RuleViolation(_("%(path)s cannot be written: %(reason)s.", path=self.path, reason=reason)) from None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _open(self) -> TextIO:
        file = self.path.open("w", encoding="utf-8", newline="")
        file.write(BYTE_ORDER_MARK)
        csv.writer(file, delimiter=";").writerow([_("Number"), _("Reference"), _("Field"), _("Reason")])
        return file
