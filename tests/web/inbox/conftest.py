"""What is in the inbox."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.web.inbox.facts import FACTS
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import InboxItem, InboxKind, Order
from webshop_orders.transactions.unit_of_work import writing

Put = Callable[..., int]


@pytest.fixture
def put(app: Flask) -> Put:
    """Put a row into the inbox as it is, whatever it says; returns its id."""

    def put(
        kind: InboxKind, order: Order | None = None, *, subject: str = "1", since: datetime | None = None, **facts: Any
    ) -> int:
        item = InboxItem(
            kind=kind,
            subject=subject,
            since=since or now() - timedelta(hours=2),
            facts={**FACTS[kind], **facts},
            order_id=order.id if order else None,
        )
        with writing():
            db.session.add(item)
        return item.id

    return put
