"""Rule 18, of refunds: the customer gets the credit note with the refund, and undoing that withdraws it."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import ASA, SHOP, make_order, reshape_shop
from tests.operations.steps import changing, last_event, messages_of, read
from tests.operations.undo.steps import make_user, redo, steps_of, undo
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import RuleViolation
from webshop_orders.mailing.messages import send_warnings
from webshop_orders.models import (
    Actor,
    Address,
    Customer,
    EventKind,
    MailSource,
    Message,
    MessageKind,
    MessageState,
    Order,
    Refund,
    RefundState,
)
from webshop_orders.operations.after_sales import credit_notes, refunds
from webshop_orders.operations.after_sales.refunds import Fee, RequestedRefund
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.orders import shipments
from webshop_orders.operations.settings import mail_templates
from webshop_orders.transactions.unit_of_work import writing

VASE = NewLine("VASE", "Vas <b>blå</b>", 3, 10_000, 2500, discount=1_500)
BOOK = NewLine("BOOK", "Bok", 1, 10_600, 600)
POST: dict[str, Any] = {"shipping_method": "PostNord", "shipping_price": 4_900, "shipping_vat_rate": 2500}


@pytest.fixture
def anna(app: Flask) -> Actor:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    reshape_shop(
        name="Butiken",
        sender_address="Lagergatan 2\n972 31 Luleå",
        organisation_number="556677-8899",
        vat_number="SE556677889901",
    )
    return make_user("Anna")


def make(paid: int | None = None, **values: Any) -> Order:
    """An order of 44 000 öre, which is paid if nothing else is said."""
    order = make_order(lines=[VASE, BOOK], send_confirmation=False, **{**POST, **values})
    with changing(order, SHOP) as current:
        current.paid = current.total if paid is None else paid
    return read(order)


def request(order: Order, by: Actor, **wanted: Any) -> Refund:
    with changing(order, by) as current:
        return refunds.request(current, RequestedRefund(**wanted), by=by)


def everything(order: Order) -> dict[str, Any]:
    return {"lines": {line.id: line.quantity for line in order.lines}, "shipping": order.shipping_price}


def finish(order: Order, by: Actor, refund_id: int = 1) -> None:
    with changing(order, by) as current:
        refunds.finish(current, refund_id, by=by)


def mails_of(order: Order) -> list[Message]:
    db.session.expire_all()
    return [message for message in messages_of(order) if message.kind is MessageKind.CREDIT_NOTE]


def mail_of(order: Order) -> Message:
    (mail,) = mails_of(order)
    return mail


def shown(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_a_customer_without_an_address_cannot_be_mailed(anna: Actor) -> None:
    order = make(customer=Customer(name="Åsa Öberg"))

    with pytest.raises(RuleViolation, match="ingen e-postadress") as refusal:
        request(order, anna, **everything(order), mails_customer=True)

    assert refusal.value.field == "mails_customer"
    assert read(order).refunds == []


def test_a_cancelled_refund_has_no_credit_note(anna: Actor) -> None:
    order = make()
    request(order, anna, **everything(order), mails_customer=True)
    with changing(order, anna) as current:
        refunds.cancel(current, 1, by=anna)

    with changing(order, anna) as current, pytest.raises(RuleViolation, match="avbröts"):
        credit_notes.send_by_hand(current, current.refunds[0], "asa@example.com", by=anna)

    assert mails_of(order) == []


def test_nobody_is_mailed_unasked_or_about_a_test_order(anna: Actor) -> None:
    order, test_order = make(), make(is_test=True)

    request(order, anna, **everything(read(order)), done=True)
    request(test_order, anna, **everything(read(test_order)), done=True, mails_customer=True)

    assert mails_of(order) == mails_of(test_order) == []


def test_it_goes_when_the_refund_is_done_and_waits_for_undo(anna: Actor) -> None:
    order = make()
    request(order, anna, **everything(order), mails_customer=True)
    assert mails_of(order) == []

    finish(order, anna)

    mail = mail_of(order)
    assert (mail.state, mail.recipient, mail.automatic) == (MessageState.QUEUED, ASA.email, True)
    assert mail.due_at is not None
    assert mail.due_at - mail.queued_at >= timedelta(seconds=29)


def test_it_goes_at_once_where_no_money_goes_back(anna: Actor) -> None:
    order = make(paid=0)

    refund = request(order, anna, **everything(order), mails_customer=True)

    assert (refund.state, refund.amount) == (RefundState.DONE, 0)
    assert "avdraget från det som var kvar att betala" in shown(mail_of(order).text)


def test_it_says_what_a_credit_note_has_to(anna: Actor) -> None:
    order = make(payment_method="swish")
    vase = next(line for line in order.lines if line.sku == "VASE")

    request(
        order,
        anna,
        lines={vase.id: 2},
        shipping=4_900,
        fees=[Fee("Returfrakt", 1_000)],
        reason="Sprucken",
        reference="RF-1",
        done=True,
        mails_customer=True,
    )

    mail = mail_of(order)
    assert mail.subject == f"Kreditnota {order.number}-K1 från Butiken"
    text, refund = shown(mail.text), read(order).refunds[0]
    assert refund.amount == refund.credited == 22_900
    for said in (
        f"Kreditnota: {order.number}-K1",
        f"Avser order: {order.number}",
        "Orsak: Sprucken",
        "Återbetalas till: Swish",
        "RF-1",
        "Vas <b>blå</b> VASE · 2 × 100,00 kr · Moms 25 % · Rabatt −10,00 kr",
        "Frakt, PostNord",
        "Returfrakt",
        "varav moms 25 % på",
        "SUMMA ATT KREDITERA 229,00 kr",
        "Återbetalt 229,00 kr",
        "Butiken Lagergatan 2 972 31 Luleå Organisationsnummer: 556677-8899 Momsregistreringsnummer: SE556677889901",
    ):
        assert said in text, (said, text)
    assert "<b>" not in mail.html
    assert "Vas &lt;b&gt;blå" in mail.html


def test_prices_without_vat_and_other_languages_and_currencies(anna: Actor) -> None:
    order = make(prices_include_vat=False, language="en", currency="EUR")

    request(order, anna, **everything(order), done=True, mails_customer=True)

    text, refund = shown(mail_of(order).text), read(order).refunds[0]
    assert mail_of(order).subject.startswith("Credit note ")
    assert "Credited excl. VAT EUR 440.00" in text
    assert "VAT 25% on EUR 334.00 EUR 83.50" in text
    assert "VAT 6% on EUR 106.00 EUR 6.36" in text
    assert refund.vat == {"600": 636, "2500": 8_350}
    assert "of which" not in text


def test_zero_vat_is_said_too(anna: Actor) -> None:
    order = make_order(lines=[NewLine("GIFT", "Presentkort", 1, 50_000, 0)], send_confirmation=False, paid=50_000)

    request(order, anna, lines={line.id: 1 for line in order.lines}, done=True, mails_customer=True)

    assert "varav moms 0 % på 500,00 kr 0,00 kr" in shown(mail_of(order).text)


def test_what_was_paid_too_much_is_said(anna: Actor) -> None:
    order = make(paid=50_000)

    request(order, anna, overpaid=6_000, done=True, mails_customer=True)

    assert "För mycket betalt 60,00 kr" in shown(mail_of(order).text)


def test_a_company_is_named_with_its_address(anna: Actor) -> None:
    firm = Customer(name="Bo Ek", company="Firman AB", email="bo@example.com", organisation_number="556000-0000")
    address = Address(
        name="Bo", company="Firman AB", street="Ågatan 2", postal_code="111 22", city="Mora", country="SE"
    )
    order = make(customer=firm, billing_address=address)

    request(order, anna, **everything(order), done=True, mails_customer=True)

    text = shown(mail_of(order).text)
    assert "Företag: Firman AB" in text
    assert "Organisationsnummer: 556000-0000" in text
    assert "Ågatan 2" in text


def test_undoing_the_refund_withdraws_the_mail_and_redoing_it_queues_it_again(anna: Actor) -> None:
    order = make()
    request(order, anna, **everything(order), done=True, mails_customer=True)

    undo(order, anna)
    assert mail_of(order).state is MessageState.WITHDRAWN

    redo(order, anna)
    assert mail_of(order).state is MessageState.QUEUED
    assert mail_of(order).order_version == read(order).version


def test_a_refund_whose_credit_note_has_left_stays(anna: Actor) -> None:
    order = make()
    request(order, anna, **everything(order), done=True, mails_customer=True)
    with writing():
        mail = mail_of(order)
        mail.state, mail.attempts, mail.due_at = MessageState.SENT, 1, None

    with pytest.raises(RuleViolation, match="Kreditnota"):
        undo(order, anna)

    assert "Kreditnota" in (steps_of(order, anna).obstacle() or "")


def test_it_is_sent_by_hand_to_whoever_asks(anna: Actor) -> None:
    order = make()
    request(order, anna, **everything(order))

    with changing(order, anna) as current:
        credit_notes.send_by_hand(current, current.refunds[0], "ekonomi@example.com", by=anna)

    mail, event = mail_of(order), last_event(order)
    assert (mail.recipient, mail.automatic, mail.order_version) == ("ekonomi@example.com", False, None)
    assert (event.kind, event.facts["refund"]) == (EventKind.CONFIRMATION_SENT, f"{order.number}-K1")
    assert "Du får tillbaka" in shown(mail.text)


def test_staff_are_warned_of_what_the_mail_does_not_show(anna: Actor) -> None:
    order = make()
    refund = request(order, anna, **everything(order))
    assert send_warnings.of_credit_note(read(order), refund) == []

    with writing():
        source = MailSource(subject="Hej", text="Hej", html="<p>Hej</p>")
        mail_templates.save(MessageKind.CREDIT_NOTE, "sv", source, by=anna, shown_version=None)

    codes = {warning.code for warning in send_warnings.of_credit_note(read(order), refund)}
    assert codes == {"rows-not-shown", "reference-not-shown"}


def test_erasing_the_customer_erases_why_money_was_given_back(anna: Actor) -> None:
    order = make()
    request(order, anna, **everything(order), reason="Åsas hund bet sönder den", done=True)
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)

    with writing():
        personal_data.erase(str(ASA.email), by=anna)

    assert "hund" not in str(read(order).refunds)
