"""Comments on an order, and what its customer wrote: part of rules 18 and 21."""

import pytest
from flask import Flask

from tests.factories import ASA, LULEA, make_order
from tests.operations.steps import changing, events_of, messages_of, read
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine, NewOrder
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, Comment, CommentKind, Customer, EventKind, MessageKind, Order
from webshop_orders.models.event_facts import CommentRead
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.orders import bulk_placement, cancellation, comments
from webshop_orders.operations.undo import steps
from webshop_orders.transactions.unit_of_work import editing, writing


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


@pytest.fixture
def commented(app: Flask) -> Order:
    """An order that came with a comment, of which nobody is told by a mail."""
    return make_order(("CANDLE", 1), comment="Ring på porten & vänta", send_confirmation=False)


def test_a_comment_of_the_customer_is_unread_where_something_is_left_to_leave(commented: Order) -> None:
    shipped_elsewhere = make_order(("CANDLE", 1), comment="Tack", shipped_at=now())
    silent, blank = make_order(("CANDLE", 1)), make_order(("CANDLE", 1), comment=None)

    unread = [read(order).has_unread_comment for order in (commented, shipped_elsewhere, silent, blank)]

    assert unread == [True, False, False, False]


def test_an_imported_comment_is_unread_too(app: Flask, anna: Actor) -> None:
    line = NewLine("CANDLE", "Ljus", 1, unit_price=10_000, vat_rate=2500)
    common = {"lines": [line], "customer": ASA, "billing_address": LULEA, "shipping_address": LULEA, "currency": "SEK"}
    news = [
        NewOrder(external_reference="1", comment="Ring först", **common),
        NewOrder(external_reference="2", comment="Tack", shipped_at=now(), **common),
        NewOrder(external_reference="3", **common),
    ]
    with writing():
        bulk_placement.place_imported(news, by=anna)

    stored = db.session.execute(db.select(Order.external_reference, Order.has_unread_comment).order_by(Order.id)).all()
    assert [tuple(row) for row in stored] == [("1", True), ("2", False), ("3", False)]


def test_an_answer_is_mailed_and_quotes_what_the_customer_wrote(commented: Order, anna: Actor) -> None:
    with editing(commented.number, None, anna) as current:
        comments.answer(current, "Vi ringer", by=anna)

    (mail,) = messages_of(commented)
    assert (mail.kind, mail.recipient) == (MessageKind.COMMENT, "asa@example.com")
    assert "Vi ringer" in mail.text
    assert "webshop-orders\n\nDu skrev med din order:\n\nRing på porten & vänta\n" in mail.text
    assert "Ring på porten &amp; vänta" in mail.html
    assert [(each.kind, each.from_customer, each.mailed) for each in comments_of(commented)] == [
        (CommentKind.CUSTOMER, True, False),
        (CommentKind.CUSTOMER, False, True),
    ]
    assert not read(commented).has_unread_comment


def test_a_mail_that_answers_nothing_quotes_nothing(commented: Order, anna: Actor) -> None:
    with editing(commented.number, None, anna) as current:
        comments.add(current, CommentKind.CUSTOMER, "Paketet är försenat", mail=True, by=anna)

    (mail,) = messages_of(commented)
    assert "Du skrev" not in mail.text + mail.html
    assert not read(commented).has_unread_comment  # the customer heard from the shop all the same


@pytest.mark.parametrize(("kind", "mail"), [(CommentKind.INTERNAL, False), (CommentKind.CUSTOMER, False)])
def test_a_comment_that_nobody_is_mailed_answers_nothing(
    commented: Order, anna: Actor, kind: CommentKind, mail: bool
) -> None:
    with editing(commented.number, None, anna) as current:
        comments.add(current, kind, "Ringde", mail=mail, by=anna)

    assert read(commented).has_unread_comment


def test_there_is_no_answer_to_nothing_nor_to_a_customer_without_an_address(app: Flask, anna: Actor) -> None:
    silent = make_order(("CANDLE", 1))
    unreachable = make_order(("CANDLE", 1), comment="Hej", customer=Customer("Åsa", unusable_email="asa@"))

    with pytest.raises(RuleViolation, match="skrev ingen kommentar"), editing(silent.number, None, anna) as current:
        comments.answer(current, "Hej", by=anna)
    with pytest.raises(RuleViolation, match="e-post"), editing(unreachable.number, None, anna) as current:
        comments.answer(current, "Hej", by=anna)

    assert read(unreachable).has_unread_comment
    assert [each.text for each in comments_of(unreachable)] == ["Hej"]


def test_rule_21_reading_is_one_event_without_a_new_version_and_can_be_reversed(commented: Order, anna: Actor) -> None:
    version = read(commented).version

    for is_read in (True, False):
        with editing(commented.number, None, anna) as current:
            comments.set_read(current, is_read=is_read, by=anna)
        assert read(commented).has_unread_comment is not is_read
        with pytest.raises(NoChange), editing(commented.number, None, anna) as current:
            comments.set_read(current, is_read=is_read, by=anna)

    assert read(commented).version == version
    assert [event.read_facts() for event in events_of(commented)[1:]] == [CommentRead(), CommentRead(is_read=False)]


def test_there_is_nothing_to_read_where_the_customer_wrote_nothing(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))

    with pytest.raises(RuleViolation), editing(order.number, None, anna) as current:
        comments.set_read(current, is_read=True, by=anna)


def test_neither_an_answer_nor_reading_can_be_undone(commented: Order, anna: Actor) -> None:
    with editing(commented.number, None, anna) as current:
        comments.set_read(current, is_read=True, by=anna)
    with editing(commented.number, None, anna) as current:
        comments.answer(current, "Vi ringer", by=anna)

    assert steps.read(commented.id, anna).steps == []


def test_what_is_erased_needs_nobody_to_read_it(commented: Order, anna: Actor) -> None:
    with changing(commented, anna) as current:
        cancellation.cancel(current, by=anna)

    with writing():
        personal_data.erase("asa@example.com", by=anna)

    assert not read(commented).has_unread_comment
