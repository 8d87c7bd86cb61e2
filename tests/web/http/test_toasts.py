"""Toasts: what was done, and what can be done next."""

from flask import Flask, session

from tests.web.conftest import on_sqlite
from tests.web.pages import Page
from webshop_orders import rendering
from webshop_orders.web.http.responses import ToastAction, flash_message

LINK = ToastAction("tell", "Meddela kunden", "/orders/WS-1/messages")
FORM = ToastAction("undo", "Ångra", "/orders/WS-1/undo", {"version": "7", "request_key": "a" * 8})


def toasts() -> Page:
    return Page(rendering.render("layouts/_toasts.html"))


@on_sqlite
def test_a_toast_without_actions_is_its_sentence(app: Flask) -> None:
    with app.test_request_context("/orders"):
        flash_message("Sparat <b>.")
        assert toasts().text == "Sparat <b>."


@on_sqlite
def test_the_actions_of_a_toast_survive_a_redirect(app: Flask) -> None:
    with app.test_request_context("/orders"):
        flash_message("Sparat.", actions=[FORM, LINK])
        kept = app.session_interface.get_signing_serializer(app).dumps(dict(session))
    with app.test_request_context("/orders"):
        session.update(app.session_interface.get_signing_serializer(app).loads(kept))
        page = toasts()
    values = page.form(FORM.url).values()
    assert {name: values[name] for name in FORM.fields} == FORM.fields
    assert values["csrf_token"]
    assert page.text.split() == ["Sparat.", "Ångra", "Meddela", "kunden"]
