"""Whether the database is as the rules say: read only, all of it at one moment, and with how to mend what is not."""

from __future__ import annotations

from collections.abc import Iterator

from webshop_orders.verification import (
    batches,
    history,
    inbox,
    integrity,
    kept_counts,
    orders,
    outbox,
    search,
    stock,
    withdrawals,
)
from webshop_orders.verification.check import Check, Violation
from webshop_orders.verification.snapshot import snapshot

__all__ = ["Check", "Violation", "checks", "snapshot", "verify_all"]


def checks() -> tuple[Check, ...]:
    """All checks, what the others rest on first; to be run within `snapshot`."""
    parts = (integrity, orders, stock, history, kept_counts, search, inbox, withdrawals, outbox, batches)
    return tuple(check for part in parts for check in part.CHECKS)


def verify_all() -> Iterator[Violation]:
    """What is broken in the database, as it is at one moment; nothing where all is well."""
    with snapshot():
        for check in checks():
            found = list(check.run(_unseen))
            yield from found
            if found and check.is_vital:
                return


def _unseen(_count: int) -> None:
    """Nobody watches the progress."""
