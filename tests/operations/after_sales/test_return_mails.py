"""Rule 18, of returns: the customer is told in the transaction of the registration, and undoing it withdraws that."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories import ASA, make_order, make_product, reshape_shop
from tests.operations.after_sales.steps import make_shipped, register, ship
from tests.operations.steps import last_event, line_of, messages_of, read
from tests.operations.undo.steps import make_user, redo, steps_of, undo
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.mailing.messages import send_warnings
from webshop_orders.models import (
    Actor,
    Customer,
    MailHoldReason,
    MailSource,
    Message,
    MessageKind,
    MessageState,
    Order,
    ReturnKind,
)
from webshop_orders.operations.after_sales.replacements import Replacement
from webshop_orders.operations.settings import mail_templates
from webshop_orders.transactions.unit_of_work import writing

ADDRESS = "Lagergatan 2\n972 31 Luleå"


@pytest.fixture
def anna(app: Flask) -> Actor:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    reshape_shop(name="Butiken", sender_address=ADDRESS)
    return make_user("Anna")


def mail_of(order: Order) -> Message:
    db.session.expire_all()
    (mail,) = (message for message in messages_of(order) if message.kind is MessageKind.RETURN_REGISTERED)
    return mail


def test_a_customer_without_an_address_cannot_be_mailed(anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3), customer=Customer(name="Åsa Öberg"))

    with pytest.raises(RuleViolation, match="ingen e-postadress") as refusal:
        register(order, anna, ("CANDLE", 1), mails=True)

    assert refusal.value.field == "mails"
    assert read(order).returns == []


def test_nobody_is_mailed_of_a_test_order_or_unasked(anna: Actor) -> None:
    test_order, order = make_shipped(anna, ("CANDLE", 3), is_test=True), make_shipped(anna, ("CANDLE", 3))

    with pytest.raises(RuleViolation, match="testorder"):
        register(test_order, anna, ("CANDLE", 1), mails=True)
    register(order, anna, ("CANDLE", 1))

    assert MessageKind.RETURN_REGISTERED not in {mail.kind for mail in messages_of(order)}


def test_the_customer_is_told_what_comes_back_and_where_it_is_sent(anna: Actor) -> None:
    make_product("CANDLE", name="Stearinljus")
    order = make_shipped(anna, ("CANDLE", 3))

    register(order, anna, ("CANDLE", 2), mails=True)

    mail = mail_of(order)
    assert mail.subject == f"Retur {order.number}-R1 hos Butiken"
    for shown in (f"{order.number}-R1", "Stearinljus", "2 st", "Lagergatan 2", "972 31 Luleå"):
        assert shown in mail.text.replace("\N{NO-BREAK SPACE}", " ")
        assert shown in mail.html.replace("\N{NO-BREAK SPACE}", " ")
    assert (mail.state, mail.recipient, mail.automatic) == (MessageState.QUEUED, ASA.email, True)
    assert mail.due_at is not None
    assert mail.due_at - mail.queued_at >= timedelta(seconds=29)
    assert last_event(order).facts["mailed_to"] == ASA.email


def test_a_claim_says_what_is_sent_instead_and_asks_for_nothing(anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3), language="en")
    replacement = Replacement(1, line_id=line_of(read(order), "CANDLE").id)

    register(
        order,
        anna,
        ("CANDLE", 1),
        kind=ReturnKind.CLAIM,
        expects_goods=False,
        replacements=[replacement],
        mails=True,
    )

    text = mail_of(order).text
    assert mail_of(order).subject.startswith("Claim ")
    assert f"{order.number}-2" in text
    assert "You need not send anything back." in text
    assert "Lagergatan" not in text


def test_without_a_mail_server_it_is_held_and_the_event_says_so(app: Flask, anna: Actor) -> None:
    app.config["MAIL_SERVER"] = None
    order = make_shipped(anna, ("CANDLE", 3))

    register(order, anna, ("CANDLE", 1), mails=True)

    assert (mail_of(order).state, mail_of(order).held_because) == (MessageState.HELD, MailHoldReason.NO_SERVER)
    assert last_event(order).facts["held"] == MailHoldReason.NO_SERVER


def test_undoing_the_registration_withdraws_the_mail_and_redoing_it_queues_it_again(anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3))
    register(order, anna, ("CANDLE", 1), mails=True)

    undo(order, anna)
    assert mail_of(order).state is MessageState.WITHDRAWN

    redo(order, anna)
    assert mail_of(order).state is MessageState.QUEUED
    assert mail_of(order).order_version == read(order).version

    undo(order, anna)
    assert mail_of(order).state is MessageState.WITHDRAWN


def test_a_registration_whose_mail_has_left_stays(anna: Actor) -> None:
    order = make_order(("CANDLE", 3), send_confirmation=False)
    ship(order, anna)
    register(order, anna, ("CANDLE", 1), mails=True)
    with writing():
        mail = mail_of(order)
        mail.state, mail.attempts, mail.due_at = MessageState.SENT, 1, None

    with pytest.raises(RuleViolation, match="Retur"):
        undo(order, anna)

    assert "Retur" in (steps_of(order, anna).obstacle() or "")
    assert len(read(order).returns) == 1


def test_staff_are_warned_of_what_the_mail_does_not_show(anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3))
    a_return = register(order, anna, ("CANDLE", 1))
    assert send_warnings.of_return(read(order), a_return) == []

    reshape_shop(sender_address=None)
    with writing():
        source = MailSource(subject="Hej", text="Hej", html="<p>Hej</p>")
        mail_templates.save(MessageKind.RETURN_REGISTERED, "sv", source, by=anna, shown_version=None)

    codes = {warning.code for warning in send_warnings.of_return(read(order), a_return)}
    assert codes == {"no-return-address", "rows-not-shown", "reference-not-shown"}
