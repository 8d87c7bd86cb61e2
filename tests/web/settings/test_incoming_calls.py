"""Konfiguration, Integrationer, incoming calls: the log, one call, trying again and laying aside."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from tests.connectors.payloads import WOO, woo
from tests.connectors.sending import SECRET, send_woo
from tests.web.conftest import Browser, SignIn, on_sqlite
from tests.web.orders.test_budgets import counting
from webshop_orders.clock import now
from webshop_orders.connectors.incoming.receiving import adapter_of
from webshop_orders.db import paging
from webshop_orders.db.extensions import db
from webshop_orders.models import CallOutcome, Connection, ConnectionKind, IncomingCall, Role
from webshop_orders.operations.audit import incoming_calls
from webshop_orders.operations.settings import connections
from webshop_orders.transactions.unit_of_work import writing

URL = "/settings/integrations/calls"
SHOP_URL = "/settings/integrations/shops"


@pytest.fixture
def connection(app: Flask) -> Connection:
    with writing():
        return connections.add(ConnectionKind.WOOCOMMERCE, "Ljusbutiken", SECRET)


def stored_calls() -> list[IncomingCall]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(IncomingCall).order_by(IncomingCall.id)))


def store_calls(count: int, outcome: CallOutcome = CallOutcome.UNCHANGED, **values: Any) -> None:
    row = {"received_at": now(), "source": "woocommerce", "outcome": outcome, "body": "{}", **values}
    with writing():
        db.session.execute(insert(IncomingCall), [row | {"reference": f"wc-{number}"} for number in range(count)])


@pytest.fixture
def waiting(app: Flask, connection: Connection) -> IncomingCall:
    send_woo(app.test_client(), woo(status="egen"), "order.created")
    (call,) = stored_calls()
    return call


@on_sqlite
def test_the_log_names_shop_topic_order_outcome_and_reason(app: Flask, connection: Connection, staff: Browser) -> None:
    send_woo(app.test_client(), WOO, "order.created")
    send_woo(app.test_client(), woo(id=728, status="egen"))
    page = staff.page(URL)
    for shown in ("Ljusbutiken", "order.created", "WS-100001", "Order lagd", "wc-728", "Ej mottaget", "«egen»"):
        assert shown in page.text, shown
    only_placed = staff.page(f"{URL}?outcome=placed").text
    assert "WS-100001" in only_placed
    assert "wc-728" not in only_placed


@on_sqlite
def test_a_call_is_shown_with_its_body_and_order(app: Flask, connection: Connection, staff: Browser) -> None:
    send_woo(app.test_client(), WOO, "order.created")
    page = staff.page(f"{URL}/{stored_calls()[0].id}")
    assert "Åsa" in page.text
    assert '"payment_method": "kco"' in page.text
    assert page.select("a[href='/orders/WS-100001']")
    assert staff.get(f"{URL}/4711").status_code == 404


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_a_call_is_tried_again_after_the_status_was_given_a_meaning(
    waiting: IncomingCall, admin: Browser, htmx: bool
) -> None:
    url = f"{URL}/{waiting.id}"
    assert "Ingen har sagt vad statusen «egen» betyder" in admin.page(url).text
    unchanged = admin.send(url, f"{url}/retry", htmx=True)
    assert "inte tas emot den här gången heller" in unchanged.text

    shop = f"{SHOP_URL}/{waiting.connection_id}"
    assert admin.send(shop, shop, htmx=htmx, other_statuses="egen = lagd").status_code in {200, 303}
    admin.send(url, f"{url}/retry", htmx=htmx)

    (call,) = stored_calls()
    assert (call.outcome, call.order_id is not None) == (CallOutcome.PLACED, True)
    assert "WS-100001" in admin.page(url).text
    assert not admin.page(url).select("#call-retry")


def _is_count_hidden(browser: Browser) -> bool:
    """Whether the inbox, as the navigation counts it, is empty."""
    return "hidden" in browser.page("/orders").select("#inbox-count")[0].attrib


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_a_call_is_laid_aside_and_the_count_goes_down(waiting: IncomingCall, staff: Browser, htmx: bool) -> None:
    assert not _is_count_hidden(staff)
    staff.send(f"{URL}/{waiting.id}", f"{URL}/{waiting.id}/settlement", htmx=htmx)
    assert _is_count_hidden(staff)
    assert stored_calls()[0].outcome is CallOutcome.IGNORED
    again = staff.post(f"{URL}/{waiting.id}/settlement", {"csrf_token": staff.token()}, htmx=True)
    assert again.status_code == 200


@on_sqlite
def test_all_that_wait_are_tried_again_at_once(app: Flask, connection: Connection, admin: Browser) -> None:
    for number in range(3):
        send_woo(app.test_client(), woo(id=800 + number, status="egen"))
    send_woo(app.test_client(), woo(id=900, total="mycket"))
    with writing():
        connections.change(connection.id, {"status_map": {"egen": "placed"}})
    assert "3 av 4 anrop togs emot." in admin.send(URL, f"{URL}/retry", htmx=True).text
    assert incoming_calls.count_not_taken() == 1


@on_sqlite
def test_only_staff_see_calls_and_only_administrators_set_how_long_they_are_kept(
    waiting: IncomingCall, sign_in: SignIn
) -> None:
    for role, status in ((Role.VIEWER, 403), (Role.WAREHOUSE, 403), (Role.STAFF, 200), (Role.ADMIN, 200)):
        browser = sign_in(role)
        assert browser.get(URL).status_code == status
        assert browser.get(f"{URL}/{waiting.id}").status_code == status
        assert (status == 200) is (role.includes(Role.STAFF) and not _is_count_hidden(browser))
        assert (f"{URL}/retention" in browser.get(URL).text) is (role is Role.ADMIN)


@on_sqlite
def test_a_wrong_number_of_days_is_refused_at_the_field(admin: Browser) -> None:
    response = admin.send(URL, f"{URL}/retention", incoming_call_days="0")
    assert response.status_code == 422
    assert "Ange ett heltal från 1 till 365." in response.text


@on_sqlite
def test_the_log_is_paged_and_costs_the_same_for_any_number_of_calls(connection: Connection, staff: Browser) -> None:
    store_calls(3, connection_id=connection.id)
    with counting() as few:
        staff.get(URL, htmx=True)
    store_calls(120, connection_id=connection.id)
    with counting() as many:
        page = staff.page(URL)
    assert len(many) == len(few) <= 4
    assert len(page.select("tr[id^=call-]")) == paging.PAGE
    (earlier,) = [link for link in page.select("nav.pages a") if "before" in link.get("href")]
    assert len(staff.page(earlier.get("href")).select("tr[id^=call-]")) == paging.PAGE


@pytest.mark.parametrize("outcome", [None, CallOutcome.NOT_TAKEN, CallOutcome.PLACED])
def test_the_log_and_its_count_are_read_from_indexes(connection: Connection, outcome: CallOutcome | None) -> None:
    store_calls(20_000)
    store_calls(3, CallOutcome.NOT_TAKEN)
    is_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as opened:
        opened.execute(text("analyze"))
        opened.commit()
        for statement in (incoming_calls.statement(outcome, before=None), select(incoming_calls.not_taken_count())):
            compiled = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
            explain = "explain query plan" if is_sqlite else "explain"
            plan = "\n".join(str(row) for row in opened.execute(text(f"{explain} {compiled}")))
            assert "Seq Scan on incoming_calls" not in plan
            assert "SCAN incoming_calls'" not in plan or outcome is None
            assert "USE TEMP B-TREE" not in plan


@on_sqlite
def test_the_settings_of_a_shop_are_shown_as_they_usually_are_and_saved(connection: Connection, admin: Browser) -> None:
    url = f"{SHOP_URL}/{connection.id}"
    assert admin.page("/settings/integrations").select(f"a[href='{url}']")
    usual = adapter_of(ConnectionKind.WOOCOMMERCE).statuses
    values = admin.page(url).form(url).values()
    index = list(usual).index("completed")
    assert values[f"status_{index}"] == "shipped"

    typed = {
        "time_zone": "Europe/Helsinki",
        f"status_{index}": "placed",
        "other_statuses": "wc-Hos_Konstnären = Utelämnad\n\negen = shipped",
        "mail_max_age_days": "7",
        "uses_shop_number": "yes",
    }
    assert admin.send(url, url, **typed).status_code == 303

    db.session.rollback()
    db.session.expire_all()
    stored = connections.get(connection.id)
    assert stored.status_map == {"hos-konstnären": "left_out", "egen": "shipped", "completed": "placed"}
    assert (stored.time_zone, stored.mail_max_age_days, stored.uses_shop_number) == ("Europe/Helsinki", 7, True)
    shown = admin.page(url).form(url).values()
    assert shown["time_zone"] == "Europe/Helsinki"
    assert shown[f"status_{index}"] == "placed"
    assert shown["other_statuses"].splitlines() == ["hos-konstnären = utelämnad", "egen = skickad"]


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"other_statuses": "egen"}, "«egen»: skriv status = betydelse"),
        ({"other_statuses": "egen = borta"}, "«egen = borta»: skriv status = betydelse"),
        ({"other_statuses": "= lagd"}, "skriv status = betydelse"),
        ({"time_zone": "Mars/Olympus"}, "Välj ett av alternativen."),
        ({"status_0": "borta"}, "Välj ett av alternativen."),
        ({"mail_max_age_days": "-1"}, "Ange ett heltal från 0 till 3650."),
    ],
)
def test_wrong_settings_of_a_shop_are_refused_at_their_field(
    connection: Connection, admin: Browser, typed: dict[str, object], sentence: str
) -> None:
    url = f"{SHOP_URL}/{connection.id}"
    response = admin.send(url, url, **typed)
    assert (response.status_code, sentence in response.text) == (422, True), response.text
    db.session.rollback()
    assert connections.get(connection.id).status_map == {}


@on_sqlite
def test_a_shop_of_each_kind_has_its_settings(app: Flask, admin: Browser) -> None:
    with writing():
        shopify = connections.add(ConnectionKind.SHOPIFY, "Ljus AB", SECRET)
    assert admin.get(f"{SHOP_URL}/{shopify.id}").status_code == 200
    assert admin.get(f"{SHOP_URL}/4711").status_code == 404


@on_sqlite
def test_a_body_that_is_no_json_is_shown_as_it_came(connection: Connection, staff: Browser) -> None:
    store_calls(1, body="[1, 2")
    assert "[1, 2" in staff.page(f"{URL}/{stored_calls()[0].id}").text
