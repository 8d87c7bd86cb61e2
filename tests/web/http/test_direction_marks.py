"""Invisible characters that change the direction of text are not stored."""

from tests.web.conftest import Browser, fresh, on_sqlite
from webshop_orders.db.extensions import db
from webshop_orders.models import Comment, Order

pytestmark = on_sqlite


def test_a_form_is_stored_without_direction_marks(staff: Browser, order: Order) -> None:
    url = f"/orders/{order.number}"

    staff.send(url, f"{url}/comments", text="Betala \u202e0001\u202c kr")
    staff.send(f"{url}/customer", f"{url}/customer", **{"customer-name": "\u2067Åsa\u2069 Ek"})

    assert db.session.query(Comment.text).all() == [("Betala 0001 kr",)]
    assert fresh(order).customer.name == "Åsa Ek"


def test_a_comment_of_direction_marks_alone_is_empty(staff: Browser, order: Order) -> None:
    url = f"/orders/{order.number}"

    assert staff.send(url, f"{url}/comments", text="\u202e \u202c").status_code == 422


def test_a_search_is_read_without_direction_marks(staff: Browser, order: Order) -> None:
    assert order.number in staff.page(f"/orders?q=\u202d{order.number}\u202c").text
