"""Konfiguration, Åtkomst: entries for refusals and changes of settings, and the page that shows them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.factories import make_user, reshape_shop
from tests.web.conftest import SWEDISH, Browser, SignIn, on_sqlite
from tests.web.pages import Page
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    SYSTEM,
    AccessEntry,
    AccessKind,
    ConnectionKind,
    FailedLogin,
    MailSource,
    MessageKind,
    Order,
    Role,
    Scope,
    WebhookEvent,
)
from webshop_orders.operations.audit import access_log, access_log_search
from webshop_orders.operations.settings import api_keys, connections, mail_templates
from webshop_orders.operations.settings import changes as setting_changes
from webshop_orders.operations.users import second_factor
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.outbox.retention import delete_expired
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth.permissions import MINIMUM_ROLES
from webshop_orders.web.settings import access_descriptions

URL = "/settings/access"
PASSWORD = "sju sjösjuka sjömän"
OWN = MailSource("Vår egen", "Order {{ order.number }}", "<p>Order {{ order.number }}</p>")


def entries(kind: AccessKind | None = None) -> list[AccessEntry]:
    db.session.rollback()
    db.session.expire_all()
    found = db.session.scalars(select(AccessEntry).order_by(AccessEntry.id)).all()
    return [entry for entry in found if kind in {None, entry.kind}]


def note(who: str = "Åsa Öberg", kind: AccessKind = AccessKind.SIGNED_IN, **values: Any) -> None:
    with writing():
        access_log.record(kind, who, **{"address": "192.0.2.7", **values})


# Refusals


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_what_a_role_does_not_allow_is_noted_with_who_asked_for_what(viewer: Browser, order: Order, htmx: bool) -> None:
    action = f"/orders/{order.number}/comments"
    viewer.post(action, {"csrf_token": viewer.token(), "text": "Hej"}, htmx=htmx)
    (entry,) = entries(AccessKind.REQUEST_REFUSED)
    assert (entry.who, entry.address) == ("Viewer Berg", "127.0.0.1")
    assert entry.facts == {"why": "role", "asked": f"POST {action}"}
    assert entry.user_id is not None


def test_a_form_from_elsewhere_is_noted(staff: Browser, nobody: Browser, order: Order) -> None:
    staff.post(f"/orders/{order.number}/comments", {"text": "Hej"})
    nobody.post("/login", {"email": "asa@example.com", "password": "hemligt"})
    known, unknown = entries(AccessKind.REQUEST_REFUSED)
    assert (known.who, known.facts["why"]) == ("Staff Berg", "origin")
    assert (unknown.who, unknown.facts["asked"]) == ("", "POST /login")
    assert "hemligt" not in str(unknown.facts)


def test_what_cannot_be_kept_or_shown_is_left_out_of_what_was_asked_for(viewer: Browser, admin: Browser) -> None:
    assert viewer.get("/settings/templates/%00%ED%A0%80/" + "x" * 5000).status_code == 403
    (entry,) = entries(AccessKind.REQUEST_REFUSED)
    assert entry.facts["asked"].startswith("GET /settings/templates/")
    assert len(entry.facts["asked"]) <= access_log.MAX_LENGTH
    admin.page(URL)


def test_a_log_that_cannot_be_written_refuses_all_the_same(viewer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **facts: Any) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(access_log, "record", fail)
    assert viewer.get("/settings/shop").status_code == 403
    assert viewer.get("/orders").status_code == 200


def test_a_flood_from_one_address_is_noted_so_many_an_hour(app: Flask, time_machine: Any) -> None:
    time_machine.move_to(now(), tick=False)
    kinds = (AccessKind.REQUEST_REFUSED, AccessKind.SIGN_IN_REFUSED)
    with writing():
        for turn in range(access_log.MAX_REFUSALS_PER_ADDRESS + 20):
            access_log.record(kinds[turn % 2], "", address="192.0.2.7")
            db.session.flush()
    assert len(entries()) == access_log.MAX_REFUSALS_PER_ADDRESS
    note("", AccessKind.REQUEST_REFUSED, address="192.0.2.8")
    note("Åsa Öberg", AccessKind.SIGNED_IN)
    assert len(entries()) == access_log.MAX_REFUSALS_PER_ADDRESS + 2
    time_machine.shift(timedelta(hours=1, seconds=1))
    note("", AccessKind.REQUEST_REFUSED)
    assert len(entries()) == access_log.MAX_REFUSALS_PER_ADDRESS + 3


def test_a_flood_from_many_addresses_is_noted_so_many_an_hour(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "MAX_REFUSALS", 10)
    for turn in range(15):
        note("", AccessKind.REQUEST_REFUSED, address=f"192.0.2.{turn}")
    assert len(entries()) == 10


@on_sqlite
def test_nobody_is_answered_the_same_when_no_more_is_noted(nobody: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "MAX_REFUSALS_PER_ADDRESS", 2)
    for _ in range(5):
        assert nobody.post("/login", {"email": "asa@example.com", "password": "fel"}).status_code == 400
    assert len(entries()) == 2


@on_sqlite
def test_someone_who_is_known_is_noted_however_often(viewer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "MAX_REFUSALS_PER_ADDRESS", 2)
    for _ in range(5):
        viewer.get("/settings/shop")
    assert len(entries()) == 5


# Who else was kept out, of people and programs


def half_way_after_too_many_codes(nobody: Browser) -> dict[str, str]:
    asa = make_user(password=PASSWORD, second_factor=second_factor.new_secret())
    nobody.fill_in("/login", email=asa.email, password=PASSWORD)
    with writing():
        db.session.add_all(FailedLogin(email=f"code of {asa.email}", address="192.0.2.8") for _ in range(5))
    return {"csrf_token": nobody.page("/login/code").form("").values()["csrf_token"], "code": "000000"}


def at_the_form_after_too_many_tries(nobody: Browser) -> dict[str, str]:
    current_app.config.update(MAIL_SERVER="127.0.0.1", BASE_URL="http://localhost")
    with writing():
        db.session.add_all(FailedLogin(email=f"{turn}@example.com", address="127.0.0.1") for turn in range(30))
    return {**nobody.page("/forgotten").form("").values(), "email": "asa@example.com"}


def with_a_key_for_products(nobody: Browser) -> dict[str, str]:
    with writing():
        _key, token = api_keys.create("Fortnox", [Scope.PRODUCTS_WRITE], by=SYSTEM)
    return {**SWEDISH, "Authorization": f"Bearer {token}"}


@dataclass(frozen=True)
class RefusedRequest:
    """A request that is refused, what it needs, and the entry that it makes in the log."""

    ask: Callable[[Browser, Any], TestResponse]
    status: int
    entry: tuple[str, dict[str, str]]
    sentence: str
    prepare: Callable[[Browser], Any] = lambda nobody: None


REFUSED_REQUESTS = {
    "too many codes": RefusedRequest(
        lambda nobody, typed: nobody.post("/login/code", typed),
        429,
        ("asa@example.com", {"reason": "too_many"}),
        "En inloggning nekades. Orsak: för många försök",
        half_way_after_too_many_codes,
    ),
    "too many links": RefusedRequest(
        lambda nobody, typed: nobody.post("/forgotten", typed),
        429,
        ("", {"why": "too_many", "asked": "POST /forgotten"}),
        "«POST /forgotten» nekades, eftersom försöken var för många.",
        at_the_form_after_too_many_tries,
    ),
    "a dead link": RefusedRequest(
        lambda nobody, _nothing: nobody.get("/login/abc"),
        303,
        ("", {"why": "link", "asked": "GET /login/…"}),
        "«GET /login/…» nekades, eftersom länken har gått ut, är använd eller aldrig var vår.",
    ),
    "a dead reset": RefusedRequest(
        lambda nobody, _nothing: nobody.get("/password/abc"),
        404,
        ("", {"why": "link", "asked": "GET /password/…"}),
        "«GET /password/…» nekades, eftersom länken har gått ut, är använd eller aldrig var vår.",
    ),
    "no key": RefusedRequest(
        lambda nobody, _nothing: nobody.client.get("/api/v1/orders?limit=1"),
        401,
        ("", {"why": "key", "asked": "GET /api/v1/orders"}),
        "«GET /api/v1/orders» nekades, eftersom det kom utan en nyckel som gäller.",
    ),
    "a wrong key": RefusedRequest(
        lambda nobody, headers: nobody.client.post("/connect/shipping", json={}, headers=headers),
        401,
        ("", {"why": "key", "asked": "POST /connect/shipping"}),
        "«POST /connect/shipping» nekades, eftersom det kom utan en nyckel som gäller.",
        lambda nobody: {"Authorization": "Bearer wso_x"},
    ),
    "another scope": RefusedRequest(
        lambda nobody, headers: nobody.client.get("/api/v1/orders", headers=headers),
        403,
        ("Fortnox", {"why": "scope", "asked": "GET /api/v1/orders", "scope": "orders:read"}),
        "«GET /api/v1/orders» nekades, eftersom nyckeln inte får göra det. Behörighet: orders:read",
        with_a_key_for_products,
    ),
    "another host": RefusedRequest(
        lambda nobody, headers: nobody.client.get("/orders", headers=headers),
        400,
        ("", {"why": "host", "asked": "GET /orders", "name_asked_for": "evil.example"}),
        "«GET /orders» nekades, eftersom det inte gällde ett av våra värdnamn. Efterfrågat namn: evil.example",
        lambda nobody: {"Host": "evil.example"},
    ),
}
each_refused_request = pytest.mark.parametrize("case", REFUSED_REQUESTS.values(), ids=REFUSED_REQUESTS)


def refusals() -> list[AccessEntry]:
    return [entry for entry in entries() if entry.kind in access_log.REFUSALS]


@each_refused_request
def test_a_refused_request_is_recorded(admin: Browser, sign_in: SignIn, case: RefusedRequest) -> None:
    nobody = sign_in(None)
    given = case.prepare(nobody)
    assert case.ask(nobody, given).status_code == case.status
    (entry,) = refusals()
    assert (entry.who, entry.facts, entry.address) == (*case.entry, "127.0.0.1")
    assert case.sentence in admin.page(URL).text


@on_sqlite
@each_refused_request
def test_a_flood_of_strangers_takes_no_lock_that_others_write_under(
    nobody: Browser, monkeypatch: pytest.MonkeyPatch, case: RefusedRequest
) -> None:
    begun: list[str] = []

    def see(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        begun.append(statement)

    monkeypatch.setattr(access_log, "MAX_REFUSALS_PER_ADDRESS", 1)
    given = case.prepare(nobody)
    assert case.ask(nobody, given).status_code == case.status
    event.listen(db.engine, "before_cursor_execute", see)
    assert case.ask(nobody, given).status_code == case.status
    event.remove(db.engine, "before_cursor_execute", see)
    assert "BEGIN" in begun
    assert "BEGIN IMMEDIATE" not in begun
    assert len(refusals()) == 1


# Settings

INTEGRATIONS = "/settings/integrations"
WEBHOOK = f"{INTEGRATIONS}/webhooks/{{id}}"
TEMPLATE = "/settings/templates/order_confirmation/sv"


def nothing() -> int:
    return 0


def some_key() -> int:
    with writing():
        key, _token = api_keys.create("Fortnox", [Scope.ORDERS_READ], by=SYSTEM)
    return key.id


def some_webhook() -> int:
    with writing():
        return webhooks.add("https://erp.example.com/hooks", [WebhookEvent.ORDER_PLACED], by=SYSTEM).id


def some_webhook_that_is_off() -> int:
    webhook_id = some_webhook()
    with writing():
        webhooks.disable(webhooks.lock(webhook_id))
    return webhook_id


def some_connection() -> int:
    with writing():
        connection = connections.add(ConnectionKind.SHOPIFY, "Ljusbutiken", "hemligt")
    return connection.id


def some_template() -> int:
    with writing():
        return mail_templates.save(MessageKind.ORDER_CONFIRMATION, "sv", OWN, by=SYSTEM).id


def some_requirement() -> int:
    reshape_shop(requires_second_factor=True)
    return 0


@dataclass(frozen=True)
class Change:
    """A form of Konfiguration, the values typed, and the entry in the log; `{id}` is the id that `prepare` returned."""

    endpoint: str
    page: str
    action: str
    typed: dict[str, object] = field(default_factory=dict)
    prepare: Callable[[], int] = nothing
    fields: dict[str, tuple[object, object]] = field(default_factory=dict)
    sentence: str = ""


CHANGES = [
    Change(
        "settings.change_shop",
        "/settings/shop",
        "/settings/shop",
        {"name": "Ljus & Linne", "rounds_to_whole_kronor": None},
        fields={"name": ("webshop-orders", "Ljus & Linne"), "rounds_to_whole_kronor": (True, False)},
        sentence="Butik ändrades. Butikens namn: webshop-orders → Ljus & Linne",
    ),
    Change(
        "settings.change_mail",
        "/settings/mail",
        "/settings/mail",
        {"sender_name": "Åsa"},
        fields={"sender_name": (None, "Åsa")},
        sentence="E-post ändrades. Avsändarens namn: – → Åsa",
    ),
    Change(
        "settings.save_carrier",
        "/settings/carriers",
        "/settings/carriers",
        {"name": "Egen", "pattern": "https://x.example/{code}"},
        sentence="Transportörer ändrades. Transportörer: – → Egen https://x.example/{code}",
    ),
    Change(
        "settings.remove_carrier",
        "/settings/carriers",
        "/settings/carriers/removal",
        {"name": "DHL"},
        sentence="Transportörer: DHL https://www.dhl.com/se-sv/home/tracking.html?tracking-id={code} → –",
    ),
    Change(
        "mail_templates.save",
        TEMPLATE,
        TEMPLATE,
        {"subject": "Tack för din order"},
        fields={"kind": (None, "order_confirmation"), "language": (None, "sv")},
        sentence="Utskicksmall lades till. Slag: Orderbekräftelse",
    ),
    Change("mail_templates.reset", TEMPLATE, f"{TEMPLATE}/reset", prepare=some_template, sentence="Utskicksmall"),
    Change(
        "integrations.make_key",
        INTEGRATIONS,
        f"{INTEGRATIONS}/keys",
        {"name": "Fortnox", "scopes": "orders:read"},
        fields={"scopes": (None, ["orders:read"])},
        sentence="API-nyckel Fortnox lades till. Får: orders:read Nyckeln: ny, och visas inte här",
    ),
    Change(
        "integrations.revoke_key",
        INTEGRATIONS,
        f"{INTEGRATIONS}/keys/{{id}}/revocation",
        prepare=some_key,
        sentence="API-nyckel Fortnox ändrades. Återkallad: – →",
    ),
    Change(
        "integrations.add_webhook",
        INTEGRATIONS,
        f"{INTEGRATIONS}/webhooks",
        {"url": "https://erp.example.com/hooks", "events": "order.placed"},
        fields={"url": (None, "https://erp.example.com/hooks"), "events": (None, ["order.placed"])},
        sentence="Webhook https://erp.example.com/hooks lades till. Får veta: order.placed",
    ),
    Change(
        "webhooks.change",
        WEBHOOK,
        WEBHOOK,
        {"url": "https://erp.example.com/new", "events": ["order.placed", "order.cancelled"]},
        some_webhook,
        fields={
            "url": ("https://erp.example.com/hooks", "https://erp.example.com/new"),
            "events": (["order.placed"], ["order.placed", "order.cancelled"]),
        },
        sentence="Får veta: – → order.cancelled",
    ),
    Change(
        "webhooks.rotate_secret",
        WEBHOOK,
        f"{WEBHOOK}/secret",
        prepare=some_webhook,
        sentence="Hemligheten: ny, och visas inte här",
    ),
    Change("webhooks.disable", WEBHOOK, f"{WEBHOOK}/disabling", prepare=some_webhook, sentence="Avstängd: – →"),
    Change("webhooks.enable", WEBHOOK, f"{WEBHOOK}/enabling", prepare=some_webhook_that_is_off, sentence="→ –"),
    Change(
        "webhooks.remove",
        WEBHOOK,
        f"{WEBHOOK}/removal",
        prepare=some_webhook,
        fields={"url": ("https://erp.example.com/hooks", None), "events": (["order.placed"], None)},
        sentence="Webhook https://erp.example.com/hooks togs bort. Får veta: order.placed",
    ),
    Change(
        "integrations.connect_shop",
        INTEGRATIONS,
        f"{INTEGRATIONS}/shops",
        {"kind": "woocommerce", "name": "Ljusbutiken", "secret": "hemligt"},
        fields={"kind": (None, "woocommerce"), "prefix": (None, "wc-")},
        sentence="Ansluten butik Ljusbutiken lades till.",
    ),
    Change(
        "integrations.disconnect_shop",
        INTEGRATIONS,
        f"{INTEGRATIONS}/shops/{{id}}/disconnection",
        prepare=some_connection,
        sentence="Ansluten butik Ljusbutiken ändrades. Frånkopplad: – →",
    ),
    Change(
        "second_factor_requirement.change",
        "/settings/second-factor",
        "/settings/second-factor",
        {"required": None},
        some_requirement,
        fields={"requires_second_factor": (True, False)},
        sentence="Användare ändrades.",
    ),
]
# These try, show or send something, and leave the configuration as it is.
CHANGE_NOTHING = {
    "mail_templates.findings",
    "mail_templates.insert",
    "mail_templates.preview",
    "mail_templates.send_test",
    "webhooks.queue_again",
}
# These are noted in their own way: tests/web/test_users.py, tests/web/test_personal_data.py.
NOTED_OTHERWISE = {
    "personal_data.change_retention",
    "personal_data.erase",
    "personal_data.export",
    "personal_data.find",
    "users.activate",
    "users.change",
    "users.deactivate",
    "users.end_sessions",
    "users.invite",
    "users.remove_second_factor",
    "users.send_link",
}
SECRETS = ("hemligt", "wso_", "whsec_")


def each_change(only: Callable[[Change], bool] = lambda change: True) -> pytest.MarkDecorator:
    chosen = [change for change in CHANGES if only(change)]
    return pytest.mark.parametrize("change", chosen, ids=[change.endpoint for change in chosen])


def carry_out(admin: Browser, change: Change, *, htmx: bool = False) -> int:
    made = change.prepare()
    assert entries() == []
    page, action = change.page.format(id=made), change.action.format(id=made)
    values: dict[str, object] = {**admin.page(page).form(page if "reset" in action else action).values()}
    return admin.post(action, {**values, **change.typed}, htmx=htmx).status_code


def test_the_table_has_every_form_of_the_administrators(app: Flask) -> None:
    forms = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    of_administrators = {endpoint for endpoint in forms if MINIMUM_ROLES.get(endpoint) is Role.ADMIN}
    assert of_administrators == {change.endpoint for change in CHANGES} | CHANGE_NOTHING | NOTED_OTHERWISE


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
@each_change()
def test_a_change_of_the_configuration_is_noted_with_before_and_after(
    admin: Browser, change: Change, htmx: bool
) -> None:
    assert carry_out(admin, change, htmx=htmx) in {200, 303}
    (entry,) = entries(AccessKind.SETTINGS_CHANGED)
    assert (entry.who, entry.address) == ("Admin Berg", "127.0.0.1")
    fields = entry.facts["fields"]
    assert {
        name: (values["before"], values["after"]) for name, values in fields.items()
    } == change.fields or not change.fields
    page = admin.page(URL)
    assert change.sentence in page.text
    assert not [secret for secret in SECRETS if secret in str(entry.facts) or secret in page.html]


@each_change(
    lambda change: change.endpoint in {"integrations.add_webhook", "settings.change_shop", "integrations.connect_shop"}
)
def test_it_is_noted_on_either_database(admin: Browser, change: Change) -> None:
    assert carry_out(admin, change) == 303
    assert len(entries()) == 1
    assert change.sentence in admin.page(URL).text


@on_sqlite
@each_change(lambda change: bool(change.typed))
def test_what_is_refused_or_changes_nothing_is_not_noted(admin: Browser, change: Change) -> None:
    made = change.prepare()
    page, action = change.page.format(id=made), change.action.format(id=made)
    values = admin.page(page).form(action).values()
    for typed in (dict.fromkeys(change.typed, "\x00"), {}):
        if typed or not action.endswith("removal"):
            assert admin.post(action, {**values, **typed}).status_code in {200, 303, 422}
    assert entries() == []


def test_every_column_of_the_configuration_is_told_or_withheld_or_left_out() -> None:
    for model, untold in setting_changes.NOT_AUDITED.items():
        parts = [part for part in setting_changes.AUDITED if part.model is model]
        fields = [name for part in parts for name in part.logged + part.withheld]
        assert sorted(fields) == sorted({column.name for column in model.__table__.columns} - untold), model


def test_every_kind_part_and_field_has_its_words() -> None:
    assert set(access_descriptions.KINDS) == set(access_descriptions.SENTENCES) == set(AccessKind)
    assert set(access_descriptions.PARTS) == {part.name for part in setting_changes.AUDITED}
    fields = {name for part in setting_changes.AUDITED for name in part.logged + part.withheld}
    assert fields <= set(access_descriptions.FIELDS)


# The page


def shown(page: Page) -> int:
    return len([one for one in page.ids if one.startswith("access-") and one.removeprefix("access-").isdigit()])


@on_sqlite
def test_an_empty_log_says_so(admin: Browser) -> None:
    assert "Inget har hänt än." in admin.page(URL).text
    assert "Inget i loggen ser ut så." in admin.page(f"{URL}?q=asa").text
    assert "Åtkomst" in admin.page("/settings/shop").buttons


@on_sqlite
@pytest.mark.parametrize("q", ["%", "_", "\\", "'", '"', "å" * 500, "\x00", "\ud800"])
@pytest.mark.parametrize("rest", ["", "&kind=nonsense&before=99999999999999999999999", "&before=-1&kind=signed_in"])
def test_no_words_break_the_search(admin: Browser, q: str, rest: str) -> None:
    quoted = "".join(f"%{byte:02X}" for byte in q.encode("utf-8", "surrogatepass"))
    assert admin.get(f"{URL}?q={quoted}{rest}").status_code == 200


@on_sqlite
@pytest.mark.parametrize("kind", list(AccessKind))
def test_every_kind_is_told_whatever_is_known_of_it(admin: Browser, kind: AccessKind) -> None:
    facts = {"part": "elsewhere", "what": "changed"} if kind is AccessKind.SETTINGS_CHANGED else {}
    more = {"device": "<b>lösenord</b>", "role": {"before": "viewer", "after": "staff"}, "times": 3, "gone": None}
    note("", kind, **facts)
    note("<b>Åsa</b>", kind, **facts, **more)
    page = admin.page(URL)
    for words in ("inte inloggad", "device: <b>lösenord</b>", "Roll: Läsare → Personal", "times: 3", "192.0.2.7"):
        assert words in page.text, words
    assert "gone" not in page.text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", 3),
        ("?q=asa", 1),
        ("?q=ÅSA+öberg", 1),
        ("?q=oberg", 2),
        ("?q=nils%40example", 1),
        ("?q=%25", 0),
        ("?kind=signed_in", 2),
        ("?kind=sign_in_refused", 1),
        ("?kind=settings_changed", 0),
        ("?kind=signed_in&q=nils", 0),
    ],
)
def test_it_is_searched_by_who_and_filtered_by_kind(admin: Browser, asked: str, found: int) -> None:
    note("Åsa Öberg")
    note("Bo Öberg")
    note("nils@example.com", AccessKind.SIGN_IN_REFUSED)
    assert shown(admin.page(URL + asked)) == found


@on_sqlite
def test_pages_follow_each_other_without_a_gap(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log_search, "PAGE", 2)
    for turn in range(5):
        note(f"Nummer {turn}")
    seen, address = [], f"{URL}?kind=signed_in"
    while address:
        page = admin.page(address)
        seen += [turn for turn in range(5) if f"Nummer {turn}" in page.text]
        address = next((link for link in page.links if "before=" in link), "")
        assert not address or "kind=signed_in" in address
    assert sorted(seen) == [0, 1, 2, 3, 4]


def test_what_is_older_than_four_hundred_days_is_forgotten(app: Flask) -> None:
    note("Åsa")
    note("Bo")
    with writing():
        db.session.scalars(select(AccessEntry)).first().at = now() - timedelta(days=401)
    delete_expired()
    assert [entry.who for entry in entries()] == ["Bo"]
