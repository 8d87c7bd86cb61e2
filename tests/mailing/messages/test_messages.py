"""The content of every kind of mail in every language, and what never gets into it."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from flask import Flask

from tests.factories import ASA, LULEA, make_order, make_product, reshape_shop
from tests.statements import executed
from webshop_orders import expected_days, mailing, shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import RuleViolation
from webshop_orders.mailing.changes import OrderChange
from webshop_orders.mailing.messages import send_warnings
from webshop_orders.mailing.templates import samples
from webshop_orders.models import (
    Actor,
    Attribute,
    Charge,
    ChargeKind,
    Comment,
    CommentKind,
    Message,
    MessageKind,
    MessageState,
    Order,
    PaymentPart,
)
from webshop_orders.operations.after_sales import payments, refunds
from webshop_orders.operations.after_sales.refunds import RequestedRefund
from webshop_orders.operations.orders import lines, loading, shipments, splits, tracking
from webshop_orders.outbox.mail.mime import MimeMail
from webshop_orders.transactions.unit_of_work import editing, writing

LANGUAGES = ["sv", "en"]
PLACED = datetime(2026, 11, 23, 8, 14, tzinfo=UTC)
LINES = [
    NewLine(sku="LJUS-12", name="Stearinljus, 12-pack", quantity=3, unit_price=19_900, vat_rate=2500, discount=4_800),
    NewLine(sku="BOK-1", name="Boken om ljus", quantity=8, unit_price=15_900, vat_rate=600),
]


@pytest.fixture
def order(app: Flask, anna: Actor) -> Order:
    """An order in two shipments: the candles, shipped by PostNord, and the books, which wait."""
    make_product("LJUS-12")
    placed = make_order(
        ("LJUS-12", 3), ("BOK-1", 8), lines=LINES, placed_at=PLACED, shipping_price=4_900, shipping_vat_rate=2500
    )
    with editing(placed.number, None, anna) as order:
        books = next(line for line in order.lines if line.sku == "BOK-1")
        splits.split(books, 8, to=None, by=anna)
    with editing(placed.number, None, anna) as order:
        tracking.add(order.shipments[0], "00373500489535920034", "PostNord", None, by=anna)
        tracking.add(order.shipments[1], "ABC-2", None, "https://parcels.example/ABC-2", by=anna)
        shipments.ship(order.shipments[0], by=anna)
    return order


def queue(order: Order, kind: MessageKind, by: Actor, **values: object) -> Message:
    with writing():
        locked_order = loading.lock_order(order.number)
        for name, value in values.items():
            setattr(locked_order, name, value)
        if kind is MessageKind.ORDER_CONFIRMATION:
            return mailing.queue_order_confirmation(locked_order, "asa@example.com", by=by, automatic=False)
        if kind is MessageKind.DELIVERY_CONFIRMATION:
            shipment = locked_order.shipments[0]
            return mailing.queue_delivery_confirmation(shipment, "asa@example.com", by=by, automatic=False)
        if kind is MessageKind.ORDER_CHANGED:
            made = [OrderChange("Ljusstake", 1, 3)]
            return mailing.queue_order_changed(locked_order, made, "asa@example.com", by=by)
        if kind is MessageKind.COMMENT:
            comment = Comment(kind=CommentKind.CUSTOMER, text="Hej då!\n\n<b>Vi ses</b>", author=by.name)
            return mailing.queue_comment(locked_order, comment, "asa@example.com", by=by)
        if kind is MessageKind.WITHDRAWAL_RECEIPT:
            stated = samples.withdrawal_of(locked_order)
            return mailing.add(mailing.make_withdrawal_receipt(stated, by=by), about=None)
        if kind is MessageKind.CREDIT_NOTE:
            refund = samples.refund_of_everything(locked_order)
            return mailing.queue_credit_note(locked_order, refund, "asa@example.com", by=by, automatic=False)
        if kind is MessageKind.BACKORDER_NOTICE:
            days = expected_days.of_lines([locked_order])
            return mailing.queue_backorder_notice(locked_order, days, "asa@example.com", by=by)
        if kind is MessageKind.RETURN_REGISTERED:
            a_return = samples.return_of_everything(locked_order)
            return mailing.queue_return_registered(locked_order, a_return, "asa@example.com", by=by)
        return mailing.add(mailing.make_shop_notification(locked_order, "desk@example.com", by=by), about=locked_order)


def as_received(message: Message, number: str) -> EmailMessage:
    """The mail as a strict parser reads it."""
    return message_from_bytes(MimeMail(message, number).as_bytes(), policy=policy.SMTP.clone(raise_on_defect=True))


def with_plain_spaces(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


class Reader(HTMLParser):
    """The text that a reader of the HTML sees, and the elements that are open when it ends."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.opened: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"br", "meta", "link", "img"}:
            self.opened.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "br"

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(MessageKind))
def test_every_kind_of_mail_in_every_language_is_whole_and_well_formed(
    order: Order, anna: Actor, kind: MessageKind, language: str
) -> None:
    reshape_shop(language=language, name="Ljus & Linne", sender_email="hej@example.com")

    message = queue(order, kind, anna, language=language)
    mail = as_received(message, order.number)

    assert (message.language, message.caused_by, message.state) == (language, "Anna Lind", MessageState.HELD)
    assert order.number in mail["Subject"]
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    reader = Reader(message.html)
    assert reader.opened == []
    assert "Ljus & Linne" in "".join(reader.words)
    assert f'lang="{language}"' in message.html
    assert "{{" not in message.html + message.text + message.subject
    assert "{%" not in message.html + message.text + message.subject
    assert max(len(line) for line in message.text.splitlines()) <= 78
    assert not re.search(r"\n\n\n| $", message.text, re.MULTILINE)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "sv",
            ["Åsa", "549,00 kr", "1 272,00 kr", "−48,00 kr", "49,00 kr", "1 870,00 kr", "varav moms 6 %", "72,00 kr"],
        ),
        ("sv", ["23 nov. 2026 09:14", "Sverige", "972 31 Luleå", "Faktura", "3 × 199,00 kr"]),
        ("en", ["SEK 549.00", "SEK 1,272.00", "−SEK 48.00", "SEK 1,870.00", "of which VAT 25%", "SEK 119.60"]),
        ("en", ["23 Nov 2026 09:14", "Sweden", "Invoice", "3 × SEK 199.00"]),
    ],
)
def test_an_order_confirmation_shows_rows_and_sums_as_its_reader_writes_them(
    order: Order, anna: Actor, language: str, expected: list[str]
) -> None:
    message = queue(order, MessageKind.ORDER_CONFIRMATION, anna, language=language)

    for words in expected:
        assert words in with_plain_spaces(message.text)
        assert words in with_plain_spaces("".join(Reader(message.html).words))


def test_an_order_confirmation_shows_a_split_product_once(order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as locked_order:
        splits.split(next(line for line in locked_order.lines if line.sku == "BOK-1"), 3, to=None, by=anna)

    message = queue(order, MessageKind.ORDER_CONFIRMATION, anna)

    assert message.text.count("Boken om ljus") == 1
    assert "8 × 159,00 kr" in with_plain_spaces(message.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_rule_19_a_delivery_confirmation_shows_its_own_rows_sums_and_codes_alone(
    order: Order, anna: Actor, language: str
) -> None:
    message = queue(order, MessageKind.DELIVERY_CONFIRMATION, anna, language=language)

    for body in (with_plain_spaces(message.text), with_plain_spaces(message.html)):
        assert "Stearinljus" in body
        assert "549" in body  # 3 × 199 less 48
        assert "109" in body  # of which VAT
        assert "00373500489535920034" in body
        assert "https://tracking.postnord.com/se/?id=00373500489535920034" in body
        assert "Boken" not in body
        assert "ABC-2" not in body
        assert "272" not in body
        assert "870" not in body
        assert "49.00" not in body.replace("549.00", "")
        assert "49,00" not in body.replace("549,00", "")
    assert message.shipment_reference == f"{order.number}-1"
    assert ("skickas separat" if language == "sv" else "sent separately") in message.text


def test_rule_19_the_delivery_confirmation_of_the_last_shipment_promises_no_more(order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as locked_order:
        shipments.ship(locked_order.shipments[1], by=anna)
    with writing():
        locked_order = loading.lock_order(order.number)
        message = mailing.queue_delivery_confirmation(
            locked_order.shipments[1], "a@example.com", by=anna, automatic=False
        )

    assert "skickas separat" not in message.text
    assert "https://parcels.example/ABC-2" in message.text
    assert 'href="https://parcels.example/ABC-2"' in message.html
    assert "Stearinljus" not in message.text
    assert "00373500489535920034" not in message.html


def test_prices_without_vat_show_it_as_a_row_of_its_own(order: Order, anna: Actor) -> None:
    message = queue(order, MessageKind.ORDER_CONFIRMATION, anna, prices_include_vat=False)

    assert "Varor exkl. moms" in message.text
    assert "Moms 25 %" in with_plain_spaces(message.text)
    assert "varav" not in message.text


@pytest.mark.parametrize(("paid", "words"), [(100_000, "Kvar att betala"), (200_000, "Att återbetala")])
def test_a_paid_order_shows_what_is_left_to_pay_or_to_refund(order: Order, anna: Actor, paid: int, words: str) -> None:
    assert words in queue(order, MessageKind.ORDER_CONFIRMATION, anna, paid=paid).text


def test_a_cancelled_order_is_not_promised_to_leave(app: Flask, anna: Actor) -> None:
    order = make_order(("A", 1))
    message = queue(order, MessageKind.ORDER_CONFIRMATION, anna, cancelled_at=PLACED)

    assert "makulerad" in message.text
    assert "på väg" not in message.text


def test_units_that_wait_for_stock_are_named(app: Flask, anna: Actor) -> None:
    make_product("A", stock=1)

    message = queue(make_order(("A", 3)), MessageKind.ORDER_CONFIRMATION, anna)

    assert "Restnoterat: 2" in message.text
    assert "Restnoterat: 2" in message.html


def test_a_comment_is_signed_by_the_member_of_staff_who_wrote_it(order: Order, anna: Actor) -> None:
    message = queue(order, MessageKind.COMMENT, anna)

    assert "Hej då!\n\n<b>Vi ses</b>" in message.text
    assert "&lt;b&gt;Vi ses&lt;/b&gt;" in message.html
    assert "Hej då!<br" in message.html
    assert "Anna Lind" in message.text


def test_the_shop_is_told_in_its_own_language_with_a_link_to_the_order(order: Order, anna: Actor, app: Flask) -> None:
    app.config["BASE_URL"] = "https://orders.example.com"
    reshape_shop(language="en")

    message = queue(order, MessageKind.SHOP_NOTIFICATION, anna, language="sv")

    link = f"https://orders.example.com/orders/{order.number}"
    assert link in message.text
    assert f'href="{link}"' in message.html
    assert with_plain_spaces(message.subject) == f"New order {order.number}: SEK 1,870.00 from Åsa Öberg"


@pytest.mark.parametrize("language", ["", "sv-FI", "nb", "nn-NO", "no", "da_DK"])
def test_norwegians_and_danes_get_swedish_mails(order: Order, anna: Actor, language: str) -> None:
    message = queue(order, MessageKind.ORDER_CONFIRMATION, anna, language=language)

    assert message.language == "sv"
    assert "Tack för din beställning!" in message.text


@pytest.mark.parametrize("language", ["fi", "de-DE", "zh", "pt-BR"])
def test_a_language_that_we_do_not_write_becomes_english(order: Order, anna: Actor, language: str) -> None:
    message = queue(order, MessageKind.ORDER_CONFIRMATION, anna, language=language)

    assert message.language == "en"
    assert "Thank you for your order!" in message.text


def test_the_shop_decides_what_language_it_writes_in_where_it_has_no_templates(order: Order, anna: Actor) -> None:
    reshape_shop(nordic_mail_language="en", other_mail_language="sv")

    for kind in (MessageKind.ORDER_CONFIRMATION, MessageKind.DELIVERY_CONFIRMATION, MessageKind.ORDER_CHANGED):
        assert queue(order, kind, anna, language="nb").language == "en"
        assert queue(order, kind, anna, language="de").language == "sv"


def test_markup_in_a_customers_name_is_shown_and_not_obeyed(order: Order, anna: Actor) -> None:
    mischief = replace(ASA, name="<script>alert(1)</script>&Co")
    for kind in MessageKind:
        message = queue(order, kind, anna, customer=mischief)
        assert "<script" not in message.html
    assert "<script>alert(1)</script>&Co" in message.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;Co" in message.html


def test_a_tracking_link_that_runs_code_is_not_made_one(order: Order, anna: Actor) -> None:
    with writing():
        locked_order = loading.lock_order(order.number)
        locked_order.shipments[0].tracking_codes[0].url = "javascript:alert(1)"

    message = queue(order, MessageKind.DELIVERY_CONFIRMATION, anna)

    assert "javascript" not in message.html + message.text
    assert "00373500489535920034" in message.html


@pytest.mark.parametrize("recipient", ["a@example.com\r\nBcc: b@example.com", "a@example.com\n", "a\x00@example.com"])
def test_a_recipient_that_would_add_a_header_is_refused(order: Order, anna: Actor, recipient: str) -> None:
    with pytest.raises(RuleViolation), writing():
        mailing.queue_order_confirmation(loading.lock_order(order.number), recipient, by=anna, automatic=False)


def test_a_name_that_would_add_a_header_stays_within_its_line(order: Order, anna: Actor) -> None:
    reshape_shop(sender_name="Ljus\r\nBcc: b@example.com", sender_email="hej@example.com")
    mischief = replace(ASA, name="Åsa\r\nBcc: c@example.com")

    message = queue(order, MessageKind.SHOP_NOTIFICATION, anna, customer=mischief)
    mail = as_received(message, order.number)

    assert "\n" not in message.subject + message.sender
    assert mail["Bcc"] is None
    assert [address.addr_spec for address in mail["From"].addresses] == ["hej@example.com"]


@pytest.mark.parametrize(
    ("shop", "configured", "expected"),
    [
        ({"sender_name": "Ljus, AB", "sender_email": "hej@ljus.example"}, None, '"Ljus, AB" <hej@ljus.example>'),
        ({"sender_name": None, "sender_email": "hej@ljus.example"}, None, "webshop-orders <hej@ljus.example>"),
        ({"sender_email": "hej@bücher.example"}, None, "webshop-orders <hej@xn--bcher-kva.example>"),
        ({"sender_email": None}, "Butiken <b@example.com>", "Butiken <b@example.com>"),
        ({"sender_email": "not an address"}, "b@example.com", "b@example.com"),
        ({"sender_email": None}, None, "noreply@localhost"),
    ],
)
def test_the_sender_is_the_shops_or_else_the_deployments(
    app: Flask, anna: Actor, shop: dict[str, str], configured: str | None, expected: str
) -> None:
    app.config["MAIL_DEFAULT_SENDER"] = configured
    reshape_shop(**shop)

    message = queue(make_order(("A", 1)), MessageKind.ORDER_CONFIRMATION, anna)

    assert message.sender == expected
    assert re.fullmatch(r"<[0-9a-f-]{36}@[a-z0-9.-]+>", message.message_id)
    assert message.message_id.endswith(expected.rpartition("@")[2].rstrip(">") + ">")


def test_queueing_asks_the_database_nothing(order: Order, anna: Actor) -> None:
    with writing():
        locked_order = loading.lock_order(order.number)
        shop_settings.current()
        with executed() as statements:
            mailing.queue_order_confirmation(locked_order, "asa@example.com", by=anna, automatic=False)
            mailing.queue_delivery_confirmation(locked_order.shipments[0], "asa@example.com", by=anna, automatic=False)

    assert statements == []


def test_a_deleted_line_is_not_in_the_next_confirmation(order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as locked_order:
        lines.remove(next(line for line in locked_order.lines if line.sku == "BOK-1"), by=anna)

    assert "Boken" not in queue(order, MessageKind.ORDER_CONFIRMATION, anna).html


def settled(message: Message) -> str:
    """What a mail says of payments, from the total on."""
    text = with_plain_spaces(message.text)
    return " ".join(text[text.index("TOTALT") :].split())


def test_what_a_shop_tells_of_an_order_is_in_its_mails(order: Order, anna: Actor) -> None:
    charges = [
        Charge(ChargeKind.FEE, "Fakturaavgift", 2_900, 2500),
        Charge(ChargeKind.DEDUCTION, "Mängdrabatt", -1_500, 2500),
    ]
    values = {
        "shop_number": "#1042",
        "attributes": [Attribute("Önskad dag", "fredag <em>")],
        "charges": charges,
        "shipping_address": replace(LULEA, pickup_point="Kiosken vid kajen", phone="070-1740677"),
    }
    with writing():
        locked = loading.lock_order(order.number)
        next(iter(locked.lines)).properties = [Attribute("Gravyr", "Till Åke & Bo")]

    confirmation = queue(order, MessageKind.ORDER_CONFIRMATION, anna, **values)
    delivery = queue(order, MessageKind.DELIVERY_CONFIRMATION, anna)

    for text in (with_plain_spaces(confirmation.text), " ".join(Reader(confirmation.html).words)):
        assert "#1042" in text
        assert "fredag <em>" in text
        assert "Mängdrabatt" in text
        assert "Fakturaavgift" in text
    assert "−15,00 kr" in with_plain_spaces(confirmation.text)
    for message in (confirmation, delivery):
        assert f"{order.number} (#1042)" in " ".join(f"{message.subject} {message.text}".split())
        assert "#1042" in message.html
        for text in (message.text, " ".join(Reader(message.html).words)):
            assert "Gravyr: Till Åke & Bo" in text
            assert "Utlämningsställe: Kiosken vid kajen" in text


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (
            {"paid": 0, "refunded": 187_000, "written_off": 187_000},
            "Betalt 1 870,00 kr Återbetalt −1 870,00 kr Kvar att betala 0,00 kr",
        ),
        (
            {"paid": 180_000, "refunded": 7_000, "written_off": 7_000},
            "Betalt 1 870,00 kr Återbetalt −70,00 kr Kvar att betala 0,00 kr",
        ),
        ({"paid": 180_000, "written_off": 7_000}, "Avdrag −70,00 kr Betalt 1 800,00 kr Kvar att betala 0,00 kr"),
        ({"paid": 187_000, "cancelled_at": PLACED}, "Betalt 1 870,00 kr Att återbetala 1 870,00 kr"),
        (
            {"paid": 0, "refunded": 187_000, "written_off": 187_000, "cancelled_at": PLACED},
            "Betalt 1 870,00 kr Återbetalt −1 870,00 kr Kvar att betala 0,00 kr",
        ),
        (
            {"paid": 187_000, "payments": [PaymentPart("gift_card", 100_000), PaymentPart("klarna", 87_000)]},
            "Presentkort 1 000,00 kr Klarna 870,00 kr Kvar att betala 0,00 kr",
        ),
    ],
)
def test_no_mail_asks_for_what_the_shop_does_not_ask_for(
    order: Order, anna: Actor, values: dict[str, object], says: str
) -> None:
    for kind in (MessageKind.ORDER_CONFIRMATION, MessageKind.ORDER_CHANGED):
        assert says in settled(queue(order, kind, anna, **values))


def test_what_was_credited_is_told_so_that_the_sums_add_up(order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as current:
        payments.register(current, 187_000, method="swish", paid_on=PLACED.date(), by=anna)
    with editing(order.number, None, anna) as current:
        refunds.request(current, RequestedRefund(amount=7_000, reason="Sent", done=True), by=anna)
    said = settled(queue(order, MessageKind.ORDER_CHANGED, anna))
    assert "Krediterat −70,00 kr Swish 1 870,00 kr Återbetalt −70,00 kr Kvar att betala 0,00 kr" in said


# The receipt of a withdrawal is about no order yet: whoever reports one about a test order asks for none.
@pytest.mark.parametrize("kind", [kind for kind in MessageKind if kind is not MessageKind.WITHDRAWAL_RECEIPT])
def test_nobody_is_mailed_about_a_test_order(order: Order, anna: Actor, kind: MessageKind) -> None:
    with pytest.raises(RuleViolation, match=order.number):
        queue(order, kind, anna, is_test=True)


def test_a_test_order_is_placed_and_shipped_without_a_mail(app: Flask, anna: Actor) -> None:
    reshape_shop(notification_email="desk@example.com")
    make_product("LJUS-12")
    order = make_order(("LJUS-12", 1), is_test=True)

    with editing(order.number, None, anna) as current:
        message = shipments.ship(current.shipments[0], by=anna)
        assert send_warnings.of_shipping(current.shipments[0], message) == []

    assert db.session.scalars(db.select(Message)).all() == []
