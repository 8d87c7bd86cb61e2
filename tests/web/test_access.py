"""Who may see and change what: every route, so that none is forgotten."""

from flask import Flask
from werkzeug.routing import Rule

from tests.web.conftest import Browser, SignIn, fresh
from tests.web.pages import Page
from tests.web.test_bad_input import first_line, state
from webshop_orders import sign_in_links
from webshop_orders.extensions import db
from webshop_orders.models import Order, Role, User
from webshop_orders.web.access import OF_PROGRAMS, OPEN_ENDPOINTS


def addresses(app: Flask, order: Order, method: str) -> list[tuple[Rule, str]]:
    """Every route that takes a method, as an address of this order."""
    values = {"number": order.number, "line_id": first_line(order), "seq": 1, "message_id": 1, "tracking_id": 1}
    values |= {"key_id": 1, "webhook_id": 1, "connection_id": 1}
    values |= {"tab": "shipping", "token": "x", "filename": "app.css", "kind": "comment", "language": "sv"}
    adapter = app.url_map.bind("localhost")
    rules = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]
    return [
        (rule, adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}, method=method))
        for rule in rules
        if rule.endpoint not in OPEN_ENDPOINTS and rule.endpoint.split(".")[0] not in OF_PROGRAMS
    ]


def test_nobody_is_sent_to_sign_in_from_everywhere(app: Flask, sign_in: SignIn, order: Order) -> None:
    nobody = sign_in(None)
    assert len(addresses(app, order, "GET")) > 10
    for _rule, address in addresses(app, order, "GET"):
        answer = nobody.get(address)
        assert answer.status_code == 303, address
        assert answer.location.startswith("/login?next="), address
        fragment = nobody.get(address, htmx=True)
        assert fragment.status_code == 401, address
        assert fragment.headers["HX-Redirect"].startswith("/login"), address


def test_a_viewer_changes_nothing_anywhere(app: Flask, viewer: Browser, order: Order) -> None:
    before, token = state(order), viewer.page("/orders").html
    carried = {"csrf_token": Page(token).forms[0].values()["csrf_token"], "version": fresh(order).version}
    routes = addresses(app, order, "POST")
    assert len(routes) > 12
    for _rule, address in routes:
        for htmx in (True, False):
            assert viewer.post(address, {**carried, "quantity": 1}, htmx=htmx).status_code == 403, address
    assert state(order) == before


def test_a_viewer_sees_every_tab_and_no_controls(viewer: Browser, order: Order) -> None:
    for tab in ("summary", "shipping", "customer", "messages", "history"):
        page = viewer.page(f"/orders/{order.number}/{tab}")
        assert {form.action for form in page.forms if form.method == "post"} == {"/logout"}, tab
        assert not {"Redigera", "Radera", "Spara", "Dela"} & set(page.text.split())


def test_settings_are_for_administrators(app: Flask, staff: Browser, admin: Browser, order: Order) -> None:
    pages = [address for rule, address in addresses(app, order, "GET") if rule.endpoint.startswith("settings.")]
    assert len(pages) >= 3
    for address in pages:
        assert staff.get(address).status_code == 403, address
        assert admin.get(address).status_code in {200, 302}, address
    assert "Konfiguration" not in staff.page("/orders").text
    assert "Konfiguration" in admin.page("/orders").text


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
