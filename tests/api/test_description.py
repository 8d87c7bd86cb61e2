"""The OpenAPI description covers exactly the routes of the API."""

import re

from flask import Flask

from tests.web.conftest import Browser, on_sqlite
from webshop_orders.api import openapi, schemas


def described_operations() -> set[tuple[str, str]]:
    paths = openapi.document("http://localhost")["paths"]
    return {(path, method.upper()) for path, item in paths.items() for method in item if method != "parameters"}


@on_sqlite
def test_the_description_has_exactly_the_existing_routes(app: Flask) -> None:
    routes = {
        (re.sub(r"<\w+:(\w+)>", r"{\1}", rule.rule).removeprefix("/api/v1"), method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == described_operations()


def test_every_schema_is_used() -> None:
    text = str(openapi.document("http://localhost"))
    assert [name for name in schemas.components() if f"#/components/schemas/{name}'" not in text] == []


@on_sqlite
def test_the_documentation_page_shows_every_operation_and_loads_nothing_external(app: Flask) -> None:
    page = Browser(app.test_client()).get("/api/docs")
    assert page.status_code == 200
    for path, method in described_operations():
        assert path in page.text
        assert method in page.text
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//(?!localhost)""", page.text)


@on_sqlite
def test_the_description_needs_no_key(app: Flask) -> None:
    response = app.test_client().get("/api/v1/openapi.json")
    assert response.get_json()["openapi"] == "3.1.0"
    assert response.get_json()["servers"] == [{"url": "http://localhost/api/v1"}]
