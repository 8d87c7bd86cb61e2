"""Konfiguration, Personuppgifter: what is stored about a customer, exported or erased, and what is refused."""

from flask import Flask
from sqlalchemy import select

from tests.factories import make_order, make_product, stored_shop
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessEntry, AccessKind, Actor, Customer, Order, Shop
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.orders import cancellation
from webshop_orders.transactions.unit_of_work import editing, writing

URL = "/settings/personal-data"
EMAIL = "asa@example.com"

pytestmark = on_sqlite


def close(order: Order, by: Actor) -> None:
    with editing(order.number, None, by) as present:
        cancellation.cancel(present, by=by)


def entries() -> list[AccessEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(AccessEntry).where(AccessEntry.kind == AccessKind.PERSONAL_DATA)))


def refused(response: object, sentence: str) -> None:
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert sentence in Page(response.text).text  # type: ignore[attr-defined]


def test_an_email_address_without_orders_is_refused_and_stays_typed(admin: Browser, order: Order) -> None:
    for path in (URL, f"{URL}/export"):
        response = admin.post(path, {"csrf_token": admin.token(), "email": "nobody@example.com"})
        refused(response, "Det finns inga ordrar med den adressen.")
        assert "nobody@example.com" in response.text
    refused(admin.send(URL, URL, email="skräp"), "Ange en e-postadress")
    assert entries() == []


def test_the_orders_of_a_customer_are_found_without_the_email_address_in_the_url(admin: Browser, order: Order) -> None:
    response = admin.send(URL, URL, email=EMAIL)

    assert response.status_code == 200
    assert order.number in Page(response.text).text
    assert EMAIL not in response.request.path


def test_an_export_is_a_file_and_is_recorded_with_a_masked_email_address(admin: Browser, order: Order) -> None:
    response = admin.post(f"{URL}/export", {"csrf_token": admin.token(), "email": EMAIL})

    assert response.mimetype == "application/json"
    assert response.headers["Content-Disposition"] == "attachment; filename=personuppgifter.json"
    assert [row["number"] for row in response.json["orders"]] == [order.number]
    (entry,) = entries()
    assert entry.facts == {"what": "exported", "customer": "a…@example.com", "orders": 1}


def test_an_erasure_requires_the_email_address_twice(admin: Browser, order: Order, anna: Actor) -> None:
    close(order, anna)
    for repeated_email in ("", "annan@example.com"):
        response = admin.post(f"{URL}/erasure", {"csrf_token": admin.token(), "email": EMAIL, "again": repeated_email})
        assert response.status_code == 422
    assert fresh(order).customer.email == EMAIL
    assert entries() == []


def test_an_erasure_is_refused_while_an_order_is_open(admin: Browser, order: Order) -> None:
    response = admin.post(f"{URL}/erasure", {"csrf_token": admin.token(), "email": EMAIL, "again": EMAIL}, htmx=True)

    refused(response, f"{order.number} är fortfarande öppen. Skicka eller makulera den först.")
    assert fresh(order).customer.email == EMAIL


def test_an_erasure_is_carried_out_confirmed_and_recorded(admin: Browser, order: Order, anna: Actor) -> None:
    close(order, anna)

    response = admin.post(f"{URL}/erasure", {"csrf_token": admin.token(), "email": EMAIL, "again": EMAIL.upper()})

    assert response.status_code == 303
    assert "Personuppgifter raderades i 1 order." in admin.page(URL).text
    (entry,) = entries()
    assert entry.facts == {"what": "erased", "customer": "a…@example.com", "orders": 1}
    for tab in ("summary", "shipping", "customer", "messages", "history"):
        page = admin.page(f"/orders/{order.number}/{tab}")
        assert "Kundens personuppgifter raderades" in page.text
        assert EMAIL not in page.html
        assert [form.action for form in page.forms if form.action.startswith(f"/orders/{order.number}")] == []


def test_a_change_of_an_erased_order_is_refused_with_the_reason(admin: Browser, order: Order, anna: Actor) -> None:
    close(order, anna)
    form = admin.page(f"/orders/{order.number}").form(f"/orders/{order.number}/comments")
    with writing():
        personal_data.erase(EMAIL, by=anna)

    response = admin.post(form.action, form.values() | {"text": "Vi minns dig"})

    refused(response, f"Personuppgifterna i {order.number} är raderade, och ordern ändras inte mer.")


def test_a_retention_period_that_erases_orders_at_once_requires_confirmation(
    admin: Browser, app: Flask, anna: Actor
) -> None:
    make_product("LJUS-12", stock=10)
    old_order = make_order(("LJUS-12", 1), customer=Customer("Åsa", None, EMAIL))
    close(old_order, anna)
    db.session.execute(Order.__table__.update().values(updated_at=old_order.updated_at.replace(year=2020)))
    db.session.commit()
    typed = {"personal_data_months": "12", "bookkeeping_years": "7"}

    response = admin.send(URL, f"{URL}/retention", **typed)

    refused(response, "Ordrar som är äldre: 1.")
    db.session.rollback()
    db.session.expire_all()
    assert db.session.get_one(Shop, 1).personal_data_months is None
    form = Page(response.text).form(f"{URL}/retention").values()
    assert admin.post(f"{URL}/retention", form).status_code == 303
    db.session.rollback()
    db.session.expire_all()
    assert db.session.get_one(Shop, 1).personal_data_months == 12


def test_a_retention_period_can_be_removed(admin: Browser, app: Flask) -> None:
    assert admin.send(URL, f"{URL}/retention", personal_data_months="6", bookkeeping_years="10").status_code == 303
    assert admin.send(URL, f"{URL}/retention", personal_data_months="", bookkeeping_years="10").status_code == 303
    db.session.rollback()
    db.session.expire_all()
    shop = stored_shop()
    assert (shop.personal_data_months, shop.bookkeeping_years) == (None, 10)


def test_an_invalid_retention_period_is_refused_and_stays_typed(admin: Browser, app: Flask) -> None:
    for months, years in (("0", "7"), ("-1", "7"), ("1.5", "7"), ("٣", "7"), ("12", ""), ("12", "31"), ("9999", "7")):
        response = admin.send(URL, f"{URL}/retention", personal_data_months=months, bookkeeping_years=years)
        assert response.status_code == 422, (months, years)
        form = Page(response.text).form(f"{URL}/retention").values()
        assert (form["personal_data_months"], form["bookkeeping_years"]) == (months, years)
