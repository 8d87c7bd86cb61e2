"""Konfiguration, Användare: inviting, changing, signing out and deactivating users, with the entries in the log."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import make_user
from tests.web.conftest import Browser, SignIn, on_sqlite
from tests.web.pages import Page, as_read_from_html
from tests.web.settings.test_access_log import entries
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessKind, AccountMail, AccountMailKind, MessageState, Role, User
from webshop_orders.security import password_links
from webshop_orders.transactions.unit_of_work import writing

URL = "/settings/users"
PASSWORD = "sju sjösjuka sjömän"
BO = {"email": "bo@example.com", "name": "Bo Ek", "role": "warehouse"}
both_ways = pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])


def read(email: str = "asa@example.com") -> User:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(User).where(User.email == email)).one()


def press_button(admin: Browser, user: User, action: str, *, htmx: bool = False):  # type: ignore[no-untyped-def]
    """Press one of a user's buttons, whether or not it is on the page."""
    return admin.post(f"{URL}/{user.id}/{action}", {"csrf_token": admin.token()}, htmx=htmx)


def sentence(admin: Browser, response) -> str:  # type: ignore[no-untyped-def]
    """The text of a response, or of the page that it redirects to."""
    return Page(response.text).text if response.status_code != 303 else admin.page(response.location).text


def mails_with_links(app: Flask) -> None:
    app.config.update(MAIL_SERVER="127.0.0.1", BASE_URL="https://desk.example.com")


# Inviting


@on_sqlite
@both_ways
@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"email": ""}, "Det här kan inte vara tomt."),
        ({"email": None}, "Det här kan inte vara tomt."),
        ({"email": "bo"}, "Ange en e-postadress"),
        ({"email": "bo@example.com\r\nBcc: x@example.com"}, "innehåller tecken"),
        ({"email": "x" * 300 + "@example.com"}, "Högst 254 tecken"),
        ({"name": ""}, "Det här kan inte vara tomt."),
        ({"name": "Bo\0Ek"}, "innehåller tecken"),
        ({"name": "x" * 1_000}, "Högst 200 tecken"),
        ({"role": ""}, "Välj ett av alternativen."),
        ({"role": "king"}, "Välj ett av alternativen."),
        ({"role": None}, "Välj ett av alternativen."),
    ],
)
def test_an_invalid_invitation_is_refused(
    admin: Browser, typed: dict[str, str | None], reason: str, htmx: bool
) -> None:
    response = admin.send(URL, URL, htmx=htmx, **{**BO, **typed})
    assert response.status_code == 422
    page = Page(response.text)
    assert reason in page.text
    shown, sent = page.form(URL).values(), {**BO, **typed}
    expected_name = as_read_from_html(sent["name"] or "")
    assert shown["name"].strip() == expected_name.strip()
    assert [user.name for user in db.session.scalars(select(User))] == ["Admin Berg"]
    assert entries() == []


@on_sqlite
@both_ways
@pytest.mark.parametrize("email", ["asa@example.com", "ASA@Example.COM", " asa@example.com "])
@pytest.mark.parametrize("active", [True, False])
def test_an_invitation_to_an_existing_email_address_is_refused(
    admin: Browser, email: str, active: bool, htmx: bool
) -> None:
    make_user(active=active)
    response = admin.send(URL, URL, htmx=htmx, **{**BO, "email": email})
    assert response.status_code == 409
    assert "Det finns redan en användare asa@example.com." in Page(response.text).text
    assert (read().name, db.session.query(User).count()) == ("Åsa Öberg", 2)


@both_ways
def test_without_a_mail_server_the_invitation_link_is_shown_once(admin: Browser, nobody: Browser, htmx: bool) -> None:
    response = admin.send(URL, URL, htmx=htmx, **BO)
    assert response.status_code == 200
    assert "skickar inga egna mejl" in Page(response.text).text
    link = Page(response.text).text.split("http://localhost")[1].split()[0]
    assert link.startswith("/password/")
    assert "/password/" not in admin.page(URL).text
    response_to_link = nobody.fill_in(link, password=PASSWORD)
    assert (response_to_link.status_code, response_to_link.location) == (303, "/today")
    assert "Bo Ek" in nobody.page("/orders").text
    bo = read("bo@example.com")
    assert (bo.name, bo.role, bo.has_password(PASSWORD)) == ("Bo Ek", Role.WAREHOUSE, True)
    assert nobody.get(link).status_code == 404


@on_sqlite
def test_without_a_base_url_the_link_is_shown_with_the_missing_setting(app: Flask, admin: Browser) -> None:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    page = Page(admin.send(URL, URL, **BO).text)
    assert "WEBSHOP_ORDERS_BASE_URL" in page.text
    assert "http://localhost/password/" in page.text
    assert db.session.query(AccountMail).count() == 0


@both_ways
def test_with_a_mail_server_the_invitation_is_mailed_and_its_link_is_not_stored(
    app: Flask, admin: Browser, htmx: bool
) -> None:
    mails_with_links(app)
    response = admin.send(URL, URL, htmx=htmx, **{**BO, "email": "Bo@Example.com"})
    assert "En inbjudan går till bo@example.com." in sentence(admin, response)
    assert "/password/" not in response.text
    mail = db.session.scalars(select(AccountMail)).one()
    assert (mail.kind, mail.state, mail.language) == (AccountMailKind.INVITATION, MessageState.QUEUED, "sv")
    assert (mail.user_id, mail.caused_by) == (read("bo@example.com").id, "Admin Berg")
    stored = [str(row) for table in db.metadata.sorted_tables for row in db.session.execute(table.select())]
    assert not [row for row in stored if "/password/" in row]


@on_sqlite
def test_of_two_invitation_links_either_works_but_only_once(admin: Browser, nobody: Browser) -> None:
    user = make_user()
    links = [
        Page(press_button(admin, user, "link").text).text.split("http://localhost")[1].split()[0] for _ in range(2)
    ]
    assert [nobody.get(link).status_code for link in links] == [200, 200]
    assert nobody.fill_in(links[0], password=PASSWORD).status_code == 303
    assert [nobody.get(link).status_code for link in links] == [404, 404]


@on_sqlite
def test_a_rejected_invitation_is_shown_with_its_user(app: Flask, admin: Browser) -> None:
    mails_with_links(app)
    user = make_user()
    press_button(admin, user, "link")
    with writing():
        mail = db.session.scalars(select(AccountMail)).one()
        mail.state, mail.due_at, mail.last_answer = MessageState.GIVEN_UP, None, "550 5.1.1 <No such user>"
    page = admin.page(URL)
    assert "550 5.1.1 <No such user>" in page.text
    assert "Skicka ny inbjudan" in page.text
    press_button(admin, user, "link")
    assert "550" not in admin.page(URL).text


# Changing


@both_ways
def test_a_new_role_applies_from_the_next_request(admin: Browser, sign_in: SignIn, htmx: bool) -> None:
    staff = sign_in(Role.STAFF)
    user = read("staff@example.com")
    address = f"{URL}/{user.id}"
    assert staff.get("/settings/shop").status_code == 403
    response = admin.send(address, address, htmx=htmx, name="Åsa Ek", role="admin")
    assert response.status_code == (200 if htmx else 303)
    assert staff.get("/settings/shop").status_code == 200
    (entry,) = entries(AccessKind.USER_CHANGED)
    assert entry.facts == {
        "what": "changed",
        "called": "staff@example.com",
        "person": {"before": "Staff Berg", "after": "Åsa Ek"},
        "role": {"before": "staff", "after": "admin"},
    }
    page_text = admin.page("/settings/access").text
    assert "staff@example.com ändrades. Namn: Staff Berg → Åsa Ek Roll: Personal → Administratör" in page_text


@on_sqlite
def test_saving_an_unchanged_user_is_not_recorded(admin: Browser) -> None:
    address = f"{URL}/{make_user().id}"
    assert admin.send(address, address).status_code == 303
    assert entries() == []


@on_sqlite
@both_ways
@pytest.mark.parametrize("typed", [{"name": ""}, {"name": None}, {"role": "king"}, {"role": None}])
def test_an_invalid_change_is_refused(admin: Browser, typed: dict[str, str | None], htmx: bool) -> None:
    address = f"{URL}/{make_user().id}"
    assert admin.send(address, address, htmx=htmx, **typed).status_code == 422
    assert (read().name, read().role, entries()) == ("Åsa Öberg", Role.STAFF, [])


@on_sqlite
def test_the_last_administrator_cannot_be_changed_or_deactivated(admin: Browser) -> None:
    make_user(role=Role.ADMIN)  # invited, but without a password yet
    make_user("bo@example.com", Role.ADMIN, PASSWORD, active=False)
    make_user("", Role.ADMIN, host="admin", subject="7")
    last_admin = read("admin@example.com")
    address = f"{URL}/{last_admin.id}"
    for htmx in (True, False):
        response = admin.send(address, address, htmx=htmx, role="viewer")
        assert response.status_code == 422
        assert "Admin Berg är den enda administratören." in Page(response.text).text
        assert "Du kan inte stänga av dig själv." in sentence(
            admin, press_button(admin, last_admin, "deactivation", htmx=htmx)
        )
    assert (read(last_admin.email).role, read(last_admin.email).active, entries()) == (Role.ADMIN, True, [])
    make_user("eva@example.com", Role.ADMIN, PASSWORD)
    assert admin.send(address, address, role="viewer").status_code == 303
    assert admin.get(URL).status_code == 403


@on_sqlite
def test_a_user_of_a_host_can_only_be_signed_out_or_deactivated(admin: Browser) -> None:
    user = make_user("", host="admin", subject="7", name="Sara Host")
    assert "via admin" in admin.page(URL).text
    page = admin.page(f"{URL}/{user.id}")
    url = f"{URL}/{user.id}"
    actions = {form.action.removeprefix(url) for form in page.forms if form.action.startswith(url)}
    assert actions == {"/sign-out", "/deactivation"}
    refusal = admin.post(url, {"csrf_token": admin.token(), "name": "X", "role": "admin"})
    assert refusal.status_code == 422
    assert "admin" in sentence(admin, press_button(admin, user, "link"))
    db.session.expire_all()
    assert (db.session.get_one(User, user.id).name, entries()) == ("Sara Host", [])
    press_button(admin, user, "deactivation")
    db.session.rollback()
    db.session.expire_all()
    assert not db.session.get_one(User, user.id).active


@on_sqlite
@both_ways
@pytest.mark.parametrize(
    "action", ["", "/link", "/sign-out", "/deactivation", "/activation", "/second-factor/removal"], ids=str
)
def test_an_action_on_an_unknown_user_is_refused_with_a_message(admin: Browser, action: str, htmx: bool) -> None:
    typed = {"csrf_token": admin.token(), "name": "Bo", "role": "staff"}
    response = admin.post(f"{URL}/4711{action}", typed, htmx=htmx)
    assert "Det finns ingen sådan användare." in sentence(admin, response)
    assert entries() == []


# Deactivating and activating


@both_ways
def test_a_deactivated_user_is_signed_out_of_every_browser_at_once(
    app: Flask, admin: Browser, nobody: Browser, sign_in: SignIn, htmx: bool
) -> None:
    sign_in(Role.STAFF)
    user = read("staff@example.com")
    with writing():
        stored_user = db.session.get_one(User, user.id)
        stored_user.set_password(PASSWORD)
        link = password_links.make(stored_user, AccountMailKind.RESET)
    browsers = [Browser(app.test_client()) for _ in range(2)]
    for browser in browsers:
        assert browser.fill_in("/login", email="staff@example.com", password=PASSWORD).status_code == 303
    assert "är avstängd och utloggad" in sentence(admin, press_button(admin, user, "deactivation", htmx=htmx))
    assert [browser.get("/orders").status_code for browser in browsers] == [303, 303]
    assert nobody.get(link).status_code == 404
    assert nobody.fill_in("/login", email="staff@example.com", password=PASSWORD).status_code == 422
    assert "Slå på" in sentence(admin, press_button(admin, user, "link", htmx=htmx))
    press_button(admin, user, "activation", htmx=htmx)
    assert [browser.get("/orders").status_code for browser in browsers] == [303, 303]
    assert nobody.get(link).status_code == 404
    assert nobody.fill_in("/login", email="staff@example.com", password=PASSWORD).status_code == 303
    changes = [entry.facts["what"] for entry in entries(AccessKind.USER_CHANGED)]
    assert changes == ["deactivated", "activated"]


@on_sqlite
@both_ways
def test_an_administrator_signs_a_user_out_everywhere(admin: Browser, sign_in: SignIn, htmx: bool) -> None:
    staff, viewer = sign_in(Role.STAFF), sign_in(Role.VIEWER)
    response = press_button(admin, read("staff@example.com"), "sign-out", htmx=htmx)
    assert "Staff Berg är utloggad överallt." in sentence(admin, response)
    assert staff.get("/orders").status_code == 303
    assert viewer.get("/orders").status_code == 200
    assert "staff@example.com loggades ut överallt." in admin.page("/settings/access").text


@on_sqlite
@both_ways
def test_an_administrator_removes_the_second_factor_of_a_user(admin: Browser, sign_in: SignIn, htmx: bool) -> None:
    staff = sign_in(Role.STAFF)
    user = read("staff@example.com")
    removal = f"{URL}/{user.id}/second-factor/removal"
    assert removal not in [form.action for form in admin.page(f"{URL}/{user.id}").forms]
    assert "har ingen tvåstegsverifiering" in sentence(
        admin, press_button(admin, user, "second-factor/removal", htmx=htmx)
    )
    with writing():
        stored_user = db.session.get_one(User, user.id)
        stored_user.second_factor, stored_user.second_factor_step, stored_user.recovery_codes = "SECRET", 7, ["digest"]
    assert removal in [form.action for form in admin.page(f"{URL}/{user.id}").forms]
    press_button(admin, user, "second-factor/removal", htmx=htmx)
    changed_user = read("staff@example.com")
    assert (changed_user.second_factor, changed_user.second_factor_step, changed_user.recovery_codes) == (
        None,
        None,
        [],
    )
    assert staff.get("/orders").status_code == 303
    (entry,) = entries(AccessKind.USER_CHANGED)
    assert entry.facts == {"what": "second_factor_removed", "called": "staff@example.com"}


@on_sqlite
def test_the_list_shows_invited_deactivated_and_recently_active_users(admin: Browser) -> None:
    make_user("eva@example.com", name="Eva Inbjuden")
    make_user("olle@example.com", Role.VIEWER, PASSWORD, name="Olle Avstängd", active=False)
    page = admin.page(URL).text
    assert "Eva Inbjuden eva@example.com Personal, inbjuden har inte loggat in än" in page
    assert "Olle Avstängd olle@example.com avstängd har inte loggat in än" in page
    assert "Admin Berg admin@example.com Administratör" in page
