"""Personal data: exported completely, erased in every table, and kept where bookkeeping needs them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus

import pytest
import time_machine
from flask import Flask
from sqlalchemy import JSON, String, select, update

from tests.factories import make_order, make_product, make_user
from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.documents import personal_data as personal_data_document
from webshop_orders.errors import RuleViolation
from webshop_orders.models import (
    Actor,
    Address,
    AnsweredRequest,
    ApiKey,
    Attribute,
    Batch,
    BatchOrder,
    CallOutcome,
    Charge,
    ChargeKind,
    CommentKind,
    Connection,
    ConnectionKind,
    Customer,
    Difference,
    Event,
    EventKind,
    IncomingCall,
    Message,
    MessageAttempt,
    MessageState,
    Order,
    PaymentPart,
    ReturnKind,
    ReturnReason,
    SavedView,
    Scope,
    SourceOrder,
    WebhookEvent,
    WebhookMessage,
)
from webshop_orders.operations.after_sales import returns
from webshop_orders.operations.after_sales.returns import ReturnedUnits
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.batches import selection
from webshop_orders.operations.orders import (
    comments,
    confirmations,
    customers,
    messages,
    priority,
    shipments,
    tracking,
)
from webshop_orders.operations.orders.loading import get_order, load_order
from webshop_orders.operations.settings import api_keys
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.outbox import retention
from webshop_orders.transactions.unit_of_work import editing, writing

EMAIL = "spårlös@kundens-domän.example"
# Each text is unique, so that a remaining text shows which column it comes from.
MARKS = {
    "kept": ["Kundnamn-Q1", "Kundföretag-Q2", "551234-Q3", "Fakturagatan-Q4", "Fakturastad-Q5"],
    "gone": ["spårlös", "070-Q6", "Leveransgatan-Q7", "Leveransstad-Q8", "Viskning-Q9", "Brev-Q10", "KOLLI-Q11"],
    "shop told": [
        "Önskemål-Q17",
        "Gravyr-Q18",
        "071-Q20",
        "Kiosken-Q21",
        "Anrop-Q22",
        "Skäl-Q23",
        "072-Q24",
        "Nekades-Q25",
        "KOLLI-Q26",
        "Anteckning-Q27",
        "Förtur-Q28",
    ],
    "gone too": ["Förra-Q12", "Butikens-Q13", "Svar-Q14", "Senare-Q15", "Hälsning-Q16"],
}


@pytest.fixture
def order(app: Flask, anna: Actor) -> Order:
    """A closed order with personal data in every column that can hold them."""
    make_product("LJUS-12", stock=24)
    name, company, organisation, street, city = MARKS["kept"]
    with writing():
        webhooks.add("https://erp.example.com/", list(WebhookEvent), by=anna)
        key, _token = api_keys.create("ERP", list(Scope), by=anna)
    order = make_order(
        ("LJUS-12", 2),
        comment="Hälsning-Q16",
        customer=Customer("Förra-Q12", None, EMAIL, "070-Q6"),
        billing_address=Address(name=name, street=street, postal_code="972 31", city=city, country="SE"),
        shipping_address=Address(
            name=name, street="Leveransgatan-Q7", postal_code="972 32", city="Leveransstad-Q8", country="NO"
        ),
    )
    number = order.number
    with editing(number, None, anna) as current:
        new = Customer(name, company, EMAIL, "070-Q6", organisation)
        billing = replace(current.billing_address, phone="072-Q24")
        shipping = replace(current.shipping_address, phone="071-Q20", pickup_point="Kiosken-Q21")
        customers.change(current, new, billing, shipping, by=anna)
        current.attributes = [Attribute("Hälsning", "Önskemål-Q17")]
        next(current.lines).properties = [Attribute("Gravyr", "Gravyr-Q18")]
        comments.add(current, CommentKind.INTERNAL, "Viskning-Q9", by=anna)
        comments.add(current, CommentKind.CUSTOMER, "Brev-Q10", mail=True, by=anna)
        confirmations.send_order_confirmation(current, EMAIL, by=anna)
        tracking.add(current.shipments[0], "KOLLI-Q11", "PostNord", None, by=anna)
        priority.prioritise(current, "Förtur-Q28", by=anna)
        shipments.ship(current.shipments[0], by=anna)
        current.shop_differences = [Difference("customer.name", "Kundnamn-Q1", "Butikens-Q13")]
        units = [ReturnedUnits(next(current.lines).id, 1, ReturnReason.FAULTY)]
        returns.register(current, ReturnKind.RETURN, units, note="Anteckning-Q27", mails=True, by=anna)
        returns.close(current, 1, by=anna)
        _add_incoming_calls(current)
        db.session.add(SourceOrder(order_id=current.id, document={"name": "Butikens-Q13"}, is_cancelled=False))
    _put_into_batch(number, anna)
    _deliver_and_answer(number, key)
    with editing(number, None, anna) as current:
        message = db.session.scalars(select(Message).where(Message.order_id == current.id).order_by(Message.id)).first()
        assert message is not None
        messages.send_copy(message, "Senare-Q15@kundens.example", by=anna)
    return get_order(number)


def _put_into_batch(number: str, anna: Actor) -> None:
    """A batch that was told a tracking code of the order, and refused it."""
    with writing():
        batch = selection.create([number], by=anna, data={number: {"code": "KOLLI-Q26"}})
        db.session.execute(update(BatchOrder).where(BatchOrder.batch_id == batch.id).values(reason="Nekades-Q25"))


def _add_incoming_calls(order: Order) -> None:
    """Calls about an order: one that found it, and two by its reference."""
    shop = Connection(kind=ConnectionKind.SHOPIFY, name="Butiken", prefix="test-", secret="s")
    db.session.add(shop)
    db.session.flush()
    reference = str(order.external_reference)
    calls: list[dict[str, object]] = [
        {"order_id": order.id, "reference": None, "body": "Anrop-Q22"},
        {"reference": reference, "body": "Anrop-Q22"},
        {"reference": reference.removeprefix("test-"), "connection_id": shop.id, "body": "Anrop-Q22"},
    ]
    for call in calls:
        db.session.add(IncomingCall(source="shopify", outcome=CallOutcome.NOT_TAKEN, reason="Skäl-Q23", **call))


def _deliver_and_answer(number: str, key: ApiKey) -> None:
    """Answers of mail servers and of our API, which repeat personal data."""
    with writing():
        for message in db.session.scalars(select(Message)):
            message.state, message.held_because, message.due_at = MessageState.SENT, None, None
            message.last_answer = f"550 Svar-Q14 {EMAIL}"
            db.session.add(
                MessageAttempt(message_id=message.id, number=1, state=MessageState.SENT, answer="550 Svar-Q14")
            )
        document = {"number": number, "customer": {"email": EMAIL}}
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))  # in the format of the API
        stored_response = AnsweredRequest(api_key_id=key.id, key="k", digest="d", status=201, body=body, headers="{}")
        db.session.add(stored_response)


def texts() -> Iterator[tuple[str, str]]:
    """Every text in the database, with its column."""
    db.session.rollback()
    db.session.expire_all()
    for table in db.metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, (String, JSON)) or _is_json(column)]
        for row in db.session.execute(select(*columns)) if columns else ():
            for column, value in zip(columns, row, strict=True):
                yield f"{table.name}.{column.name}", json.dumps(value, ensure_ascii=False, default=str).casefold()


def _is_json(column: object) -> bool:
    return isinstance(getattr(getattr(column, "type", None), "impl", None), JSON)


def columns_with(group: str) -> set[str]:
    """The columns that contain a mark of a group."""
    marks = [mark.casefold() for mark in MARKS[group]]
    return {column for column, value in texts() if any(mark in value for mark in marks)}


def erase(order: Order, anna: Actor) -> Order:
    with writing():
        personal_data.erase(EMAIL, by=anna)
    db.session.expire_all()
    return get_order(order.number)


def test_before_an_erasure_every_column_has_personal_data(order: Order) -> None:
    columns = {column for group in MARKS for column in columns_with(group)}

    assert columns >= {
        "orders.customer_name",
        "orders.customer_email",
        "orders.customer_phone",
        "orders.billing_address",
        "orders.shipping_address",
        "orders.search_text",
        "orders.shop_differences",
        "comments.text",
        "comments.author",
        "messages.recipient",
        "messages.text",
        "messages.html",
        "messages.search_text",
        "messages.last_answer",
        "attempts.answer",
        "events.facts",
        "told_orders.document",
        "answered_requests.body",
        "webhook_messages.body",
        "tracking_codes.code",
        "orders.attributes",
        "orders.priority",
        "lines.properties",
        "incoming_calls.body",
        "incoming_calls.reason",
        "batch_orders.reason",
        "batch_orders.data",
    }


def test_after_an_erasure_only_bookkeeping_data_remain(order: Order, anna: Actor) -> None:
    erase(order, anna)

    assert columns_with("gone") == set()
    assert columns_with("gone too") == set()
    assert columns_with("shop told") == set()
    # The webhook message about the erasure contains the order as it is now.
    assert columns_with("kept") <= {
        "orders.customer_name",
        "orders.customer_company",
        "orders.customer_organisation_number",
        "orders.billing_address",
        "orders.search_text",
        "webhook_messages.body",
    }


def test_after_the_bookkeeping_period_no_personal_data_remain(order: Order, anna: Actor, app: Flask) -> None:
    erase(order, anna)

    with time_machine.travel(now() + timedelta(days=366 * 8)):
        retention.erase_personal_data(_never())

    assert {column for group in MARKS for column in columns_with(group)} == set()


def test_an_order_older_than_the_bookkeeping_period_is_erased_completely(order: Order, anna: Actor) -> None:
    with time_machine.travel(now() + timedelta(days=366 * 8)):
        erase(order, anna)

    assert {column for group in MARKS for column in columns_with(group)} == set()


def test_an_erasure_keeps_lines_and_amounts(order: Order, anna: Actor) -> None:
    before = (order.number, order.total, order.placed_at, [line.name for line in order.lines], order.status)

    after = erase(order, anna)

    assert (after.number, after.total, after.placed_at, [line.name for line in after.lines], after.status) == before
    assert after.shipping_address.country == "NO"
    assert after.personal_data_erased_at is not None
    assert db.session.query(Message).filter_by(order_id=after.id).count() == after.message_count


def test_an_erasure_is_one_event_and_one_version_and_mails_nobody(order: Order, anna: Actor) -> None:
    version, mails = order.version, db.session.query(Message).count()

    after = erase(order, anna)

    assert after.version == version + 1
    events = db.session.scalars(select(Event).where(Event.kind == EventKind.PERSONAL_DATA_ERASED)).all()
    assert [event.facts for event in events] == [{}]
    assert db.session.query(Message).count() == mails
    assert db.session.query(WebhookMessage).count() == 1


def test_an_erasure_leaves_of_a_withdrawn_mail_who_withdrew_it_and_when(order: Order, anna: Actor) -> None:
    with writing():
        values = {"state": MessageState.WITHDRAWN, "due_at": None, "held_because": None}
        db.session.execute(update(Message).values(withdrawn_at=now(), withdrawn_by=anna.name, attempts=0, **values))

    erase(order, anna)

    erased = db.session.scalars(select(Message).where(Message.order_id == order.id)).all()
    assert erased
    for message in erased:
        assert (message.state, message.withdrawn_by) == (MessageState.WITHDRAWN, anna.name)
        assert (message.recipient, message.text) == (personal_data.ERASED, personal_data.ERASED)


def test_a_customer_with_an_open_order_is_not_erased(order: Order, anna: Actor) -> None:
    open_order = make_order(("LJUS-12", 1), customer=Customer("Kundnamn-Q1", None, EMAIL.upper()))

    with pytest.raises(RuleViolation, match=open_order.number), writing():
        personal_data.erase(EMAIL, by=anna)

    assert get_order(order.number).customer.email == EMAIL


def test_an_erasure_by_an_unknown_email_address_is_refused(order: Order, anna: Actor) -> None:
    for email in ("", "%", "spår%", EMAIL[1:]):
        with pytest.raises(RuleViolation, match="inga ordrar"), writing():
            personal_data.erase(email, by=anna)


def test_a_change_of_an_erased_order_is_refused(order: Order, anna: Actor) -> None:
    erased = erase(order, anna)

    with (
        pytest.raises(RuleViolation, match="är raderade, och ordern ändras inte mer"),
        editing(order.number, None, anna) as current,
    ):
        comments.add(current, CommentKind.INTERNAL, "Vi minns dig", by=anna)

    assert get_order(order.number).version == erased.version


def test_the_bookkeeping_year_is_in_the_time_zone_of_the_shop(order: Order) -> None:
    order.placed_at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # New Year's Day in Stockholm

    assert personal_data.kept_until(order, shop_settings.current()) == datetime(2034, 12, 31, 23, tzinfo=UTC)


def test_an_erasure_leaves_other_customers_unchanged(order: Order, anna: Actor) -> None:
    other = make_order(("LJUS-12", 1), customer=Customer("Bo Ek", None, "bo@example.com"))

    erase(order, anna)

    assert get_order(other.number).customer == Customer("Bo Ek", None, "bo@example.com")


def test_an_export_has_all_personal_data(order: Order, anna: Actor) -> None:
    document = personal_data_document.to_json(EMAIL, personal_data.find(EMAIL), by="Anna Lind")

    text = json.dumps(document, ensure_ascii=False)
    excluded = {"Svar-Q14"}  # the response of a mail server is not about the customer
    for mark in (mark for group in MARKS.values() for mark in group if mark not in excluded):
        assert mark in text, mark
    assert document["orders"][0]["number"] == order.number


def test_closed_orders_are_erased_after_the_retention_period(order: Order, anna: Actor) -> None:
    still_open = make_order(("LJUS-12", 1), customer=Customer("Bo Ek", None, "bo@example.com"))
    with writing():
        shop_settings.for_update().personal_data_months = 6
    for days, is_erased in ((170, False), (190, True)):
        with time_machine.travel(now() + timedelta(days=days)):
            retention.erase_personal_data(_never())
        db.session.expire_all()
        assert (get_order(order.number).personal_data_erased_at is not None) == is_erased
    assert get_order(still_open.number).customer.name == "Bo Ek"
    assert columns_with("gone") == set()


def test_an_order_reopened_after_the_selection_is_not_erased(order: Order, anna: Actor) -> None:
    with writing():
        shop_settings.for_update().personal_data_months = 6
    with time_machine.travel(now() + timedelta(days=190)):
        due_ids = personal_data.due(shop_settings.current(), limit=10)
        with editing(order.number, None, anna) as current:
            shipments.reopen(current.shipments[0], by=anna)
        with writing():
            personal_data.erase_due(due_ids, by=anna)
        assert due_ids == [order.id]
        assert get_order(order.number).customer.email == EMAIL
        with editing(order.number, None, anna) as current:
            shipments.ship(current.shipments[0], by=anna)
        with writing():
            personal_data.erase_due(due_ids, by=anna)  # closed again, but only just now
    assert get_order(order.number).customer.email == EMAIL
    assert get_order(order.number).personal_data_erased_at is None


def test_stored_responses_about_orders_with_similar_numbers_are_kept(order: Order, anna: Actor) -> None:
    similar_numbers = [f"{order.number}0", f"{order.number[:-1]}", f"{order.number}-1", f"x{order.number}"]
    key = db.session.scalars(select(ApiKey)).one()
    with writing():
        for turn, number in enumerate(similar_numbers):
            body = json.dumps({"number": number, "shipments": [{"reference": f"{number}-1"}]}, separators=(",", ":"))
            stored_response = AnsweredRequest(api_key_id=key.id, key=f"{turn}", digest="d", status=201, body=body)
            db.session.add(stored_response)
    erase(order, anna)
    bodies = db.session.scalars(select(AnsweredRequest.body).order_by(AnsweredRequest.key))
    assert [json.loads(body or "")["number"] for body in bodies] == similar_numbers


@pytest.mark.parametrize(
    ("name", "query", "is_kept"),
    [
        ("Klagar", f"q={quote_plus(EMAIL)}&status=shipped", False),
        ("Klagar", f"q={quote_plus(EMAIL.upper())}", False),
        ("Klagar", "status=shipped&q=070-Q6", False),
        ("Klagar", "q=kundnamn-q1", False),
        ("Kundnamn-Q1", "status=shipped", False),
        ("Skickade", "status=shipped", True),
        ("Andra", f"q=x{quote_plus(EMAIL)}", True),
        ("Andra", "q=kundnamn-q12", True),
    ],
)
def test_a_saved_view_that_names_the_customer_is_removed(
    order: Order, anna: Actor, name: str, query: str, is_kept: bool
) -> None:
    with writing():
        db.session.add(SavedView(user_id=make_user().id, name=name, query=query, shared=True))
    erase(order, anna)
    assert db.session.scalars(select(SavedView.name)).all() == ([name] if is_kept else [])


@pytest.mark.parametrize(("name", "is_kept"), [("Till kundnamn-q1", False), ("Kundnamn-Q12", True)])
def test_a_batch_that_names_the_customer_loses_its_name(name: str, is_kept: bool, order: Order, anna: Actor) -> None:
    batch = db.session.scalars(select(Batch)).one()
    with writing():
        selection.rename(selection.lock(batch.id), name)

    erase(order, anna)

    assert selection.get(batch.id).name == (name if is_kept else f"Omgång {batch.id}")


def test_without_a_retention_period_nothing_is_erased_automatically(order: Order) -> None:
    with time_machine.travel(now() + timedelta(days=366 * 20)):
        retention.erase_personal_data(_never())

    assert get_order(order.number).personal_data_erased_at is None


def _never() -> "Event":  # type: ignore[name-defined]
    from threading import Event as Signal

    return Signal()


def test_an_erasure_leaves_the_payment_and_the_shops_number(order: Order, anna: Actor) -> None:
    parts = [PaymentPart("gift_card", 100), PaymentPart("klarna", 200)]
    with editing(order.number, None, anna) as current:
        current.shop_number, current.payments = "#1042", parts
        current.charges = [Charge(ChargeKind.FEE, "Fakturaavgift", 0)]

    after = erase(order, anna)

    assert (after.shop_number, after.payments, len(after.charges)) == ("#1042", parts, 1)


@pytest.mark.parametrize("body", [f'{{"email": "{EMAIL}"}}', json.dumps({"email": EMAIL})])
def test_an_erasure_finds_calls_about_orders_that_were_never_placed(order: Order, anna: Actor, body: str) -> None:
    with writing():
        for text in (body, '{"email": "bo@example.com"}'):
            call = IncomingCall(source="shopify", outcome=CallOutcome.NOT_TAKEN, reference="other", body=text)
            db.session.add(call)

    erase(order, anna)

    calls = select(IncomingCall.body).where(IncomingCall.reference == "other").order_by(IncomingCall.id)
    assert db.session.scalars(calls).all() == ["–", '{"email": "bo@example.com"}']


def test_an_erasure_takes_an_e_mail_that_cannot_be_used_and_leaves_other_orders_calls(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1), customer=Customer("Bo Ek", unusable_email="bo@@ek"), shipped_at=now())
    with writing():
        db.session.add(
            IncomingCall(source="shopify", outcome=CallOutcome.PLACED, reference="another", body="{}", reason=None)
        )
        personal_data.erase_due([order.id], by=anna)
    assert get_order(order.number).customer.unusable_email == "bo@@ek"  # it is not due yet

    with time_machine.travel(now() + timedelta(days=366 * 9)), writing():
        shop_settings.for_update().personal_data_months = 1
        personal_data.erase_due([order.id], by=anna)

    after = load_order(order.number)
    assert after.customer.unusable_email is None
    assert "bo@@ek" not in after.search_text
    (call,) = db.session.scalars(select(IncomingCall))
    assert (call.body, call.reason) == ("{}", None)
