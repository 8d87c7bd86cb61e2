"""Orders over the API: placed once, read, followed, commented, cancelled."""

from datetime import timedelta

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


def test_an_order_is_placed_with_a_number_of_the_series_and_mailed(erp: Integration) -> None:
    make_product("LJUS-12", stock=10)
    answer = erp.post("/orders", order_document())

    placed = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/orders/{placed['number']}"
    assert answer.headers["ETag"] == '"1"'
    assert placed["number"] == "WS-100001"
    assert placed["totals"]["total"] == 3 * 19900 + 2 * 29900 + 4900
    assert [line["reserved"] for line in placed["shipments"][0]["lines"]] == [3, 2]
    assert len(messages_of(get_order("WS-100001"))) == 1


def test_the_same_order_again_is_the_same_order(erp: Integration) -> None:
    first = erp.post("/orders", order_document())
    again = erp.post("/orders", order_document(comment=None))

    assert (again.status_code, again.get_json()) == (200, first.get_json())
    assert count_orders() == 1


def test_the_same_order_again_is_the_same_also_after_staff_changed_it(erp: Integration, anna: Actor) -> None:
    erp.post("/orders", order_document())
    with editing("WS-100001", None, anna) as order:
        cancellation.cancel(order, by=anna)

    again = erp.post("/orders", order_document())

    assert (again.status_code, again.get_json()["status"]) == (200, "cancelled")


def test_another_order_under_the_same_reference_is_refused_with_what_differs(erp: Integration) -> None:
    erp.post("/orders", order_document())
    other = order_document(comment="Hej")
    other["lines"][0]["quantity"] = 4

    answer = erp.post("/orders", other)

    assert answer.status_code == 409
    assert set(pointers(answer)) == {"/comment", "/lines/0/quantity"}
    assert "was 3" in answer.text
    assert count_orders() == 1


def test_an_order_that_did_not_come_over_the_api_is_not_taken_for_the_same(erp: Integration) -> None:
    make_order(("A", 1), external_reference="wc-10248")
    assert erp.post("/orders", order_document()).status_code == 409


def test_a_number_that_is_taken_is_refused(erp: Integration) -> None:
    erp.post("/orders", order_document(number="B-1"))
    answer = erp.post("/orders", order_document("wc-2", number="B-1"))
    assert (answer.status_code, pointers(answer)) == (422, ["/number"])


def test_history_that_was_shipped_elsewhere_mails_nothing(erp: Integration) -> None:
    answer = erp.post("/orders", order_document(shipped_at="2026-11-21T10:00:00Z"))
    assert answer.get_json()["status"] == "shipped"
    assert messages_of(get_order("WS-100001")) == []


def test_an_order_that_is_not_there_is_not_found(erp: Integration) -> None:
    assert erp.get("/orders/WS-4711").status_code == 404
    assert erp.get("/orders/a/b").status_code == 404
    assert erp.get("/orders/" + "9" * 5000).status_code == 404


def test_orders_are_followed_by_their_changes_page_by_page(erp: Integration, anna: Actor) -> None:
    numbers = [make_order(("A", 1)).number for _ in range(5)]
    with editing(numbers[1], None, anna) as order:
        cancellation.cancel(order, by=anna)

    seen, cursor = [], ""
    while True:
        page = erp.get(f"/orders?limit=2{cursor}").get_json()
        seen += [order["number"] for order in page["orders"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert seen == [numbers[0], *numbers[2:], numbers[1]]
    changed = get_order(numbers[1]).updated_at.isoformat().replace("+00:00", "Z")
    since = erp.get(f"/orders?updated_since={changed}").get_json()
    assert [order["number"] for order in since["orders"]] == [numbers[1]]
    assert since["complete_until"] < changed


def test_orders_are_found_by_status_and_reference(erp: Integration, anna: Actor) -> None:
    there, cancelled = make_order(("A", 1), external_reference="x-1"), make_order(("A", 1))
    with editing(cancelled.number, None, anna) as order:
        cancellation.cancel(order, by=anna)

    def found(query: str) -> list[str]:
        return [order["number"] for order in erp.get(f"/orders?{query}").get_json()["orders"]]

    assert found("status=ready") == [there.number]
    assert found("status=cancelled") == [cancelled.number]
    assert found("external_reference=x-1") == [there.number]
    assert found("external_reference=x-2") == []


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=٣",
        "limit=1&limit=2",
        "status=lost",
        "status=ready%00",
        "cursor=x",
        "cursor=AAAA",
        "cursor=" + "A" * 500,
        "updated_since=2026",
        "q=1",
    ],
    ids=lambda one: one[:20],
)
def test_a_question_that_makes_no_sense_is_refused(erp: Integration, query: str) -> None:
    answer = erp.get(f"/orders?{query}")
    assert answer.status_code == 422
    assert pointers(answer)


def test_what_can_no_longer_turn_up_is_told_with_a_margin(erp: Integration) -> None:
    page = erp.get("/orders").get_json()
    assert page["complete_until"] < (now() - timedelta(seconds=20)).isoformat()


def test_what_is_committed_late_while_someone_reads_on_is_not_missed(erp: Integration) -> None:
    numbers = [make_order(("A", 1)).number for _ in range(3)]
    begun = get_order(numbers[0]).updated_at + timedelta(microseconds=1)
    page = erp.get("/orders?limit=2").get_json()

    with time_machine.travel(now() + timedelta(minutes=5)):
        late = make_order(("A", 1))  # it changed before the second order, and is committed only now
        db.session.execute(update(Order).where(Order.number == late.number).values(updated_at=begun))
        db.session.commit()
        rest = erp.get(f"/orders?limit=2&cursor={page['next_cursor']}").get_json()
        assert late.number not in [order["number"] for order in page["orders"] + rest["orders"]]
        again = erp.get(f"/orders?updated_since={rest['complete_until']}").get_json()

    assert rest["complete_until"] == page["complete_until"]
    assert late.number in [order["number"] for order in again["orders"]]


def test_a_comment_is_written_once_and_mailed_if_asked(erp: Integration) -> None:
    order = make_order(("A", 1))
    written = {"kind": "customer", "text": "Hej\nÅsa", "mail": True}

    for _turn in range(2):
        answer = erp.post(f"/orders/{order.number}/comments", written, Idempotency_Key="k-1")
        assert answer.status_code == 201
        assert answer.get_json()["text"] == "Hej\nÅsa"

    assert len(db.session.scalars(select(Comment)).all()) == 1
    assert [message.kind.value for message in messages_of(order)] == ["order_confirmation", "comment"]
    assert read(order).version == 1


def test_an_internal_comment_is_not_mailed(erp: Integration) -> None:
    order = make_order(("A", 1))
    answer = erp.post(f"/orders/{order.number}/comments", {"text": "hemligt", "mail": True})
    assert (answer.status_code, pointers(answer)) == (422, ["/mail"])


def test_a_request_that_was_cut_off_after_its_change_is_not_carried_out_twice(
    erp: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order(("A", 1))
    with monkeypatch.context() as cut:
        cut.setattr("webshop_orders.api.idempotency.CUT_OFF_AFTER", timedelta(0))
        cut.setattr("webshop_orders.api.comments.json_response", lambda *_ignored: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            erp.post(f"/orders/{order.number}/comments", {"text": "en gång"}, Idempotency_Key="k-1")
        db.session.rollback()
        cut.setattr("webshop_orders.api.comments.json_response", give_answer)
        again = erp.post(f"/orders/{order.number}/comments", {"text": "en gång"}, Idempotency_Key="k-1")

    assert again.status_code == 200
    assert len(db.session.scalars(select(Comment)).all()) == 1


def test_cancelling_gives_the_stock_back_and_can_be_said_twice(erp: Integration) -> None:
    product = make_product("A", stock=5)
    order = make_order(("A", 2))
    for _turn in range(2):
        answer = erp.post(f"/orders/{order.number}/cancellation")
        assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
    db.session.refresh(product)
    assert product.reserved == 0
    assert read(order).status is OrderStatus.CANCELLED


def test_an_order_that_changed_meanwhile_is_not_cancelled(erp: Integration, anna: Actor) -> None:
    order = make_order(("A", 1))
    with editing(order.number, None, anna) as present:
        comments.add(present, comments.CommentKind.INTERNAL, "makes no version", by=anna)

    for stale in ('"0"', '"7"', 'W/"1"', "nonsense"):
        assert erp.post(f"/orders/{order.number}/cancellation", If_Match=stale).status_code == 412, stale
    assert read(order).status is OrderStatus.READY
    assert erp.post(f"/orders/{order.number}/cancellation", If_Match='"3", "1"').status_code == 200


def test_an_order_that_two_place_at_once_is_there_once(erp: Integration, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one finds it taken between its look and its write, as two at the same moment would."""
    erp.post("/orders", order_document())
    find, looks = order_intake.find_by_reference, iter([False])
    monkeypatch.setattr(
        order_intake, "find_by_reference", lambda reference: find(reference) if next(looks, True) else None
    )
    answer = erp.post("/orders", order_document())
    assert answer.status_code == 200
    assert count_orders() == 1
