"""Values of rows have what the entity has, and cannot be changed."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from tests.factories import make_user
from webshop_orders.db.extensions import Base, db
from webshop_orders.db.row_values import RowValues
from webshop_orders.models import Shop, User


@pytest.mark.parametrize("model", [Shop, User])
def test_a_value_has_the_attributes_of_the_entity(app: Flask, model: type[Base]) -> None:
    make_user(recovery_codes=["salt$a", "salt$b"], list_columns=["customer"])
    entity: Any = db.session.scalars(select(model)).one()
    value = value_of(model)
    names = [attribute.key for attribute in inspect(model).column_attrs]
    assert {name: getattr(value, name) for name in names} == {name: getattr(entity, name) for name in names}


def test_a_value_has_the_methods_of_its_model(app: Flask) -> None:
    make_user()
    user, shop = value_of(User), value_of(Shop)
    assert (user.actor.name, user.actor.user_id) == (user.name, user.id)
    assert shop.carrier("Bring") == shop.carriers[3]


def test_a_value_cannot_be_changed(app: Flask) -> None:
    make_user()
    shop = value_of(Shop)
    with pytest.raises(AttributeError):
        shop.name = "another"
    with pytest.raises(AttributeError):
        value_of(User).set_password("secret")
    shop.carriers.clear()
    shop.mail_templates["comment.sv"] = 1
    assert shop.carriers
    assert not shop.mail_templates


def value_of(model: type[Any]) -> Any:
    values = RowValues(model)
    return values.of(db.session.execute(select(*values.columns)).one())
