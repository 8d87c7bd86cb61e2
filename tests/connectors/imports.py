"""Orders of other shops, placed as `import` places them."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC
from typing import Any

from webshop_orders.connectors.source_settings import SourceSettings
from webshop_orders.documents import source_order
from webshop_orders.models import Actor, ActorKind, Order
from webshop_orders.operations.orders import placement
from webshop_orders.transactions.unit_of_work import writing

IMPORT = Actor(ActorKind.SYSTEM, "import")


class _Undo(Exception):
    pass


def settings_of(adapter: Any) -> SourceSettings:
    """The settings of a file of a shop's in UTC, with the usual meanings of its statuses."""
    return SourceSettings(adapter.prefix, UTC)


@contextmanager
def placed(adapter: Any, payload: dict[str, Any]) -> Iterator[Order]:
    """The order of a payload, placed in a transaction that is rolled back at the end.

    Raises InvalidDocument where its sums differ from those that its shop states.
    """
    document = adapter.document(payload, settings_of(adapter))
    new = source_order.read(document)
    with suppress(_Undo), writing():
        yield placement.place(new, {}, by=IMPORT, imported=True, keeps_source_total=True)
        raise _Undo
