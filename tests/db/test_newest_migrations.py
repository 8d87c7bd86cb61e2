"""Whether a database is current is told without Alembic, as Alembic tells it."""

import pytest
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from sqlalchemy import text

from webshop_orders.db import migrations
from webshop_orders.db.extensions import db
from webshop_orders.transactions.unit_of_work import writing


@pytest.mark.own_app
def test_the_newest_migrations_are_those_that_alembic_takes_for_them(app: Flask) -> None:
    scripts = ScriptDirectory(current_app.extensions["migrate"].directory)
    assert migrations.newest() == set(scripts.get_heads())
    assert migrations.is_current()
    with writing():
        db.session.execute(text("update alembic_version set version_num = '0001'"))
    assert not migrations.is_current()
    with writing():
        db.session.execute(text("drop table alembic_version"))
    assert not migrations.is_current()
