"""Konfiguration, Åtkomst: entries for refusals and changes of settings, and the page that shows them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.factories import make_user, reshape_shop
from tests.statements import executed
from tests.web.conftest import SWEDISH, Browser, SignIn, on_sqlite
from tests.web.pages import Page
from webshop_orders.clock import now
from webshop_orders.db import paging
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
from webshop_orders.operations.audit import access_log
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
    rows = db.session.scalars(select(AccessEntry).order_by(AccessEntry.id)).all()
    return [entry for entry in rows if kind in {None, entry.kind}]


def record_entry(who: str = "Åsa Öberg", kind: AccessKind = AccessKind.SIGNED_IN, **values: Any) -> None:
    with writing():
        access_log.record(kind, who, **{"address": "192.0.2.7", **values})


# Refusals


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_a_forbidden_request_is_recorded_with_user_and_path(viewer: Browser, order: Order, htmx: bool) -> None:
    action = f"/orders/{order.number}/comments"
    viewer.post(action, {"csrf_token": viewer.token(), "text": "Hej"}, htmx=htmx)
    (entry,) = entries(AccessKind.REQUEST_REFUSED)
    assert (entry.who, entry.address) == ("Viewer Berg", "127.0.0.1")
    assert entry.facts == {"why": "role", "asked": f"POST {action}"}
    assert entry.user_id is not None


def test_a_form_without_a_csrf_token_is_recorded(staff: Browser, nobody: Browser, order: Order) -> None:
    staff.post(f"/orders/{order.number}/comments", {"text": "Hej"})
    nobody.post("/login", {"email": "asa@example.com", "password": "hemligt"})
    staff_entry, anonymous_entry = entries(AccessKind.REQUEST_REFUSED)
    assert (staff_entry.who, staff_entry.facts["why"]) == ("Staff Berg", "origin")
    assert (anonymous_entry.who, anonymous_entry.facts["asked"]) == ("", "POST /login")
    assert "hemligt" not in str(anonymous_entry.facts)


def test_an_overlong_path_with_control_characters_is_recorded_shortened(viewer: Browser, admin: Browser) -> None:
    assert viewer.get("/settings/templates/%00%ED%A0%80/" + "x" * 5000).status_code == 403
    (entry,) = entries(AccessKind.REQUEST_REFUSED)
    assert entry.facts["asked"].startswith("GET /settings/templates/")
    assert len(entry.facts["asked"]) <= access_log.MAX_LENGTH
    admin.page(URL)


def test_a_request_is_refused_even_if_the_log_cannot_be_written(
    viewer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **facts: Any) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(access_log, "record", fail)
    assert viewer.get("/settings/shop").status_code == 403
    assert viewer.get("/orders").status_code == 200


def test_refusals_of_one_ip_address_are_recorded_up_to_a_limit_per_hour(app: Flask, time_machine: Any) -> None:
    time_machine.move_to(now(), tick=False)
    kinds = (AccessKind.REQUEST_REFUSED, AccessKind.SIGN_IN_REFUSED)
    with writing():
        for turn in range(access_log.MAX_REFUSALS_PER_ADDRESS + 20):
            access_log.record(kinds[turn % 2], "", address="192.0.2.7")
            db.session.flush()
    assert len(entries()) == access_log.MAX_REFUSALS_PER_ADDRESS
    record_entry("", AccessKind.REQUEST_REFUSED, address="192.0.2.8")
    record_entry("Åsa Öberg", AccessKind.SIGNED_IN)
    assert len(entries()) == access_log.MAX_REFUSALS_PER_ADDRESS + 2
    time_machine.shift(timedelta(hours=1, seconds=1))
    record_entry("", AccessKind.REQUEST_REFUSED)
    assert len(entries()) == access_log.MAX_REFUSALS_PER_ADDRESS + 3


def test_refusals_of_all_ip_addresses_are_recorded_up_to_a_limit_per_hour(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "MAX_REFUSALS", 10)
    for turn in range(15):
        record_entry("", AccessKind.REQUEST_REFUSED, address=f"192.0.2.{turn}")
    assert len(entries()) == 10


@on_sqlite
def test_a_refusal_beyond_the_limit_gets_the_same_response(nobody: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "MAX_REFUSALS_PER_ADDRESS", 2)
    for _ in range(5):
        assert nobody.post("/login", {"email": "asa@example.com", "password": "fel"}).status_code == 400
    assert len(entries()) == 2


@on_sqlite
def test_refusals_of_a_signed_in_user_are_recorded_without_a_limit(
    viewer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "MAX_REFUSALS_PER_ADDRESS", 2)
    for _ in range(5):
        viewer.get("/settings/shop")
    assert len(entries()) == 5


# Other refused requests of people and programs


def sign_in_blocked_by_wrong_codes(nobody: Browser) -> dict[str, str]:
    asa = make_user(password=PASSWORD, second_factor=second_factor.new_secret())
    nobody.fill_in("/login", email=asa.email, password=PASSWORD)
    with writing():
        db.session.add_all(FailedLogin(email=f"code of {asa.email}", address="192.0.2.8") for _ in range(5))
    return {"csrf_token": nobody.page("/login/code").form("").values()["csrf_token"], "code": "000000"}


def reset_form_blocked_by_attempts(nobody: Browser) -> dict[str, str]:
    current_app.config.update(MAIL_SERVER="127.0.0.1", BASE_URL="http://localhost")
    with writing():
        db.session.add_all(FailedLogin(email=f"{turn}@example.com", address="127.0.0.1") for turn in range(30))
    return {**nobody.page("/forgotten").form("").values(), "email": "asa@example.com"}


def headers_with_key_for_products(nobody: Browser) -> dict[str, str]:
    with writing():
        _key, token = api_keys.create("Fortnox", [Scope.PRODUCTS_WRITE], by=SYSTEM)
    return {**SWEDISH, "Authorization": f"Bearer {token}"}


@dataclass(frozen=True)
class RefusedRequest:
    """A request that is refused, its preparation, and its entry in the log."""

    send: Callable[[Browser, Any], TestResponse]
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
        sign_in_blocked_by_wrong_codes,
    ),
    "too many links": RefusedRequest(
        lambda nobody, typed: nobody.post("/forgotten", typed),
        429,
        ("", {"why": "too_many", "asked": "POST /forgotten"}),
        "«POST /forgotten» nekades, eftersom försöken var för många.",
        reset_form_blocked_by_attempts,
    ),
    "a dead link": RefusedRequest(
        lambda nobody, _prepared: nobody.get("/login/abc"),
        303,
        ("", {"why": "link", "asked": "GET /login/…"}),
        "«GET /login/…» nekades, eftersom länken har gått ut, är använd eller aldrig var vår.",
    ),
    "a dead reset": RefusedRequest(
        lambda nobody, _prepared: nobody.get("/password/abc"),
        404,
        ("", {"why": "link", "asked": "GET /password/…"}),
        "«GET /password/…» nekades, eftersom länken har gått ut, är använd eller aldrig var vår.",
    ),
    "no key": RefusedRequest(
        lambda nobody, _prepared: nobody.client.get("/api/v1/orders?limit=1"),
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
        headers_with_key_for_products,
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
    prepared = case.prepare(nobody)
    assert case.send(nobody, prepared).status_code == case.status
    (entry,) = refusals()
    assert (entry.who, entry.facts, entry.address) == (*case.entry, "127.0.0.1")
    assert case.sentence in admin.page(URL).text


@on_sqlite
@each_refused_request
def test_refusals_beyond_the_limit_do_not_lock_the_database(
    nobody: Browser, monkeypatch: pytest.MonkeyPatch, case: RefusedRequest
) -> None:
    monkeypatch.setattr(access_log, "MAX_REFUSALS_PER_ADDRESS", 1)
    prepared = case.prepare(nobody)
    assert case.send(nobody, prepared).status_code == case.status
    with executed() as statements:
        assert case.send(nobody, prepared).status_code == case.status
    assert statements
    assert "BEGIN IMMEDIATE" not in {statement.sql for statement in statements}
    assert len(refusals()) == 1


# Settings

INTEGRATIONS = "/settings/integrations"
WEBHOOK = f"{INTEGRATIONS}/webhooks/{{id}}"
TEMPLATE = "/settings/templates/order_confirmation/sv"


def no_preparation() -> int:
    return 0


def create_key() -> int:
    with writing():
        key, _token = api_keys.create("Fortnox", [Scope.ORDERS_READ], by=SYSTEM)
    return key.id


def create_webhook() -> int:
    with writing():
        return webhooks.add("https://erp.example.com/hooks", [WebhookEvent.ORDER_PLACED], by=SYSTEM).id


def create_disabled_webhook() -> int:
    webhook_id = create_webhook()
    with writing():
        webhooks.disable(webhooks.lock(webhook_id))
    return webhook_id


def create_connection() -> int:
    with writing():
        connection = connections.add(ConnectionKind.SHOPIFY, "Ljusbutiken", "hemligt")
    return connection.id


def create_template() -> int:
    with writing():
        return mail_templates.save(MessageKind.ORDER_CONFIRMATION, "sv", OWN, by=SYSTEM).id


def require_second_factor() -> int:
    reshape_shop(requires_second_factor=True)
    return 0


@dataclass(frozen=True)
class Change:
    """A form of Konfiguration, the values typed, and the entry in the log; `{id}` is the id that `prepare` returned."""

    endpoint: str
    page: str
    action: str
    typed: dict[str, object] = field(default_factory=dict)
    prepare: Callable[[], int] = no_preparation
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
        "settings.change_holds",
        "/settings/holds",
        "/settings/holds",
        {"unpaid": "yes", "total_over": "5000"},
        fields={"hold_rules": ([], ["unpaid", "high_total 500000"])},
        sentence="Pauser ändrades. Pausa nya ordrar automatiskt: – → inte betald, hög summa > 5 000,00 kr",
    ),
    Change(
        "settings.change_dispatch_checks",
        "/settings/dispatch-checks",
        "/settings/dispatch-checks",
        {"house_number": "yes", "phone": "yes"},
        fields={"dispatch_checks": ([], ["house_number", "phone"])},
        sentence="Kontroller före utleverans ändrades. Kontrollera före utleverans: – → husnummer saknas, "
        "telefonnummer saknas, vilket transportören kräver",
    ),
    Change(
        "settings.change_printing",
        "/settings/printing",
        "/settings/printing",
        {"sender_address": "Box 1", "slip_text_sv": "Tack!", "slip_shows_prices": "yes"},
        fields={
            "sender_address": (None, "Box 1"),
            "slip_text_sv": (None, "Tack!"),
            "slip_shows_prices": (False, True),
        },
        sentence="Utskrifter ändrades. Butikens adress på etiketter och kreditnotor: – → Box 1 "
        "Text på packsedlar på svenska: – → Tack! Visa priser på packsedlar: nej → ja",
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
        sentence="Transportörer: DHL https://www.dhl.com/se-sv/home/tracking.html?tracking-id={code} "
        "@@#########DE S10, JJD*(8-29), JD#(16-20), JVGL*(8-29), ########## → –",
    ),
    Change(
        "mail_templates.save",
        TEMPLATE,
        TEMPLATE,
        {"subject": "Tack för din order"},
        fields={"kind": (None, "order_confirmation"), "language": (None, "sv")},
        sentence="Utskicksmall lades till. Slag: Orderbekräftelse",
    ),
    Change("mail_templates.reset", TEMPLATE, f"{TEMPLATE}/reset", prepare=create_template, sentence="Utskicksmall"),
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
        prepare=create_key,
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
        create_webhook,
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
        prepare=create_webhook,
        sentence="Hemligheten: ny, och visas inte här",
    ),
    Change("webhooks.disable", WEBHOOK, f"{WEBHOOK}/disabling", prepare=create_webhook, sentence="Avstängd: – →"),
    Change("webhooks.enable", WEBHOOK, f"{WEBHOOK}/enabling", prepare=create_disabled_webhook, sentence="→ –"),
    Change(
        "webhooks.remove",
        WEBHOOK,
        f"{WEBHOOK}/removal",
        prepare=create_webhook,
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
        prepare=create_connection,
        sentence="Ansluten butik Ljusbutiken ändrades. Frånkopplad: – →",
    ),
    Change(
        "shops.change",
        f"{INTEGRATIONS}/shops/{{id}}",
        f"{INTEGRATIONS}/shops/{{id}}",
        {"other_statuses": "klar-att-hämta = skickad", "mail_max_age_days": "14"},
        create_connection,
        fields={"status_map": ([], ["klar-att-hämta = shipped"]), "mail_max_age_days": (30, 14)},
        sentence="Ansluten butik Ljusbutiken ändrades. Statusar: –",
    ),
    Change(
        "incoming_calls.change_retention",
        f"{INTEGRATIONS}/calls",
        f"{INTEGRATIONS}/calls/retention",
        {"incoming_call_days": "7"},
        fields={"incoming_call_days": (30, 7)},
        sentence="Inkommande anrop ändrades. Dagar som inkommande anrop sparas: 30 → 7",
    ),
    Change(
        "second_factor_requirement.change",
        "/settings/second-factor",
        "/settings/second-factor",
        {"required": None},
        require_second_factor,
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
# Their entries are tested in test_users.py, test_personal_data.py and test_printing.py; products have a history.
RECORDED_OTHERWISE = {
    "personal_data.change_retention",
    "personal_data.erase",
    "personal_data.export",
    "personal_data.find",
    "products.change_price",
    "settings.change_logo",
    "settings.remove_logo",
    "users.activate",
    "users.change",
    "users.deactivate",
    "users.end_sessions",
    "users.invite",
    "users.remove_second_factor",
    "users.send_link",
}
SECRETS = ("hemligt", "wso_", "whsec_")


def each_change(condition: Callable[[Change], bool] = lambda change: True) -> pytest.MarkDecorator:
    changes = [change for change in CHANGES if condition(change)]
    return pytest.mark.parametrize("change", changes, ids=[change.endpoint for change in changes])


def submit_change(admin: Browser, change: Change, *, htmx: bool = False) -> int:
    prepared_id = change.prepare()
    assert entries() == []
    page, action = change.page.format(id=prepared_id), change.action.format(id=prepared_id)
    values: dict[str, object] = {**admin.page(page).form(page if "reset" in action else action).values()}
    return admin.post(action, {**values, **change.typed}, htmx=htmx).status_code


def test_the_table_has_every_form_of_the_administrators(app: Flask) -> None:
    forms = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    admin_forms = {endpoint for endpoint in forms if MINIMUM_ROLES.get(endpoint) is Role.ADMIN}
    assert admin_forms == {change.endpoint for change in CHANGES} | CHANGE_NOTHING | RECORDED_OTHERWISE


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
@each_change()
def test_a_change_of_the_configuration_is_recorded_with_both_values(admin: Browser, change: Change, htmx: bool) -> None:
    assert submit_change(admin, change, htmx=htmx) in {200, 303}
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
def test_a_change_is_recorded_on_both_databases(admin: Browser, change: Change) -> None:
    assert submit_change(admin, change) == 303
    assert len(entries()) == 1
    assert change.sentence in admin.page(URL).text


@on_sqlite
@each_change(lambda change: bool(change.typed))
def test_a_refused_change_or_one_without_effect_is_not_recorded(admin: Browser, change: Change) -> None:
    prepared_id = change.prepare()
    page, action = change.page.format(id=prepared_id), change.action.format(id=prepared_id)
    values = admin.page(page).form(action).values()
    has_ticks_alone = change.endpoint == "settings.change_dispatch_checks"  # of which none is refused
    for typed in ({} if has_ticks_alone else dict.fromkeys(change.typed, "\x00"), {}):
        if typed or not action.endswith("removal"):
            assert admin.post(action, {**values, **typed}).status_code in {200, 303, 422}
    assert entries() == []


def test_every_column_of_the_configuration_is_logged_withheld_or_excluded() -> None:
    for model, excluded in setting_changes.NOT_AUDITED.items():
        parts = [part for part in setting_changes.AUDITED if part.model is model]
        fields = [name for part in parts for name in part.logged + part.withheld]
        assert sorted(fields) == sorted({column.name for column in model.__table__.columns} - excluded), model


def test_every_kind_part_and_field_has_a_description() -> None:
    assert set(access_descriptions.KINDS) == set(access_descriptions.SENTENCES) == set(AccessKind)
    assert set(access_descriptions.PARTS) == {part.name for part in setting_changes.AUDITED}
    fields = {name for part in setting_changes.AUDITED for name in part.logged + part.withheld}
    assert fields <= set(access_descriptions.FIELDS)


# The page


def count_entries(page: Page) -> int:
    return len(
        [
            element_id
            for element_id in page.ids
            if element_id.startswith("access-") and element_id.removeprefix("access-").isdigit()
        ]
    )


@on_sqlite
def test_an_empty_log_says_so(admin: Browser) -> None:
    assert "Inget har hänt än." in admin.page(URL).text
    assert "Inget i loggen ser ut så." in admin.page(f"{URL}?q=asa").text
    assert "Åtkomst" in admin.page("/settings/shop").buttons


@on_sqlite
@pytest.mark.parametrize("q", ["%", "_", "\\", "'", '"', "å" * 500, "\x00", "\ud800"])
@pytest.mark.parametrize(
    "other_arguments", ["", "&kind=nonsense&before=99999999999999999999999", "&before=-1&kind=signed_in"]
)
def test_unusual_search_arguments_do_not_break_the_page(admin: Browser, q: str, other_arguments: str) -> None:
    quoted = "".join(f"%{byte:02X}" for byte in q.encode("utf-8", "surrogatepass"))
    assert admin.get(f"{URL}?q={quoted}{other_arguments}").status_code == 200


@on_sqlite
@pytest.mark.parametrize("kind", list(AccessKind))
def test_an_entry_with_missing_or_unexpected_facts_is_shown(admin: Browser, kind: AccessKind) -> None:
    facts = {"part": "elsewhere", "what": "changed"} if kind is AccessKind.SETTINGS_CHANGED else {}
    unexpected_facts = {
        "device": "<b>lösenord</b>",
        "role": {"before": "viewer", "after": "staff"},
        "times": 3,
        "gone": None,
    }
    record_entry("", kind, **facts)
    record_entry("<b>Åsa</b>", kind, **facts, **unexpected_facts)
    page = admin.page(URL)
    for words in ("inte inloggad", "device: <b>lösenord</b>", "Roll: Läsare → Personal", "times: 3", "192.0.2.7"):
        assert words in page.text, words
    assert "gone" not in page.text


@pytest.mark.parametrize(
    ("query", "expected_count"),
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
def test_entries_are_searched_by_user_and_filtered_by_kind(admin: Browser, query: str, expected_count: int) -> None:
    record_entry("Åsa Öberg")
    record_entry("Bo Öberg")
    record_entry("nils@example.com", AccessKind.SIGN_IN_REFUSED)
    assert count_entries(admin.page(URL + query)) == expected_count


@on_sqlite
def test_pages_have_no_gap_or_repeat(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE", 2)
    for turn in range(5):
        record_entry(f"Nummer {turn}")
    numbers, address = [], f"{URL}?kind=signed_in"
    while address:
        page = admin.page(address)
        numbers += [turn for turn in range(5) if f"Nummer {turn}" in page.text]
        address = next((link for link in page.links if "before=" in link), "")
        assert not address or "kind=signed_in" in address
    assert sorted(numbers) == [0, 1, 2, 3, 4]


def test_entries_older_than_400_days_are_deleted(app: Flask) -> None:
    record_entry("Åsa")
    record_entry("Bo")
    with writing():
        db.session.scalars(select(AccessEntry).where(AccessEntry.who == "Åsa")).one().at = now() - timedelta(days=401)
    delete_expired()
    assert [entry.who for entry in entries()] == ["Bo"]
