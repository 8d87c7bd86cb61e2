"""Konfiguration, Integrationer: keys, webhooks and connected shops."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import make_order
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    ApiKey,
    Connection,
    Difference,
    DisabledReason,
    MessageState,
    Order,
    Scope,
    Webhook,
    WebhookMessage,
)
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.transactions.unit_of_work import writing

URL = "/settings/integrations"


def rows(kind: type) -> list:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(kind)))


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False])
def test_a_key_is_shown_once_and_works(app: Flask, admin: Browser, htmx: bool) -> None:
    response = admin.send(URL, f"{URL}/keys", htmx=htmx, name="Fortnox", scopes="orders:read")

    (token,) = re.findall(r"wso_[\w-]{40,}", response.text)
    assert response.status_code == 200
    assert app.test_client().get("/api/v1/orders", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    page = admin.page(URL)
    assert token not in page.html
    assert "Fortnox" in page.text
    (key,) = rows(ApiKey)
    admin.send(URL, f"{URL}/keys/{key.id}/revocation", htmx=htmx)
    assert rows(ApiKey)[0].revoked_at is not None


@on_sqlite
def test_an_invalid_key_is_refused_with_a_message_at_the_field(admin: Browser) -> None:
    action = f"{URL}/keys"
    without_name = admin.send(URL, action, name="", scopes="orders:read")
    assert without_name.status_code == 422
    assert "Det här kan inte vara tomt." in without_name.text
    without_scope = admin.send(URL, action, name="ERP")
    assert (without_scope.status_code, "Välj minst en." in without_scope.text) == (422, True)
    assert 'value="ERP"' in without_scope.text
    with_unknown_scope = admin.send(URL, action, name="ERP", scopes="everything")
    assert with_unknown_scope.status_code == 422
    admin.send(URL, action, name="ERP", scopes="orders:read")
    with_taken_name = admin.send(URL, action, name="erp", scopes="orders:write")
    assert (with_taken_name.status_code, "Det finns redan en nyckel erp." in with_taken_name.text) == (422, True)
    assert len(rows(ApiKey)) == 1


@on_sqlite
def test_a_key_gets_all_selected_scopes(admin: Browser) -> None:
    admin.send(URL, f"{URL}/keys", name="Allt", scopes=[scope.value for scope in Scope])
    assert rows(ApiKey)[0].scopes == [scope.value for scope in Scope]


def add_webhook(admin: Browser, **typed: object) -> Webhook:
    values = {"url": "https://erp.example.com/hooks", "events": "order.placed", **typed}
    assert admin.send(URL, f"{URL}/webhooks", **values).status_code == 303
    (webhook,) = rows(Webhook)
    return webhook


@on_sqlite
def test_a_webhook_is_added_changed_disabled_enabled_and_removed(app: Flask, admin: Browser) -> None:
    webhook = add_webhook(admin)
    url = f"{URL}/webhooks/{webhook.id}"
    assert webhook.secret in admin.page(url).text

    admin.send(url, url, url="https://erp.example.com/new", events="order.cancelled", htmx=True)
    (webhook,) = rows(Webhook)
    assert (webhook.url, webhook.events) == ("https://erp.example.com/new", ["order.cancelled"])
    former_secret = webhook.secret
    admin.send(url, f"{url}/secret")
    (webhook,) = rows(Webhook)
    assert webhook.active_secrets() == [webhook.secret, former_secret]
    admin.send(url, f"{url}/disabling")
    assert rows(Webhook)[0].disabled_because is DisabledReason.BY_HAND
    assert "Avstängd." in admin.page(URL).text
    admin.send(url, f"{url}/enabling", htmx=True)
    assert rows(Webhook)[0].is_active
    assert admin.send(url, f"{url}/removal", htmx=True).headers["HX-Redirect"] == URL
    assert rows(Webhook) == []
    assert admin.get(url).status_code == 404


@on_sqlite
def test_messages_of_a_webhook_are_shown_and_queued_again(app: Flask, admin: Browser) -> None:
    webhook = add_webhook(admin)
    url = f"{URL}/webhooks/{webhook.id}"
    make_order(("A", 1))
    (message,) = rows(WebhookMessage)
    with writing():
        stored = webhooks.get_message(webhook.id, message.id)
        stored.state, stored.due_at, stored.last_answer = MessageState.GIVEN_UP, None, "500 nej"

    webhook_page = admin.page(url)
    assert "WS-100001: en order läggs" in webhook_page.text
    message_page = admin.page(f"{url}/messages/{message.id}")
    assert '"type":"order.placed"' in message_page.text
    admin.send(f"{url}/messages/{message.id}", f"{url}/messages/{message.id}/queueing", htmx=True)
    assert rows(WebhookMessage)[0].state is MessageState.QUEUED
    assert admin.get(f"{url}/messages/4711").status_code == 404


@on_sqlite
def test_an_invalid_webhook_url_is_refused(app: Flask, admin: Browser) -> None:
    for url in ("", "inte en adress", "http://erp.example.com/"):
        response = admin.send(URL, f"{URL}/webhooks", url=url, events="order.placed")
        assert response.status_code == 422, url
        assert f'value="{url}"' in response.text
    assert rows(Webhook) == []


@on_sqlite
def test_a_shop_is_connected_and_disconnected(app: Flask, admin: Browser) -> None:
    admin.send(URL, f"{URL}/shops", kind="woocommerce", name="Ljusbutiken", secret="hemligt")
    page = admin.page(URL)
    assert "/connect/woocommerce" in page.text
    assert "hemligt" not in page.html
    second_response = admin.send(URL, f"{URL}/shops", kind="woocommerce", name="Kopia", secret="hemligt")
    assert second_response.status_code == 422
    (shop,) = rows(Connection)
    admin.send(URL, f"{URL}/shops/{shop.id}/disconnection", htmx=True)
    assert rows(Connection)[0].ended_at is not None


@on_sqlite
def test_staff_neither_see_nor_create_keys(staff: Browser) -> None:
    assert staff.get(URL).status_code == 403
    assert staff.post(f"{URL}/keys", {"csrf_token": staff.token(), "name": "x"}).status_code == 403


@on_sqlite
def test_differences_of_the_source_shop_are_shown_on_the_order(staff: Browser, order: Order) -> None:
    with writing():
        stored_order = db.session.get_one(Order, order.id)
        stored_order.shop_differences = [
            Difference("cancelled", "false", "true"),
            Difference("shipping_address.street", "Storgatan 1", "Nygatan 2"),
            Difference("shipping_address.country", "SE", "NO"),
            Difference("payment.paid", "0", "12345"),
            Difference("lines.LJUS-12", "2", "4"),
        ]
    page = staff.page(f"/orders/{order.number}/shipping")
    for words in ("Butiken säger något annat", "Nygatan 2", "Norge", "123,45 kr", "antal av LJUS-12", "makulerad"):
        assert words in page.text, words
    staff.send(f"/orders/{order.number}", f"/orders/{order.number}/shop-differences/settlement", htmx=True)
    assert fresh(order).shop_differences == []
    assert "Butiken säger något annat" not in Page(staff.get(f"/orders/{order.number}").text).text
