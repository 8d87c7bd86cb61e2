"""Orders over the API: placed once, read, followed, commented, cancelled."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update

from tests.api.conftest import Integration, order_document, pointers
from tests.factories import make_order, make_product
from tests.operations.steps import messages_of, read
from webshop_orders.api.http import json_response as give_answer
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Comment, Order, OrderStatus
from webshop_orders.operations.orders import cancellation, comments
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.transactions import order_intake
from webshop_orders.transactions.unit_of_work import editing


def count_orders() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Order.id))) or 0


def test_a_placed_order_gets_the_next_number_and_an_order_confirmation(erp: Integration) -> None:
    make_product("LJUS-12", stock=10)
    response = erp.post("/orders", order_document())

    placed = response.get_json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/v1/orders/{placed['number']}"
    assert response.headers["ETag"] == '"1"'
    assert placed["number"] == "WS-100001"
    assert placed["totals"]["total"] == 3 * 19900 + 2 * 29900 + 4900
    assert [line["reserved"] for line in placed["shipments"][0]["lines"]] == [3, 2]
    assert len(messages_of(get_order("WS-100001"))) == 1


def test_a_repeated_order_is_not_placed_twice(erp: Integration) -> None:
    first = erp.post("/orders", order_document())
    repeated = erp.post("/orders", order_document(comment=None))

    assert (repeated.status_code, repeated.get_json()) == (200, first.get_json())
    assert count_orders() == 1


def test_a_repeated_order_is_recognized_after_staff_changed_it(erp: Integration, anna: Actor) -> None:
    erp.post("/orders", order_document())
    with editing("WS-100001", None, anna) as order:
        cancellation.cancel(order, by=anna)

    repeated = erp.post("/orders", order_document())

    assert (repeated.status_code, repeated.get_json()["status"]) == (200, "cancelled")


def test_a_different_order_with_the_same_reference_is_refused_with_the_differences(erp: Integration) -> None:
    erp.post("/orders", order_document())
    other = order_document(comment="Hej")
    other["lines"][0]["quantity"] = 4

    response = erp.post("/orders", other)

    assert response.status_code == 409
    assert set(pointers(response)) == {"/comment", "/lines/0/quantity"}
    assert "was 3" in response.text
    assert count_orders() == 1


def test_a_reference_of_an_order_from_another_source_is_refused(erp: Integration) -> None:
    make_order(("A", 1), external_reference="wc-10248")
    assert erp.post("/orders", order_document()).status_code == 409


def test_a_number_that_is_taken_is_refused(erp: Integration) -> None:
    erp.post("/orders", order_document(number="B-1"))
    response = erp.post("/orders", order_document("wc-2", number="B-1"))
    assert (response.status_code, pointers(response)) == (422, ["/number"])


def test_an_order_placed_as_already_shipped_mails_nothing(erp: Integration) -> None:
    response = erp.post("/orders", order_document(shipped_at="2026-11-21T10:00:00Z"))
    assert response.get_json()["status"] == "shipped"
    assert messages_of(get_order("WS-100001")) == []


def test_an_unknown_order_is_not_found(erp: Integration) -> None:
    assert erp.get("/orders/WS-4711").status_code == 404
    assert erp.get("/orders/a/b").status_code == 404
    assert erp.get("/orders/" + "9" * 5000).status_code == 404


def test_orders_are_listed_by_their_last_change_in_pages(erp: Integration, anna: Actor) -> None:
    numbers = [make_order(("A", 1)).number for _ in range(5)]
    with editing(numbers[1], None, anna) as order:
        cancellation.cancel(order, by=anna)

    listed_numbers, cursor = [], ""
    while True:
        page = erp.get(f"/orders?limit=2{cursor}").get_json()
        listed_numbers += [order["number"] for order in page["orders"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert listed_numbers == [numbers[0], *numbers[2:], numbers[1]]
    changed_at = get_order(numbers[1]).updated_at.isoformat().replace("+00:00", "Z")
    changed_page = erp.get(f"/orders?updated_since={changed_at}").get_json()
    assert [order["number"] for order in changed_page["orders"]] == [numbers[1]]
    assert changed_page["complete_until"] < changed_at


def test_orders_are_found_by_status_and_reference(erp: Integration, anna: Actor) -> None:
    ready, cancelled = make_order(("A", 1), external_reference="x-1"), make_order(("A", 1))
    with editing(cancelled.number, None, anna) as order:
        cancellation.cancel(order, by=anna)

    def list_numbers(query: str) -> list[str]:
        return [order["number"] for order in erp.get(f"/orders?{query}").get_json()["orders"]]

    assert list_numbers("status=ready") == [ready.number]
    assert list_numbers("status=cancelled") == [cancelled.number]
    assert list_numbers("external_reference=x-1") == [ready.number]
    assert list_numbers("external_reference=x-2") == []


def test_orders_to_be_refunded_are_found_until_they_are(erp: Integration, anna: Actor) -> None:
    cancelled, kept = make_order(("A", 1), paid=10_000), make_order(("A", 1), paid=10_000)
    with editing(cancelled.number, None, anna) as order:
        cancellation.cancel(order, by=anna)

    (found,) = erp.get("/orders?balance=refund").get_json()["orders"]
    assert (found["number"], found["totals"]["balance"]) == (cancelled.number, -10_000)

    with editing(cancelled.number, None, anna) as order:
        order.paid, order.refunded = 0, 10_000
    assert erp.get("/orders?balance=refund").get_json()["orders"] == []
    assert erp.get(f"/orders/{kept.number}").get_json()["totals"]["balance"] == 0


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=٣",
        "limit=1&limit=2",
        "status=lost",
        "status=",
        "balance=charge",
        "status=ready%00",
        "cursor=x",
        "cursor=AAAA",
        "cursor=" + "A" * 500,
        "updated_since=2026",
        "q=1",
    ],
    ids=lambda value: value[:20],
)
def test_an_invalid_query_is_refused(erp: Integration, query: str) -> None:
    response = erp.get(f"/orders?{query}")
    assert response.status_code == 422
    assert pointers(response)


def test_a_query_that_gives_a_parameter_twice_is_refused_for_that(erp: Integration) -> None:
    response = erp.get("/orders?limit=1&status=ready&limit=1")
    assert (response.status_code, pointers(response)) == (422, ["/limit"])
    assert response.get_json(force=True)["detail"] == "The field limit is given twice."


def test_the_change_feed_is_complete_until_a_time_with_a_margin(erp: Integration) -> None:
    page = erp.get("/orders").get_json()
    assert page["complete_until"] < (now() - timedelta(seconds=20)).isoformat()


def test_a_change_committed_late_is_found_by_the_next_poll(erp: Integration) -> None:
    numbers = [make_order(("A", 1)).number for _ in range(3)]
    changed_at = get_order(numbers[0]).updated_at + timedelta(microseconds=1)
    page = erp.get("/orders?limit=2").get_json()

    with time_machine.travel(now() + timedelta(minutes=5)):
        late_order = make_order(("A", 1))  # changed before the second order, committed only now
        db.session.execute(update(Order).where(Order.number == late_order.number).values(updated_at=changed_at))
        db.session.commit()
        second_page = erp.get(f"/orders?limit=2&cursor={page['next_cursor']}").get_json()
        assert late_order.number not in [order["number"] for order in page["orders"] + second_page["orders"]]
        next_poll = erp.get(f"/orders?updated_since={second_page['complete_until']}").get_json()

    assert second_page["complete_until"] == page["complete_until"]
    assert late_order.number in [order["number"] for order in next_poll["orders"]]


def test_a_comment_is_added_once_and_mailed_on_request(erp: Integration) -> None:
    order = make_order(("A", 1))
    body = {"kind": "customer", "text": "Hej\nÅsa", "mail": True}

    for _turn in range(2):
        response = erp.post(f"/orders/{order.number}/comments", body, Idempotency_Key="k-1")
        assert response.status_code == 201
        assert response.get_json()["text"] == "Hej\nÅsa"

    assert len(db.session.scalars(select(Comment)).all()) == 1
    assert [message.kind.value for message in messages_of(order)] == ["order_confirmation", "comment"]
    assert read(order).version == 1


def test_an_internal_comment_is_not_mailed(erp: Integration) -> None:
    order = make_order(("A", 1))
    response = erp.post(f"/orders/{order.number}/comments", {"text": "hemligt", "mail": True})
    assert (response.status_code, pointers(response)) == (422, ["/mail"])


def test_a_request_interrupted_after_its_commit_is_not_carried_out_twice(
    erp: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order(("A", 1))
    with monkeypatch.context() as patch:
        patch.setattr("webshop_orders.api.idempotency.CUT_OFF_AFTER", timedelta(0))
        patch.setattr("webshop_orders.api.comments.json_response", lambda *_ignored: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            erp.post(f"/orders/{order.number}/comments", {"text": "en gång"}, Idempotency_Key="k-1")
        db.session.rollback()
        patch.setattr("webshop_orders.api.comments.json_response", give_answer)
        retried = erp.post(f"/orders/{order.number}/comments", {"text": "en gång"}, Idempotency_Key="k-1")

    assert retried.status_code == 200
    assert len(db.session.scalars(select(Comment)).all()) == 1


def test_cancelling_releases_the_stock_and_may_be_repeated(erp: Integration) -> None:
    product = make_product("A", stock=5)
    order = make_order(("A", 2))
    for _turn in range(2):
        response = erp.post(f"/orders/{order.number}/cancellation")
        assert (response.status_code, response.get_json()["status"]) == (200, "cancelled")
    db.session.refresh(product)
    assert product.reserved == 0
    assert read(order).status is OrderStatus.CANCELLED


def test_a_cancellation_is_taken_back_and_that_may_be_repeated(erp: Integration) -> None:
    product = make_product("A", stock=5)
    order = make_order(("A", 2))
    erp.post(f"/orders/{order.number}/cancellation")
    assert erp.post(f"/orders/{order.number}/restoration", If_Match='"1"').status_code == 412
    for _turn in range(2):
        response = erp.post(f"/orders/{order.number}/restoration")
        assert (response.status_code, response.get_json()["status"]) == (200, "ready")
    db.session.refresh(product)
    assert product.reserved == 2
    assert read(order).version == 3


def test_cancelling_another_version_of_the_order_is_refused(erp: Integration, anna: Actor) -> None:
    order = make_order(("A", 1))
    with editing(order.number, None, anna) as locked_order:
        comments.add(locked_order, comments.CommentKind.INTERNAL, "does not bump the version", by=anna)

    for stale in ('"0"', '"7"', 'W/"1"', "nonsense"):
        assert erp.post(f"/orders/{order.number}/cancellation", If_Match=stale).status_code == 412, stale
    assert read(order).status is OrderStatus.READY
    assert erp.post(f"/orders/{order.number}/cancellation", If_Match='"3", "1"').status_code == 200


def test_an_order_placed_by_two_requests_at_once_is_stored_once(
    erp: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second request does not find the order before its insert, as with two requests at once."""
    erp.post("/orders", order_document())
    find_by_reference, finds_order = order_intake.find_by_reference, iter([False])
    monkeypatch.setattr(
        order_intake,
        "find_by_reference",
        lambda reference: find_by_reference(reference) if next(finds_order, True) else None,
    )
    response = erp.post("/orders", order_document())
    assert response.status_code == 200
    assert count_orders() == 1


FROM_A_SHOP: dict[str, Any] = {
    "shop_number": "#1042",
    "is_test": True,
    "customer": {"name": "Bo Ek", "unusable_email": "bo@@ek", "organisation_number": "556677-8899"},
    "shipping_address": {
        "name": "Farmor Ek",
        "street": "Kajen 2",
        "city": "Umeå",
        "country": "SE",
        "phone": "070-174 06 77",
        "pickup_point": "Kiosken vid kajen",
    },
    "payment": {
        "method": "klarna",
        "paid": 100_000,
        "refunded": 2_500,
        "written_off": 2_500,
        "parts": [{"method": "gift_card", "amount": 2_500}, {"method": "klarna", "amount": 100_000}],
    },
    "charges": [
        {"kind": "fee", "name": "Fakturaavgift", "amount": 2_900, "vat_rate": 2500},
        {"kind": "deduction", "name": "Mängdrabatt", "amount": -1_500, "vat_rate": 2500},
        {"kind": "tip", "name": "Dricks", "amount": 500, "vat_rate": 0},
    ],
    "attributes": [{"name": "Önskad dag", "value": "fredag"}],
}
TOTAL = 3 * 19_900 + 2 * 29_900 + 4_900 + 2_900 - 1_500 + 500


def document_of_a_shop(**changes: Any) -> dict[str, Any]:
    document = order_document(**{**FROM_A_SHOP, **changes})
    document["lines"][0]["properties"] = [{"name": "Gravyr", "value": "Till Åke"}]
    return document


def test_what_a_shop_tells_of_an_order_is_written_as_it_was_read(erp: Integration) -> None:
    response = erp.post("/orders", document_of_a_shop(totals={"total": TOTAL, "paid": 100_000, "shipping": 4_900}))
    assert response.status_code == 201, response.text
    written = erp.get(f"/orders/{response.get_json()['number']}").get_json()

    for name in ("shop_number", "is_test", "charges", "attributes", "payment"):
        assert written[name] == FROM_A_SHOP[name], name
    assert written["customer"]["unusable_email"] == "bo@@ek"
    assert written["customer"]["email"] is None
    assert written["shipping_address"] | FROM_A_SHOP["shipping_address"] == written["shipping_address"]
    assert written["lines"][0]["properties"] == [{"name": "Gravyr", "value": "Till Åke"}]
    assert written["totals"]["charges"] == 1_900
    assert written["totals"]["balance"] == TOTAL - 2_500 - 100_000
    assert messages_of(get_order(written["number"])) == []


def test_shipments_that_left_elsewhere_are_placed_as_shipped(erp: Integration) -> None:
    parcel = {"code": "RR1SE", "carrier": "PostNord", "url": None}
    left = {"shipped_at": "2026-11-21T10:00:00Z", "tracking": [parcel], "lines": [{"line": 0, "quantity": 2}]}
    placed = erp.post("/orders", document_of_a_shop(shipments=[left])).get_json()

    first, second = placed["shipments"]
    assert (placed["status"], first["status"], second["status"]) == ("partly_shipped", "shipped", "ready")
    assert (first["shipped_at"], first["delivered_at"]) == ("2026-11-21T10:00:00Z", None)
    assert [(code["code"], code["carrier"]) for code in first["tracking"]] == [("RR1SE", "PostNord")]
    assert [[line["quantity"] for line in shipment["lines"]] for shipment in (first, second)] == [[2], [1, 2]]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"totals": {"total": TOTAL - 1}}, "/totals/total"),
        ({"totals": {"paid": 0}}, "/totals/paid"),
        ({"totals": {"vat": {"1200": 5, "2500": 1}}}, "/totals/vat/2500"),
        ({"totals": {"vat": {"2500": "1"}}}, "/totals/vat"),
        ({"totals": {"goods": 1}}, "/totals/goods"),
        (
            {"shipments": [{"shipped_at": "2026-11-21T10:00:00Z", "lines": [{"line": 0, "quantity": 4}]}]},
            "/shipments/0/lines",
        ),
        (
            {"shipments": [{"shipped_at": "2026-11-21T10:00:00Z", "lines": [{"line": 9, "quantity": 1}]}]},
            "/shipments/0/lines",
        ),
        ({"shipments": [{"shipped_at": "2026-11-21T10:00:00Z"}] * 2}, "/shipments/1"),
        ({"shipments": [{}]}, "/shipments/0/shipped_at"),
        ({"charges": [{"kind": "deduction", "name": "Allt", "amount": -900_000}]}, "/charges"),
        ({"charges": [{"kind": "gift", "name": "Allt", "amount": 1}]}, "/charges/0/kind"),
        ({"attributes": [{"name": "Dag", "value": 5}]}, "/attributes/0/value"),
        ({"payment": {"parts": [{"method": "klarna", "amount": -1}]}}, "/payment/parts/0/amount"),
    ],
)
def test_what_a_shop_tells_wrongly_is_refused_where_it_stands(
    erp: Integration, changes: dict[str, Any], pointer: str
) -> None:
    response = erp.post("/orders", document_of_a_shop(**changes))

    assert response.status_code == 422
    assert pointer in pointers(response)
    assert count_orders() == 0
