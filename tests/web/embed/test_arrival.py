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

    def arrive(self, **claims: Any) -> TestResponse:
        return self.come(sign(**claims))

    def come(self, token: str, **arguments: str) -> TestResponse:
        return self.get("/embed", query_string={"token": token, **arguments}, headers=IN_FRAME)

    def post(self, path: str, values: dict[str, object], *, htmx: bool = False, **more: Any) -> TestResponse:
        return self._open("POST", path, htmx=htmx, data=values, **more)

    def tell(self, what: str, *, by: str | None = None, **values: str) -> TestResponse:
        """Send a request as the frame's own script does, with a bearer token where it has one."""
        headers = {"X-Framed": "1", **({"Authorization": f"Bearer {by}"} if by else {})}
        return self.post(f"/embed/{what}", values, headers=headers)

    def _open(self, method: str, path: str, *, htmx: bool, **more: Any) -> TestResponse:
        around = {**({"X-Framed": "1"} if htmx else IN_FRAME), **(HTMX if htmx else {})}
        headers = {"Accept-Language": "sv", **around, **more.pop("headers", {})}
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


# Coming in


def test_a_token_opens_the_list_in_a_session_of_its_own(framed: Framed) -> None:
    response = framed.arrive()

    assert response.status_code == 303
    assert response.location.startswith("/orders#bearer=")
    cookie = cookie_of(response)
    assert cookie.startswith(f"{FRAME_COOKIE}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    page = framed.page("/orders")
    assert "Utloggning" not in page.text
    assert "masthead" not in page.html


@pytest.mark.parametrize("by", ["number", "external_reference"])
def test_a_token_opens_the_order_that_it_names(framed: Framed, order: Order, by: str) -> None:
    order.external_reference = "shop-17"
    db.session.commit()

    response = framed.arrive(order=getattr(order, by))

    assert response.location.partition("#")[0] == f"/orders/{order.number}"


@pytest.mark.parametrize("reference", ["WS-0", "../settings", "//evil.example", "a/b", "?x=1", "#x", "%2e%2e", "å'\""])
def test_an_order_that_is_not_there_is_a_calm_page(framed: Framed, order: Order, reference: str) -> None:
    response = framed.arrive(order=reference)

    assert response.location.startswith("/orders/")
    assert framed.get(response.location.partition("#")[0]).status_code in {308, 404}


def test_the_page_that_was_open_wins_over_the_order(framed: Framed, order: Order) -> None:
    response = framed.come(sign(order=order.number), next=f"/orders/{order.number}/shipping")

    assert response.location.startswith(f"/orders/{order.number}/shipping#")


@pytest.mark.parametrize(
    "page", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "javascript:1", "/a#bearer=x", "/\ta"]
)
def test_no_other_site_is_opened(framed: Framed, page: str) -> None:
    assert framed.come(sign(), next=page).location.startswith("/orders#bearer=")


def test_the_host_says_what_people_are_called_and_may(framed: Framed, app: Flask) -> None:
    framed.arrive(name="Hanna", role="viewer")
    framed.arrive(name="Hanna Ny", role="admin")

    [user] = db.session.scalars(select(User))
    assert (user.name, user.role, user.email, user.password_hash) == ("Hanna Ny", Role.ADMIN, None, None)
    assert framed.get("/settings/shop").status_code == 200


def test_a_lower_role_holds_at_once_in_every_frame(app: Flask, framed: Framed) -> None:
    framed.arrive(role="admin")
    assert framed.get("/settings/shop").status_code == 200

    Framed(app.test_client()).arrive(role="viewer")

    assert framed.get("/settings/shop").status_code == 403


def test_the_same_name_at_two_hosts_is_two_people(framed: Framed, app: Flask) -> None:
    framed.arrive(sub="7")
    framed.come(sign(HOSTS[1].secrets[0], iss="intranet", sub="7"))

    assert {user.host for user in db.session.scalars(select(User))} == {"host", "intranet"}


def test_the_language_and_the_looks_are_the_hosts(framed: Framed) -> None:
    framed.arrive(lang="en", theme="dark", accent="#7a1fa2")

    page = framed.get("/orders").text
    assert '<html lang="en"' in page
    assert 'data-theme="dark"' in page
    assert "/embed/accent/7a1fa2.css" in page


def test_coming_in_stands_in_the_access_log(framed: Framed) -> None:
    framed.arrive()

    entry = db.session.scalars(select(AccessEntry)).one()
    assert (entry.kind, entry.who, entry.facts) == (AccessKind.SIGNED_IN, "Hanna Värd", {"host": "host"})


def test_only_a_session_that_begins_stands_in_the_access_log(app: Flask) -> None:
    framed = without_cookies(app)
    with time_machine.travel(now(), tick=False) as clock:
        bearer = bearer_of(framed.arrive())
        for _turn in range(3):
            clock.shift(timedelta(minutes=8))
            bearer = framed.tell("renewal", by=bearer, token=sign()).json["bearer"]
        assert sign_ins() == ["Hanna Värd"]
        bearer = framed.tell("renewal", by=bearer, token=sign(sub="8", name="Bo")).json["bearer"]
        clock.shift(timedelta(minutes=11))
        framed.tell("renewal", by=bearer, token=sign(sub="8", name="Bo"))
    assert sign_ins() == ["Hanna Värd", "Bo", "Bo"]


# What is refused


def test_a_token_opens_one_session_only(framed: Framed, app: Flask) -> None:
    token = sign()
    framed.come(token)
    another = Framed(app.test_client())

    response = another.come(token)

    assert response.status_code == 403
    assert "redan använd" in Page(response.text).text
    assert another.get("/orders").status_code == 401
    assert db.session.query(UsedToken).count() == 1


def test_a_refused_token_is_a_calm_page_that_says_what_to_do(framed: Framed) -> None:
    response = framed.come("skräp")

    assert response.status_code == 403
    page = Page(response.text)
    assert page.headings == ["Du kunde inte släppas in"]
    assert "Ladda om sidan" in page.text
    assert "Set-Cookie" not in response.headers
    assert "inte signerad" in refusals()[0]


@on_sqlite
@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "a.b.c", "å.ä.ö", "\x00", "'; drop table users"])
def test_no_token_makes_the_desk_fail(framed: Framed, token: str) -> None:
    assert framed.come(token).status_code == 403
    assert framed.tell("renewal", token=token).status_code == 403


def test_a_page_of_another_origin_is_refused_and_may_ask_again(framed: Framed) -> None:
    token = sign()

    for origin in (OTHER, "https://evil.example", "null", "*", ""):
        assert framed.come(token, origin=origin).status_code == 403
    assert framed.come(token, origin=SECOND).status_code == 303
    assert f'data-hosts="{SECOND}"' in framed.get("/orders").text


def test_whoever_was_switched_off_here_stays_out(framed: Framed) -> None:
    framed.arrive()
    db.session.scalars(select(User)).one().active = False
    db.session.commit()

    assert framed.get("/orders").status_code == 401
    response = framed.arrive()
    assert response.status_code == 403
    assert "avstängd" in Page(response.text).text


def test_a_host_that_is_one_no_longer_is_out_with_its_people(framed: Framed, app: Flask) -> None:
    framed.arrive()
    app.config["EMBED_HOSTS"] = HOSTS[1:]

    assert framed.get("/orders").status_code == 401


def test_a_session_from_before_is_worth_nothing_after(framed: Framed, app: Flask) -> None:
    framed.arrive(sub="attacker")
    planted = framed.client.get_cookie(FRAME_COOKIE)
    assert planted is not None
    victim = Framed(app.test_client())
    victim.client.set_cookie(FRAME_COOKIE, planted.value)

    victim.arrive(sub="victim", name="Offer")

    renewed = victim.client.get_cookie(FRAME_COOKIE)
    assert renewed is not None
    assert renewed.value != planted.value
    assert [user.subject for user in db.session.scalars(select(User).order_by(User.id))] == ["attacker", "victim"]
    framed.tell("appearance", theme="dark")
    assert "data-theme" not in victim.get("/orders").text


def test_coming_in_by_a_frame_leaves_the_window_signed_in_as_it_was(app: Flask, sign_in: SignIn) -> None:
    window = sign_in(Role.ADMIN)
    framed = Framed(window.client)

    framed.arrive(role="viewer")

    assert window.get("/settings/shop").status_code == 200
    assert framed.get("/settings/shop").status_code == 403


# Who may show the desk in a frame


def test_exactly_the_hosts_may_show_a_page_in_a_frame(framed: Framed, order: Order) -> None:
    framed.arrive()

    for path in ("/orders", f"/orders/{order.number}", "/login", "/nothing", "/embed?token=x"):
        policy = framed.get(path).headers["Content-Security-Policy"]
        assert policy.endswith(f"; frame-ancestors {ADMIN} {SECOND} {OTHER}"), path


def test_without_hosts_nobody_may(app: Flask, staff: Browser) -> None:
    app.config["EMBED_HOSTS"] = ()

    response = staff.get("/orders")

    assert response.headers["Content-Security-Policy"].endswith("; frame-ancestors 'none'")
    assert staff.client.get("/embed?token=x").status_code == 403


def test_a_mail_may_be_shown_by_the_desk_and_its_hosts(framed: Framed, order: Order) -> None:
    framed.arrive(role="admin")
    [mail] = re.findall(r'<iframe[^>]* src="([^"]+)"', framed.get("/settings/templates/comment/sv").text)

    policy = framed.get(mail.replace("&amp;", "&")).headers["Content-Security-Policy"]

    assert policy.endswith(f"; frame-ancestors 'self' {ADMIN} {SECOND} {OTHER}")


# Where browsers keep no cookie


def without_cookies(app: Flask) -> Framed:
    return Framed(app.test_client(use_cookies=False))


def carrying(bearer: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer}"}


def test_the_session_rides_on_the_request(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    arrived = framed.arrive()
    page = arrived.location.partition("#")[0]
    waiting = framed.get(page)
    assert waiting.status_code == 401
    assert "arrival" in Page(waiting.text).ids

    response = framed.get(page, headers=carrying(bearer_of(arrived)))

    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers


def test_a_change_by_bearer_needs_no_proof_of_origin(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.arrive())
    values = {"text": "Hej", "about": "internal", "version": order.version, "request_key": "k" * 32}

    response = framed._open(
        "POST", f"/orders/{order.number}/comments", htmx=True, data=values, headers=carrying(bearer)
    )

    assert response.status_code == 200
    assert "Hej" in response.text


@pytest.mark.parametrize("bearer", ["", "x", "a.b.c", "å"])
def test_a_bearer_that_nobody_signed_is_nobody(app: Flask, bearer: str) -> None:
    response = without_cookies(app).get("/orders", headers=carrying(bearer.encode().decode("latin-1")))

    assert response.status_code == 401


def test_the_cookie_is_no_bearer_and_the_bearer_no_cookie(app: Flask) -> None:
    framed = Framed(app.test_client())
    bearer = bearer_of(framed.arrive())
    cookie = framed.client.get_cookie(FRAME_COOKIE)
    assert cookie is not None

    assert without_cookies(app).get("/orders", headers=carrying(cookie.value)).status_code == 401
    other = Framed(app.test_client())
    other.client.set_cookie(FRAME_COOKIE, bearer)
    assert other.get("/orders").status_code == 401


def test_a_bearer_lasts_for_minutes_and_is_renewed_by_a_token(app: Flask) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.arrive())
    with time_machine.travel(now() + timedelta(minutes=9)):
        assert framed.get("/orders", headers=carrying(bearer)).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert framed.get("/orders", headers=carrying(bearer)).status_code == 401

    renewed = framed.tell("renewal", token=sign(), origin=SECOND)

    assert renewed.status_code == 200
    assert framed.get("/orders", headers=carrying(renewed.json["bearer"])).status_code == 200


def test_no_bearer_outlives_the_hosts_last_word_by_more_than_ten_minutes(app: Flask) -> None:
    framed = without_cookies(app)
    with time_machine.travel(now(), tick=False) as clock:
        bearer = bearer_of(framed.arrive())
        clock.shift(timedelta(minutes=9))
        changed = framed.tell("appearance", by=bearer, theme="dark")
        assert framed.get("/orders", headers=carrying(changed.json["bearer"])).status_code == 200
        clock.shift(timedelta(minutes=2))
        assert framed.get("/orders", headers=carrying(changed.json["bearer"])).status_code == 401


def test_no_bearer_is_made_of_a_cookie(framed: Framed) -> None:
    framed.arrive()

    assert framed.tell("appearance", theme="dark").json == {"bearer": None}


def test_what_the_browser_opens_by_itself_carries_a_ticket_for_that_alone(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.arrive(role="admin"))
    page = framed.get("/settings/templates/comment/sv", headers=carrying(bearer)).text
    [mail] = re.findall(r'<iframe[^>]* src="([^"]+)"', page)
    path, _mark, query = mail.replace("&amp;", "&").partition("?")

    assert framed.get(f"{path}?{query}").status_code == 200
    assert framed.get(f"/orders?{query}").status_code == 401
    assert framed.get(f"{path}?ticket=x").status_code == 401


def test_the_list_is_exported_by_a_ticket_for_it_alone(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.arrive(role="staff"))
    page = Page(framed.get("/orders?status=ready", headers=carrying(bearer)).text)
    [link] = [link for link in page.links if link.startswith("/orders.csv")]

    assert "attachment" in framed.get(link).headers["Content-Disposition"]
    assert framed.get(link.replace("orders.csv", "orders")).status_code == 401
    for others in ("", "status=shipped", "status=ready&q=oberg", "status=ready&status=shipped"):
        assert framed.get(link.replace("status=ready", others)).status_code == 401, others


def test_a_ticket_ends_with_the_bearer_that_it_came_from(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    with time_machine.travel(now(), tick=False) as clock:
        bearer = bearer_of(framed.arrive(role="staff"))
        clock.shift(timedelta(minutes=9))
        page = Page(framed.get("/orders", headers=carrying(bearer)).text)
        [link] = [link for link in page.links if link.startswith("/orders.csv")]
        assert framed.get(link).status_code == 200
        clock.shift(timedelta(minutes=2))
        assert framed.get(link).status_code == 401


def test_a_form_that_the_browser_sends_by_itself_carries_the_session_among_its_fields(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.arrive(role="admin"))
    asked = framed.post("/settings/personal-data", {"email": order.customer.email}, headers=carrying(bearer))
    form = Page(asked.text).form("/settings/personal-data/export?within=frame")
    assert "ticket" not in asked.text

    assert "attachment" in framed.post(form.action, form.values()).headers["Content-Disposition"]
    for wrong in ("", "x"):
        assert framed.post(form.action, {**form.values(), "bearer": wrong}).status_code == 401
    assert framed.post("/settings/personal-data/export", form.values()).status_code == 401


def test_a_ticket_takes_no_form(app: Flask, order: Order) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.arrive(role="admin"))
    page = framed.get("/settings/templates/comment/sv", headers=carrying(bearer)).text
    [mail] = re.findall(r'<iframe[^>]* src="([^"]+)"', page)

    assert framed.get(mail.replace("&amp;", "&")).status_code == 200
    assert framed.post(mail.replace("&amp;", "&"), {"subject": "x"}).status_code == 401


def test_what_a_window_opens_by_itself_goes_by_its_own_cookie(app: Flask, order: Order, sign_in: SignIn) -> None:
    """If host and desk are one site, browsers send both cookies, also for the iframe of a mail in a window."""
    window = sign_in(Role.ADMIN)
    framed = Framed(window.client)
    framed.arrive(role="viewer")
    [mail] = re.findall(r'<iframe[^>]* src="([^"]+)"', window.get("/settings/templates/comment/sv").text)

    assert framed.get(mail.replace("&amp;", "&")).status_code == 200  # as a mail's frame of that window asks


def test_what_a_frame_downloads_goes_by_its_own_cookie(app: Flask, order: Order) -> None:
    framed = Framed(app.test_client())
    framed.arrive(role="staff")
    page = framed.page("/orders")
    [link] = [link for link in page.links if link.startswith("/orders.csv")]

    for destination in ("empty", "document"):
        assert framed.get(link, headers={"Sec-Fetch-Dest": destination}).status_code == 200


@pytest.mark.parametrize(
    ("left", "leads_to"),
    [
        ("status=ready&q=oberg", "/orders?status=ready"),
        ("", "/orders"),
        ("https://evil.example/?status=", "/orders"),
        ("status=%22%3E%3Cb%3E", "/orders?status=%22%3E%3Cb%3E"),
    ],
)
def test_the_frame_remembers_how_the_list_was_left(app: Flask, order: Order, left: str, leads_to: str) -> None:
    framed = without_cookies(app)
    bearer = bearer_of(framed.arrive(role="staff"))
    page = Page(framed.get(f"/orders/{order.number}", headers={**carrying(bearer), "X-List": left}).text)

    assert leads_to in page.links


# Renewal and looks


def test_a_renewal_gives_a_new_proof_of_origin(framed: Framed, order: Order) -> None:
    framed.arrive()
    response = framed.tell("renewal", token=sign())

    values = {"text": "Hej", "about": "internal", "version": order.version, "csrf_token": response.json["csrf"]}
    sent = framed.post(f"/orders/{order.number}/comments", {**values, "request_key": "k" * 32}, htmx=True)

    assert sent.status_code == 200


def test_the_looks_follow_the_host_and_outlast_a_renewal(framed: Framed) -> None:
    framed.arrive(theme="light")
    assert framed.tell("appearance", theme="dark", accent="#102030", lang="en").status_code == 200
    framed.tell("renewal", token=sign())

    page = framed.get("/orders").text
    assert 'data-theme="dark"' in page
    assert "/embed/accent/102030.css" in page
    assert '<html lang="en"' in page


def test_looks_that_are_none_change_nothing(framed: Framed) -> None:
    framed.arrive(theme="light", lang="sv")

    framed.tell("appearance", theme="x", accent="red;}", lang="xx")

    page = framed.get("/orders").text
    assert '<html lang="sv"' in page
    assert "red" not in page.partition("<main")[0]


def test_looks_without_a_session_ask_for_a_renewal_and_are_no_refused_sign_in(app: Flask) -> None:
    framed = Framed(app.test_client())

    assert framed.tell("appearance", theme="dark").status_code == 401
    assert framed.tell("appearance", theme="dark", by="x").status_code == 401
    assert refusals() == []


def test_a_renewal_says_who_goes_on(framed: Framed) -> None:
    framed.arrive(sub="7")
    same, other = framed.tell("renewal", token=sign(sub="7")), framed.tell("renewal", token=sign(sub="8"))

    ids = [user.id for user in db.session.scalars(select(User).order_by(User.subject))]
    assert [same.json["user"], other.json["user"]] == ids
    assert f'data-user="{ids[1]}"' in framed.get("/orders").text


# Proof of origin


@pytest.mark.parametrize("what", ["renewal", "appearance"])
def test_only_the_frames_own_script_tells_who_is_there_and_how_to_look(framed: Framed, what: str) -> None:
    framed.arrive(theme="light")

    response = framed.post(f"/embed/{what}", {"token": sign(sub="8", name="Bo"), "theme": "dark"})

    assert response.status_code == 400
    assert db.session.query(User).count() == 1
    assert 'data-theme="light"' in framed.get("/orders").text


def test_a_change_in_the_frame_needs_the_proof_of_its_own_session(framed: Framed, app: Flask, order: Order) -> None:
    framed.arrive()
    other = Framed(app.test_client())
    other.arrive(sub="8")
    stolen = other.page(f"/orders/{order.number}").form(f"/orders/{order.number}/comments").values()
    for values in ({**stolen, "csrf_token": ""}, stolen):
        for htmx in (True, False):
            path = f"/orders/{order.number}/comments"
            response = framed.post(path, {**values, "text": "Hej", "about": "internal"}, htmx=htmx)
            assert response.status_code == 400
    db.session.rollback()
    assert "Hej" not in framed.get(f"/orders/{order.number}").text


# Colours


@pytest.mark.parametrize("colour", ["ffffff", "000000", "7a1fa2", "ffff00", "0B5C63", "808080"])
def test_every_colour_becomes_one_that_can_be_read(app: Flask, framed: Framed, colour: str) -> None:
    from webshop_orders.web.embed.accent import DARK_PAPER, LIGHT_PAPER, contrast

    response = framed.get(f"/embed/accent/{colour}.css")

    assert response.mimetype == "text/css"
    [(light, dark)] = re.findall(r"--accent: light-dark\((#\w{6}), (#\w{6})\)", response.text)
    [(on_light, on_dark)] = re.findall(r"--on-accent: light-dark\((#\w{6}), (#\w{6})\)", response.text)
    assert min(contrast(light, LIGHT_PAPER), contrast(dark, DARK_PAPER)) >= 4.5
    assert min(contrast(light, on_light), contrast(dark, on_dark)) >= 4.5


@pytest.mark.parametrize("colour", ["red", "12345", "1234567", "12345g", "%7d%7d", "..%2f"])
def test_what_is_no_colour_is_refused(framed: Framed, colour: str) -> None:
    response = framed.get(f"/embed/accent/{colour}.css")

    assert response.status_code in {404, 422}
    check_headers(response)
