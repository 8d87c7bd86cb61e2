"""The API keeps to its own description, whatever it is sent."""

from contextvars import Context

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from tests.api.conftest import Integration, new_key, order_document
from tests.factories import make_product
from webshop_orders.api import openapi

PROMISES = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
]
OPERATIONS = [
    (path, method)
    for path, item in openapi.document("http://localhost")["paths"].items()
    for method in item
    if method != "parameters"
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as described", "otherwise"])
@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=lambda value: value)
def test_every_answer_is_as_documented(app: Flask, path: str, method: str, mode: GenerationMode) -> None:
    app.config["API_REQUESTS_PER_MINUTE"] = 1_000_000
    make_product("LJUS-12", stock=5)
    headers = {"Authorization": f"Bearer {new_key()}"}
    erp = Integration(app.test_client(), headers["Authorization"].removeprefix("Bearer "))
    placed = erp.post("/orders", order_document())
    assert placed.status_code == 201
    line_id = placed.get_json()["shipments"][0]["lines"][0]["id"]
    expected = erp.post("/incoming-deliveries", {"sku": "LJUS-12", "quantity": 5})
    assert expected.status_code == 201
    delivery_id = expected.get_json()["id"]
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    promises = [check for name, check in zip(CHECKS.get_all_names(), CHECKS.get_all(), strict=True) if name in PROMISES]
    assert len(promises) == len(PROMISES)
    operation = schema[path][method.upper()]
    seen = set()

    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        known = {"number": "WS-100001", "reference": "WS-100001-1", "sku": "LJUS-12", "line_id": line_id}
        known |= {"return_id": 1, "refund_id": 1, "delivery_id": delivery_id}
        case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
        answer = Context().run(case.call, headers=headers)
        seen.add(answer.status_code)
        case.validate_response(answer, checks=promises)

    ask()
    print(path, method, mode, seen)
