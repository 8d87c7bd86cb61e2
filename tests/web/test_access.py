"""Who is let in, and to where."""

from flask import Flask

from tests.web.conftest import Browser, SignIn
from tests.web.pages import Page
from webshop_orders import sign_in_links
from webshop_orders.extensions import db
from webshop_orders.models import Order, Role, User


def test_a_user_who_is_no_longer_active_is_out_at_once(staff: Browser, app: Flask) -> None:
    user = db.session.scalars(db.select(User)).one()
    user.active = False
    db.session.commit()
    assert staff.get("/orders").status_code == 303


def test_a_new_password_ends_every_session_and_link(sign_in: SignIn, app: Flask) -> None:
    browser = sign_in(Role.STAFF)
    user = db.session.scalars(db.select(User)).one()
    link = f"/login/{sign_in_links.make(user)}"
    user.set_password("ett nytt lösenord")
    db.session.commit()
    assert browser.get("/orders").status_code == 303
    assert browser.get(link).location == "/login"


def test_signing_in_with_a_password_leads_to_where_one_was_going(sign_in: SignIn, app: Flask) -> None:
    user = User(email="asa@example.com", name="Åsa", role=Role.STAFF)
    user.set_password("mitt hemliga ord")
    db.session.add(user)
    db.session.commit()
    browser = sign_in(None)
    page = "/login?next=/orders?status=ready"
    form = browser.page(page).forms[0].values()
    wrong = browser.post(page, {**form, "email": "asa@example.com", "password": "fel"})
    assert wrong.status_code == 422
    assert "E-post och lösenord hör inte ihop." in Page(wrong.text).text
    assert "fel" not in Page(wrong.text).form("").values().values()
    right = browser.post(page, {**form, "email": "Asa@Example.com", "password": "mitt hemliga ord"})
    assert (right.status_code, right.location) == (303, "/orders?status=ready")
    assert browser.get("/orders").status_code == 200


def test_signing_in_leads_to_no_other_site(sign_in: SignIn, app: Flask) -> None:
    user = User(email="asa@example.com", name="Åsa", role=Role.STAFF)
    db.session.add(user)
    db.session.commit()
    for target in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        link = f"/login/{sign_in_links.make(user)}"
        answer = sign_in(None).get(link, query_string={"next": target})
        assert answer.location == "/orders"


def test_too_many_tries_have_to_wait(sign_in: SignIn, app: Flask) -> None:
    user = User(email="asa@example.com", name="Åsa", role=Role.STAFF)
    user.set_password("mitt hemliga ord")
    db.session.add(user)
    db.session.commit()
    browser = sign_in(None)
    form = {**browser.page("/login").forms[0].values(), "email": "asa@example.com"}
    for _ in range(5):
        assert browser.post("/login", {**form, "password": "fel"}).status_code == 422
    answer = browser.post("/login", {**form, "password": "mitt hemliga ord"})
    assert answer.status_code == 429
    assert "Vänta en kvart" in Page(answer.text).text


def test_every_answer_tells_browsers_what_to_allow(staff: Browser, order: Order) -> None:
    for path in ("/orders", f"/orders/{order.number}", "/login", "/finns-inte"):
        answer = staff.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "HX-Request-Type" in answer.headers["Vary"]
