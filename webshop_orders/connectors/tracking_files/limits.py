"""How much of a file is read, so that none takes the memory or the time of others."""

from flask_babel import format_decimal
from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation

MAX_ROWS = 5_000  # which are checked in some two seconds, in the transaction that keeps other changes waiting
MAX_COLUMNS = 100
MAX_CELL_LENGTH = 300  # characters of a cell that are kept: no code, number or name of a carrier is as long


def check_row_count(count: int) -> None:
    """Raise RuleViolation for more rows than are read of one file."""
    if count > MAX_ROWS + 1:  # the headings
        raise RuleViolation(
            _(
                "The table has more than %(most)s rows. Export a shorter period, or divide it.",
                most=format_decimal(MAX_ROWS),
            )
        )
