"""Sign-in through a host: the session that a token starts, its cookie, and what is refused."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.web.conftest import HTMX, Browser, SignIn, check_headers, on_sqlite
from tests.web.embed.host import SECRET, sign
from tests.web.pages import Page
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessEntry, AccessKind, Order, Role, UsedToken, User
from webshop_orders.security.embed_hosts import EmbedHost
from webshop_orders.web.http.session_transport import FRAME_COOKIE

ADMIN, SECOND, OTHER = "https://admin.example.com", "https://admin.example.se", "https://intranet.example.com"
HOSTS = (
    EmbedHost("host", (ADMIN, SECOND), (SECRET,)),
    EmbedHost("intranet", (OTHER,), ("intranätets hemlighet är också lång nog",)),
)
IN_FRAME = {"Sec-Fetch-Dest": "iframe"}


@pytest.fixture
def app(app: Flask) -> Flask:
    app.config["EMBED_HOSTS"] = HOSTS
    return app


class Framed(Browser):
    """A browser that shows the desk in a frame."""

    def open_with_claims(self, **claims: Any) -> TestResponse:
        return self.open_with_token(sign(**claims))

    def open_with_token(self, token: str, **arguments: str) -> TestResponse:
        return self.get("/embed", query_string={"token": token, **arguments}, headers=IN_FRAME)

    def post(self, path: str, values: dict[str, object], *, htmx: bool = False, **more: Any) -> TestResponse:
        return self._open("POST", path, htmx=htmx, data=values, **more)

    def send_from_script(self, action: str, *, bearer: str | None = None, **values: str) -> TestResponse:
        """Send a request as the frame's own script does, with a bearer token where it has one."""
        headers = {"X-Framed": "1", **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
        return self.post(f"/embed/{action}", values, headers=headers)

    def _open(self, method: str, path: str, *, htmx: bool, **more: Any) -> TestResponse:
        frame_headers = {**({"X-Framed": "1"} if htmx else IN_FRAME), **(HTMX if htmx else {})}
        headers = {"Accept-Language": "sv", **frame_headers, **more.pop("headers", {})}
        response = self.client.open(path, method=method, headers=headers, **more)
        return self._checked(response, htmx=htmx)


@pytest.fixture
def framed(app: Flask) -> Framed:
    return Framed(app.test_client())


def cookie_of(response: TestResponse) -> str:
    [cookie] = [value for name, value in response.headers if name == "Set-Cookie"]
    return cookie


def bearer_of(response: TestResponse) -> str:
    return response.location.partition("#bearer=")[2]


def refusals() -> list[str]:
    db.session.rollback()
    entries = db.session.scalars(select(AccessEntry).where(AccessEntry.kind == AccessKind.SIGN_IN_REFUSED))
    return [entry.facts["reason"] for entry in entries]


def sign_ins() -> list[str]:
    entries = select(AccessEntry).where(AccessEntry.kind == AccessKind.SIGNED_IN).order_by(AccessEntry.id)
    return [entry.who for entry in db.session.scalars(entries)]


# Sign-in with a token


def test_a_token_opens_the_list_in_a_session_for_the_frame(framed: Framed) -> None:
    response = framed.open_with_claims()

    assert response.status_code == 303
    assert response.location.startswith("/orders#bearer=")
    cookie = cookie_of(response)
    assert cookie.startswith(f"{FRAME_COOKIE}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    page = framed.page("/orders")
    assert "Utloggning" not in page.text
    assert "masthead" not in page.html


def test_within_a_frame_the_desk_begins_with_the_list(framed: Framed) -> None:
    framed.open_with_claims()
    assert framed.get("/").location == "/orders"
    assert framed.get("/login").location == "/orders"


@pytest.mark.parametrize("reference_field", ["number", "external_reference"])
def test_a_token_opens_the_order_that_it_names(framed: Framed, order: Order, reference_field: str) -> None:
    order.external_reference = "shop-17"
    db.session.commit()

    response = framed.open_with_claims(order=getattr(order, reference_field))

    assert response.location.partition("#")[0] == f"/orders/{order.number}"


@pytest.mark.parametrize("reference", ["WS-0", "../settings", "//evil.example", "a/b", "?x=1", "#x", "%2e%2e", "å'\""])
def test_an_unknown_order_in_the_token_is_an_error_page(framed: Framed, order: Order, reference: str) -> None:
    response = framed.open_with_claims(order=reference)

    assert response.location.startswith("/orders/")
    assert framed.get(response.location.partition("#")[0]).status_code in {308, 404}


def test_the_next_argument_takes_precedence_over_the_order_in_the_token(framed: Framed, order: Order) -> None:
    response = framed.open_with_token(sign(order=order.number), next=f"/orders/{order.number}/shipping")

    assert response.location.startswith(f"/orders/{order.number}/shipping#")


@pytest.mark.parametrize(
    "page", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "javascript:1", "/a#bearer=x", "/\ta"]
)
def test_a_token_does_not_redirect_to_another_site(framed: Framed, page: str) -> None:
    assert framed.open_with_token(sign(), next=page).location.startswith("/orders#bearer=")


def test_the_token_sets_the_name_and_the_role_of_the_user(framed: Framed, app: Flask) -> None:
    framed.open_with_claims(name="Hanna", role="viewer")
    framed.open_with_claims(name="Hanna Ny", role="admin")

    [user] = db.session.scalars(select(User))
    assert (user.name, user.role, user.email, user.password_hash) == ("Hanna Ny", Role.ADMIN, None, None)
    assert framed.get("/settings/shop").status_code == 200


def test_a_lower_role_applies_at_once_in_every_frame(app: Flask, framed: Framed) -> None:
    framed.open_with_claims(role="admin")
    assert framed.get("/settings/shop").status_code == 200

    Framed(app.test_client()).open_with_claims(role="viewer")

    assert framed.get("/settings/shop").status_code == 403


def test_the_same_subject_at_two_hosts_is_two_users(framed: Framed, app: Flask) -> None:
    framed.open_with_claims(sub="7")
    framed.open_with_token(sign(HOSTS[1].secrets[0], iss="intranet", sub="7"))

    assert {user.host for user in db.session.scalars(select(User))} == {"host", "intranet"}


def test_the_token_sets_the_language_and_the_appearance(framed: Framed) -> None:
    framed.open_with_claims(lang="en", theme="dark", accent="#7a1fa2")

    page = framed.get("/orders").text
    assert '<html lang="en"' in page
    assert 'data-theme="dark"' in page
    assert "/embed/accent/7a1fa2.css" in page


def test_a_sign_in_with_a_token_is_recorded_in_the_access_log(framed: Framed) -> None:
    framed.open_with_claims()

    entry = db.session.scalars(select(AccessEntry)).one()
    assert (entry.kind, entry.who, entry.facts) == (AccessKind.SIGNED_IN, "Hanna Värd", {"host": "host"})


def test_a_renewal_is_recorded_only_if_it_starts_a_session(app: Flask) -> None:
    framed = without_cookies(app)
    with time_machine.travel(now(), tick=False) as clock:
        bearer = bearer_of(framed.open_with_claims())
        for _turn in range(3):
            clock.shift(timedelta(minutes=8))
            bearer = framed.send_from_script("renewal", bearer=bearer, token=sign()).json["bearer"]
        assert sign_ins() == ["Hanna Värd"]
        bearer = framed.send_from_script("renewal", bearer=bearer, token=sign(sub="8", name="Bo")).json["bearer"]
        clock.shift(timedelta(minutes=11))
        framed.send_from_script("renewal", bearer=bearer, token=sign(sub="8", name="Bo"))
    assert sign_ins() == ["Hanna Värd", "Bo", "Bo"]


# What is refused


def test_a_token_opens_one_session_only(framed: Framed, app: Flask) -> None:
    token = sign()
    framed.open_with_token(token)
    other = Framed(app.test_client())

    response = other.open_with_token(token)

    assert response.status_code == 403
    assert "redan använd" in Page(response.text).text
    assert other.get("/orders").status_code == 401
    assert db.session.query(UsedToken).count() == 1


def test_a_refused_token_is_an_error_page_with_advice(framed: Framed) -> None:
    response = framed.open_with_token("skräp")

    assert response.status_code == 403
    page = Page(response.text)
    assert page.headings == ["Du kunde inte släppas in"]
    assert "Ladda om sidan" in page.text
    assert "Set-Cookie" not in response.headers
    assert "ingen signerad inloggningsbiljett (JWT)" in refusals()[0]


@on_sqlite
@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "a.b.c", "å.ä.ö", "\x00", "'; drop table users"])
def test_a_malformed_token_is_refused(framed: Framed, token: str) -> None:
    assert framed.open_with_token(token).status_code == 403
    assert framed.send_from_script("renewal", token=token).status_code == 403


def test_a_token_refused_for_its_origin_can_be_used_with_the_right_origin(framed: Framed) -> None:
    token = sign()

    for origin in (OTHER, "https://evil.example", "null", "*", ""):
        assert framed.open_with_token(token, origin=origin).status_code == 403
    assert framed.open_with_token(token, origin=SECOND).status_code == 303
    assert f'data-hosts="{SECOND}"' in framed.get("/orders").text


def test_a_deactivated_user_is_refused(framed: Framed) -> None:
    framed.open_with_claims()
    db.session.scalars(select(User)).one().active = False
    db.session.commit()

    assert framed.get("/orders").status_code == 401
    response = framed.open_with_claims()
    assert response.status_code == 403
    assert "avstängd" in Page(response.text).text


def test_removing_a_host_ends_the_sessions_of_its_users(framed: Framed, app: Flask) -> None:
    framed.open_with_claims()
    app.config["EMBED_HOSTS"] = HOSTS[1:]

    assert framed.get("/orders").status_code == 401


def test_a_token_replaces_a_session_planted_by_an_attacker(framed: Framed, app: Flask) -> None:
    framed.open_with_claims(sub="attacker")
    planted = framed.client.get_cookie(FRAME_COOKIE)
    assert planted is not None
    victim = Framed(app.test_client())
    victim.client.set_cookie(FRAME_COOKIE, planted.value)

    victim.open_with_claims(sub="victim", name="Offer")

    renewed = victim.client.get_cookie(FRAME_COOKIE)
    assert renewed is not None
    assert renewed.value != planted.value
    assert [user.subject for user in db.session.scalars(select(User).order_by(User.id))] == ["attacker", "victim"]
    framed.send_from_script("appearance", theme="dark")
    assert "data-theme" not in victim.get("/orders").text


def test_a_sign_in_in_the_frame_leaves_the_session_of_the_window_unchanged(app: Flask, sign_in: SignIn) -> None:
    window = sign_in(Role.ADMIN)
    framed = Framed(window.client)

    framed.open_with_claims(role="viewer")

    assert window.get("/settings/shop").status_code == 200
    assert framed.get("/settings/shop").status_code == 403


# Who may show the desk in a frame


def test_only_the_configured_hosts_may_show_a_page_in_a_frame(framed: Framed, order: Order) -> None:
    framed.open_with_claims()

    for path in ("/orders", f"/orders/{order.number}", "/login", "/nothing", "/embed?token=x"):
        policy = framed.get(path).headers["Content-Security-Policy"]
        assert policy.endswith(f"; frame-ancestors {ADMIN} {SECOND} {OTHER}"), path


def test_without_configured_hosts_no_site_may_show_a_frame(app: Flask, staff: Browser) -> None:
    app.config["EMBED_HOSTS"] = ()

    response = staff.get("/orders")

    assert response.headers["Content-Security-Policy"].endswith("; frame-ancestors 'none'")
    assert staff.client.get("/embed?token=x").status_code == 403


def test_a_mail_may_be_shown_by_the_desk_and_its_hosts(framed: Framed, order: Order) -> None:
    framed.open_with_claims(role="admin")
    [mail] = re.findall(r'<iframe[^>]* src="([^"]+)"', framed.get("/settings/templates/comment/sv").text)

    policy = framed.get(mail.replace("&amp;", "&")).headers["Content-Security-Policy"]

    assert policy.endswith(f"; frame-ancestors 'self' {ADMIN} {SECOND} {OTHER}")


# Browsers that refuse cookies in frames


def without_cookies(app: Flask) -> Framed:
    return Framed(app.test_client(use_cookies=False))


def bearer_headers(bearer: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer}"}


def test_the_session_is_transported_by_a_bearer_token(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    sign_in_response = framed.open_with_claims()
    page = sign_in_response.location.partition("#")[0]
    without_bearer = framed.get(page)
    assert without_bearer.status_code == 401
    assert "arrival" in Page(without_bearer.text).ids

    response = framed.get(page, headers=bearer_headers(bearer_of(sign_in_response)))

    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers


def test_a_change_with_a_bearer_token_needs_no_csrf_token(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.open_with_claims())
    values = {"text": "Hej", "about": "internal", "version": order.version, "request_key": "k" * 32}

    response = framed._open(
        "POST", f"/orders/{order.number}/comments", htmx=True, data=values, headers=bearer_headers(bearer)
    )

    assert response.status_code == 200
    assert "Hej" in response.text


@pytest.mark.parametrize("bearer", ["", "x", "a.b.c", "å"])
def test_a_forged_bearer_token_is_refused(app: Flask, bearer: str) -> None:
    response = without_cookies(app).get("/orders", headers=bearer_headers(bearer.encode().decode("latin-1")))

    assert response.status_code == 401


def test_cookie_and_bearer_token_are_not_interchangeable(app: Flask) -> None:
    framed = Framed(app.test_client())
    bearer = bearer_of(framed.open_with_claims())
    cookie = framed.client.get_cookie(FRAME_COOKIE)
    assert cookie is not None

    assert without_cookies(app).get("/orders", headers=bearer_headers(cookie.value)).status_code == 401
    other = Framed(app.test_client())
    other.client.set_cookie(FRAME_COOKIE, bearer)
    assert other.get("/orders").status_code == 401


def test_a_bearer_token_expires_after_ten_minutes_and_is_renewed_by_a_host_token(app: Flask) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.open_with_claims())
    with time_machine.travel(now() + timedelta(minutes=9)):
        assert framed.get("/orders", headers=bearer_headers(bearer)).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert framed.get("/orders", headers=bearer_headers(bearer)).status_code == 401

    renewed = framed.send_from_script("renewal", token=sign(), origin=SECOND)

    assert renewed.status_code == 200
    assert framed.get("/orders", headers=bearer_headers(renewed.json["bearer"])).status_code == 200


def test_changing_the_appearance_does_not_extend_a_bearer_token(app: Flask) -> None:
    framed = without_cookies(app)
    with time_machine.travel(now(), tick=False) as clock:
        bearer = bearer_of(framed.open_with_claims())
        clock.shift(timedelta(minutes=9))
        response = framed.send_from_script("appearance", bearer=bearer, theme="dark")
        assert framed.get("/orders", headers=bearer_headers(response.json["bearer"])).status_code == 200
        clock.shift(timedelta(minutes=2))
        assert framed.get("/orders", headers=bearer_headers(response.json["bearer"])).status_code == 401


def test_a_session_in_a_cookie_gets_no_bearer_token(framed: Framed) -> None:
    framed.open_with_claims()

    assert framed.send_from_script("appearance", theme="dark").json == {"bearer": None}


def test_the_iframe_of_a_mail_has_a_ticket_for_its_own_url_only(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.open_with_claims(role="admin"))
    page = framed.get("/settings/templates/comment/sv", headers=bearer_headers(bearer)).text
    [mail] = re.findall(r'<iframe[^>]* src="([^"]+)"', page)
    path, _separator, query = mail.replace("&amp;", "&").partition("?")

    assert framed.get(f"{path}?{query}").status_code == 200
    assert framed.get(f"/orders?{query}").status_code == 401
    assert framed.get(f"{path}?ticket=x").status_code == 401


def test_the_export_has_a_ticket_for_its_own_filter_only(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.open_with_claims(role="staff"))
    page = Page(framed.get("/orders?status=ready", headers=bearer_headers(bearer)).text)
    [link] = [link for link in page.links if link.startswith("/orders.csv")]

    assert "attachment" in framed.get(link).headers["Content-Disposition"]
    assert framed.get(link.replace("orders.csv", "orders")).status_code == 401
    for other_filter in ("", "status=shipped", "status=ready&q=oberg", "status=ready&status=shipped"):
        assert framed.get(link.replace("status=ready", other_filter)).status_code == 401, other_filter


def test_a_ticket_expires_with_its_bearer_token(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    with time_machine.travel(now(), tick=False) as clock:
        bearer = bearer_of(framed.open_with_claims(role="staff"))
        clock.shift(timedelta(minutes=9))
        page = Page(framed.get("/orders", headers=bearer_headers(bearer)).text)
        [link] = [link for link in page.links if link.startswith("/orders.csv")]
        assert framed.get(link).status_code == 200
        clock.shift(timedelta(minutes=2))
        assert framed.get(link).status_code == 401


def test_a_form_sent_without_htmx_has_the_bearer_token_in_a_field(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.open_with_claims(role="admin"))
    response = framed.post("/settings/personal-data", {"email": order.customer.email}, headers=bearer_headers(bearer))
    form = Page(response.text).form("/settings/personal-data/export?within=frame")
    assert "ticket" not in response.text

    assert "attachment" in framed.post(form.action, form.values()).headers["Content-Disposition"]
    for invalid_bearer in ("", "x"):
        assert framed.post(form.action, {**form.values(), "bearer": invalid_bearer}).status_code == 401
    assert framed.post("/settings/personal-data/export", form.values()).status_code == 401


def test_a_ticket_does_not_authorize_a_post(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.open_with_claims(role="admin"))
    page = framed.get("/settings/templates/comment/sv", headers=bearer_headers(bearer)).text
    [mail] = re.findall(r'<iframe[^>]* src="([^"]+)"', page)

    assert framed.get(mail.replace("&amp;", "&")).status_code == 200
    assert framed.post(mail.replace("&amp;", "&"), {"subject": "x"}).status_code == 401


def test_the_iframe_of_a_mail_in_a_window_uses_the_cookie_of_the_window(
    app: Flask, order: Order, sign_in: SignIn
) -> None:
    """If host and desk are one site, browsers send both cookies, also for the iframe of a mail in a window."""
    window = sign_in(Role.ADMIN)
    framed = Framed(window.client)
    framed.open_with_claims(role="viewer")
    [mail] = re.findall(r'<iframe[^>]* src="([^"]+)"', window.get("/settings/templates/comment/sv").text)

    assert (
        framed.get(mail.replace("&amp;", "&")).status_code == 200
    )  # as the iframe of a mail in that window requests it


def test_a_download_in_the_frame_uses_the_cookie_of_the_frame(app: Flask, order: Order) -> None:
    framed = Framed(app.test_client())
    framed.open_with_claims(role="staff")
    page = framed.page("/orders")
    [link] = [link for link in page.links if link.startswith("/orders.csv")]

    for destination in ("empty", "document"):
        assert framed.get(link, headers={"Sec-Fetch-Dest": destination}).status_code == 200


@pytest.mark.parametrize(
    ("last_query", "expected_link"),
    [
        ("status=ready&q=oberg", "/orders?status=ready"),
        ("", "/orders"),
        ("https://evil.example/?status=", "/orders"),
        ("status=%22%3E%3Cb%3E", "/orders?status=%22%3E%3Cb%3E"),
    ],
)
def test_the_frame_remembers_the_last_filter_of_the_list(
    app: Flask, order: Order, last_query: str, expected_link: str
) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.open_with_claims(role="staff"))
    page = Page(framed.get(f"/orders/{order.number}", headers={**bearer_headers(bearer), "X-List": last_query}).text)

    assert expected_link in page.links


# Renewal and appearance


def test_a_renewal_returns_a_new_csrf_token(framed: Framed, order: Order) -> None:
    framed.open_with_claims()
    response = framed.send_from_script("renewal", token=sign())

    values = {"text": "Hej", "about": "internal", "version": order.version, "csrf_token": response.json["csrf"]}
    comment_response = framed.post(f"/orders/{order.number}/comments", {**values, "request_key": "k" * 32}, htmx=True)

    assert comment_response.status_code == 200


def test_the_appearance_set_by_the_host_survives_a_renewal(framed: Framed) -> None:
    framed.open_with_claims(theme="light")
    assert framed.send_from_script("appearance", theme="dark", accent="#102030", lang="en").status_code == 200
    framed.send_from_script("renewal", token=sign())

    page = framed.get("/orders").text
    assert 'data-theme="dark"' in page
    assert "/embed/accent/102030.css" in page
    assert '<html lang="en"' in page


def test_an_invalid_appearance_changes_nothing(framed: Framed) -> None:
    framed.open_with_claims(theme="light", lang="sv")

    framed.send_from_script("appearance", theme="x", accent="red;}", lang="xx")

    page = framed.get("/orders").text
    assert '<html lang="sv"' in page
    assert "red" not in page.partition("<main")[0]


def test_changing_the_appearance_without_a_session_is_not_recorded_as_a_refusal(app: Flask) -> None:
    framed = Framed(app.test_client())

    assert framed.send_from_script("appearance", theme="dark").status_code == 401
    assert framed.send_from_script("appearance", theme="dark", bearer="x").status_code == 401
    assert refusals() == []


def test_a_renewal_returns_the_id_of_the_user(framed: Framed) -> None:
    framed.open_with_claims(sub="7")
    same_user, other_user = (
        framed.send_from_script("renewal", token=sign(sub="7")),
        framed.send_from_script("renewal", token=sign(sub="8")),
    )

    ids = [user.id for user in db.session.scalars(select(User).order_by(User.subject))]
    assert [same_user.json["user"], other_user.json["user"]] == ids
    assert f'data-user="{ids[1]}"' in framed.get("/orders").text


# CSRF


@pytest.mark.parametrize("action", ["renewal", "appearance"])
def test_renewal_and_appearance_require_the_header_of_the_frame_script(framed: Framed, action: str) -> None:
    framed.open_with_claims(theme="light")

    response = framed.post(f"/embed/{action}", {"token": sign(sub="8", name="Bo"), "theme": "dark"})

    assert response.status_code == 400
    assert db.session.query(User).count() == 1
    assert 'data-theme="light"' in framed.get("/orders").text


def test_a_change_in_the_frame_requires_the_csrf_token_of_its_session(framed: Framed, app: Flask, order: Order) -> None:
    framed.open_with_claims()
    other = Framed(app.test_client())
    other.open_with_claims(sub="8")
    values_of_other = other.page(f"/orders/{order.number}").form(f"/orders/{order.number}/comments").values()
    for values in ({**values_of_other, "csrf_token": ""}, values_of_other):
        for htmx in (True, False):
            path = f"/orders/{order.number}/comments"
            response = framed.post(path, {**values, "text": "Hej", "about": "internal"}, htmx=htmx)
            assert response.status_code == 400
    db.session.rollback()
    assert "Hej" not in framed.get(f"/orders/{order.number}").text


# Colours


@pytest.mark.parametrize("colour", ["ffffff", "000000", "7a1fa2", "ffff00", "0B5C63", "808080"])
def test_every_accent_colour_gets_sufficient_contrast(app: Flask, framed: Framed, colour: str) -> None:
    from webshop_orders.web.embed.accent import DARK_BACKGROUNDS, LIGHT_BACKGROUNDS, contrast

    response = framed.get(f"/embed/accent/{colour}.css")

    assert response.mimetype == "text/css"
    [(light, dark)] = re.findall(r"--accent: light-dark\((#\w{6}), (#\w{6})\)", response.text)
    [(on_light, on_dark)] = re.findall(r"--on-accent: light-dark\((#\w{6}), (#\w{6})\)", response.text)
    assert min(contrast(light, background) for background in LIGHT_BACKGROUNDS) >= 4.5
    assert min(contrast(dark, background) for background in DARK_BACKGROUNDS) >= 4.5
    assert min(contrast(light, on_light), contrast(dark, on_dark)) >= 4.5


@pytest.mark.parametrize("colour", ["red", "12345", "1234567", "12345g", "%7d%7d", "..%2f"])
def test_an_invalid_colour_is_refused(framed: Framed, colour: str) -> None:
    response = framed.get(f"/embed/accent/{colour}.css")

    assert response.status_code in {404, 422}
    check_headers(response)
