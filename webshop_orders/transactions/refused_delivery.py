"""A delivery that another system reported and that was refused: shown in the inbox, though nothing else is written."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any

from webshop_orders.errors import DomainError
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.orders import loading
from webshop_orders.transactions.unit_of_work import writing

REFUSALS = {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}


@contextmanager
def showing_refusal(number: str, document: Any) -> Iterator[None]:
    """Show a delivery in the inbox where a rule refuses it, in a transaction of its own; raises what it was."""
    try:
        yield
    except DomainError as error:
        if error.status in REFUSALS:
            delivery = document.get("id") if isinstance(document, dict) else None
            _show(number, delivery if isinstance(delivery, str) else None, error)
        raise


def _show(number: str, delivery: str | None, error: DomainError) -> None:
    with suppress(DomainError), writing():  # there is no such order, or it is locked by someone else
        order = loading.lock_order(number)
        attention.refresh(order, new=[attention.of_refused_delivery(order, delivery, error)])
