"""Konfiguration, Butik: how old the last backup is, and what is wrong with them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from tests.web.conftest import Browser
from tests.web.pages import text_of
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Backup
from webshop_orders.transactions.unit_of_work import writing

PAGE = "/settings/shop"
HOUR = timedelta(hours=1)


@pytest.fixture
def hourly(app: Flask) -> Iterator[None]:
    app.config["BACKUP_EVERY"] = HOUR
    yield
    app.config["BACKUP_EVERY"] = None


def record(age: timedelta, **values: object) -> None:
    at = now() - age
    with writing():
        db.session.add(Backup(path="/backups/x", started_at=at, **{"finished_at": at, "size": 12_345_678, **values}))


def said(admin: Browser) -> str:
    (card,) = admin.page(PAGE).select("#shop-backup")
    return text_of(card)


def test_that_there_is_none_is_said_and_who_sees_to_it(admin: Browser) -> None:
    assert "har inte gjort någon säkerhetskopia" in said(admin)
    assert "WEBSHOP_ORDERS_BACKUP_EVERY" in said(admin)


def test_one_that_is_being_made_is_none_yet(admin: Browser) -> None:
    record(timedelta(), finished_at=None, size=None)
    assert "har inte gjort någon säkerhetskopia" in said(admin)


def test_the_last_one_is_shown_with_its_time_and_size(admin: Browser, hourly: None) -> None:
    record(timedelta(minutes=5))
    assert "12,3 MB" in said(admin)
    assert "WEBSHOP_ORDERS_BACKUP_EVERY" not in said(admin)
    assert "Är arbetaren igång?" not in said(admin)


def test_an_old_one_makes_one_ask_for_the_worker(admin: Browser, hourly: None) -> None:
    record(3 * HOUR)
    assert "Är arbetaren igång?" in said(admin)


def test_why_the_last_attempt_failed_is_shown_after_the_last_good_one(admin: Browser, hourly: None) -> None:
    record(timedelta(minutes=9))
    record(timedelta(minutes=5), size=None, failure="Disken är full <b>.")
    assert "Disken är full <b>." in said(admin)
    assert "12,3" in said(admin)
    record(timedelta(minutes=1))
    assert "misslyckades" not in said(admin)


def test_a_refused_form_keeps_it(admin: Browser) -> None:
    assert "shop-backup" in admin.send(PAGE, PAGE, name="").text
