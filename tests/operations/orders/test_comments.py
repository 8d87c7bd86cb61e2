"""Comments on an order: part of rules 18 and 21."""

import pytest
from flask import Flask

from tests.factories import make_order
from tests.operations.steps import changing, events_of, messages_of, read
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Comment, CommentKind, Customer, EventKind, MessageKind, Order
from webshop_orders.operations.orders import comments
from webshop_orders.transactions.unit_of_work import editing


def comments_of(order: Order) -> list[Comment]:
    return list(db.session.scalars(db.select(Comment).where(Comment.order_id == order.id)))


def test_an_internal_comment_is_never_mailed(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1), send_confirmation=False)

    with pytest.raises(RuleViolation) as refusal, changing(order, anna) as current:
        comments.add(current, CommentKind.INTERNAL, "Ring först", mail=True, by=anna)

    assert refusal.value.field == "mail"
    assert (comments_of(order), messages_of(order)) == ([], [])


def test_a_comment_is_not_mailed_to_a_customer_without_an_address(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1), customer=Customer("Åsa Öberg"))

    with pytest.raises(RuleViolation) as refusal, changing(order, anna) as current:
        comments.add(current, CommentKind.CUSTOMER, "Hej", mail=True, by=anna)

    assert refusal.value.field == "mail"
    assert comments_of(order) == []


@pytest.mark.parametrize("kind", CommentKind)
def test_rule_21_a_comment_is_one_event_without_a_new_version(app: Flask, anna: Actor, kind: CommentKind) -> None:
    order = make_order(("CANDLE", 1), send_confirmation=False)
    version = read(order).version

    with editing(order.number, None, anna) as current:
        comments.add(current, kind, "Ring på porten", by=anna)

    assert read(order).version == version
    (comment,) = comments_of(order)
    assert (comment.kind, comment.text, comment.author, comment.mailed) == (kind, "Ring på porten", anna.name, False)
    _placed, added = events_of(order)
    assert added.kind is EventKind.COMMENT_ADDED
    assert added.facts == {"comment_kind": kind.value, "text": "Ring på porten", "mailed_to": None}
    assert messages_of(order) == []


def test_rule_18_a_comment_to_the_customer_is_mailed_in_the_same_transaction(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1), send_confirmation=False)

    with changing(order, anna) as current:
        comments.add(current, CommentKind.CUSTOMER, "Paketet är försenat", mail=True, by=anna)

    (mail,) = messages_of(order)
    assert (mail.kind, mail.recipient, mail.automatic) == (MessageKind.COMMENT, "asa@example.com", False)
    assert comments_of(order)[0].mailed
    assert events_of(order)[-1].facts["mailed_to"] == "asa@example.com"
    assert read(order).message_count == 1
