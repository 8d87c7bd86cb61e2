"""Security headers: of pages, of responses to programs, of files, and over TLS."""

import pytest
from flask import Flask

from tests.web.conftest import SWEDISH, Browser, check_headers, on_sqlite
from webshop_orders.models import Order
from webshop_orders.web.http.security_headers import PROGRAM_POLICY

pytestmark = on_sqlite


@pytest.mark.parametrize(
    "path", ["/orders", "/login", "/finns-inte", "/healthz", "/api/docs", "/api/v1/orders", "/api/v1/x", "/connect/x"]
)
def test_strict_transport_security_is_sent_over_tls_only(nobody: Browser, path: str) -> None:
    for scheme in ("http", "https"):
        response = nobody.client.get(path, base_url=f"{scheme}://localhost", headers=SWEDISH)
        assert (
            response.headers.get("Strict-Transport-Security")
            == {"http": None, "https": "max-age=31536000; includeSubDomains"}[scheme]
        )
        check_headers(response)


def test_a_page_allows_nothing_unsafe(staff: Browser, order: Order) -> None:
    for path in ("/orders", f"/orders/{order.number}", "/login", "/finns-inte"):
        response = staff.get(path)
        check_headers(response)
        assert "unsafe" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/orders"),
        ("POST", "/api/v1/orders"),
        ("PUT", "/api/v1/orders"),
        ("GET", "/api/v1/nothing"),
        ("GET", "/api/v1/openapi.json"),
        ("POST", "/connect/woocommerce"),
        ("GET", "/connect/shopify"),
        ("POST", "/connect/nothing"),
    ],
)
def test_a_response_to_a_program_has_the_strictest_policy(nobody: Browser, method: str, path: str) -> None:
    response = nobody.client.open(path, method=method)
    assert response.headers["Content-Security-Policy"] == f"{PROGRAM_POLICY}; frame-ancestors 'none'"
    assert "default-src 'none'" in PROGRAM_POLICY
    check_headers(response)


def test_only_the_embedding_script_may_be_loaded_by_other_sites(app: Flask, nobody: Browser) -> None:
    for name, resource_policy in (("app.css", "same-origin"), ("app.js", "same-origin"), ("embed.js", "cross-origin")):
        response = nobody.client.get(f"/static/{name}", buffered=True)
        assert response.headers["Cross-Origin-Resource-Policy"] == resource_policy, name
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.status_code == 200, name
        assert "max-age=31536000" in response.headers["Cache-Control"], name


def test_a_page_may_use_no_device_features(staff: Browser) -> None:
    features = staff.get("/orders").headers["Permissions-Policy"].split(", ")
    assert len(features) >= 20
    assert all(feature.endswith("=()") for feature in features)
