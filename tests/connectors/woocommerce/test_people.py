"""Customers of WooCommerce's orders, what they told, and where their parcels go."""

from typing import Any

import pytest
from flask import Flask

from tests.connectors.woocommerce.builders import ADDRESS, document, meta, order, shipping


def billed(**changes: Any) -> dict[str, Any]:
    return order(billing={**order()["billing"], **changes})


@pytest.mark.parametrize(
    ("typed", "address", "unusable"),
    [
        ("maj@example.com.", "maj@example.com", None),
        ("maj@example.com; bo@example.com", "maj@example.com", None),
        ("Maj Ström <maj@example.com>", "maj@example.com", None),
        ("maj@example", None, "maj@example"),
        ("maj strom@example.com", None, "maj strom@example.com"),
    ],
)
def test_a_mistyped_address_is_mended_or_kept(
    app: Flask, typed: str, address: str | None, unusable: str | None
) -> None:
    customer = document(billed(email=typed))["customer"]
    assert (customer["email"], customer["unusable_email"]) == (address, unusable)


def test_the_phone_of_the_recipient_is_on_the_delivery_address(app: Flask) -> None:
    to = {**ADDRESS, "first_name": "Mormor", "phone": "070-555 02"}
    converted = document(order(shipping=to))
    assert converted["customer"]["phone"] == "0611-555 01"
    assert (converted["shipping_address"]["name"], converted["shipping_address"]["phone"]) == (
        "Mormor Ström",
        "070-555 02",
    )


@pytest.mark.parametrize(("country", "code"), [("Sverige", "SE"), ("norway", "NO"), ("UK", "GB"), ("Atlantis", "ZZ")])
def test_a_country_by_name_is_read(app: Flask, country: str, code: str) -> None:
    assert document(billed(country=country))["billing_address"]["country"] == code


@pytest.mark.parametrize(
    "values",
    [{"_billing_org_nr": "556677-8899"}, {"billing_vat": "556677-8899"}, {"Organisation number": "556677-8899"}],
    ids=str,
)
def test_an_organisation_number_is_kept(app: Flask, values: dict[str, str]) -> None:
    converted = document(order(meta_data=meta(**values)))
    assert converted["customer"]["organisation_number"] == "556677-8899"
    assert converted["attributes"] == []


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("wpml_language", "nb", "nb"),
        ("_wc_locale", "de_DE", "de"),
        ("trp_language", "fi", "fi"),
        ("wpml_language", "zh-hans", "zh"),
        ("wpml_language", "svenska", None),
    ],
)
def test_the_language_of_the_customer_is_read(app: Flask, key: str, value: str, code: str | None) -> None:
    assert document(order(meta_data=meta(**{key: value})))["language"] == code
    assert document(order(lang="da"))["language"] == "da"


def test_the_number_that_the_customer_knows_is_kept(app: Flask) -> None:
    assert document(order(number="HG-2026-77"))["shop_number"] == "HG-2026-77"
    assert document(order(meta_data=meta(_order_number_formatted="HG-78")))["shop_number"] == "HG-78"
    assert document(order())["shop_number"] is None


def test_what_the_customer_told_is_kept_and_private_keys_are_not(app: Flask) -> None:
    values = {
        "Leveransdag": "2026-10-20",
        "_wc_other/butiken/gift-message": "Grattis",
        "_edit_lock": "1",
        "is_vat_exempt": "no",
        "blob": 'a:1:{s:1:"x";i:1;}',
        "object": {"a": 1},
    }
    attributes = document(order(meta_data=meta(**values)))["attributes"]
    assert attributes == [
        {"name": "Leveransdag", "value": "2026-10-20"},
        {"name": "Gift message", "value": "Grattis"},
    ]


def test_what_is_told_twice_under_one_name_is_kept_twice(app: Flask) -> None:
    entries = [*meta(Hälsning="Grattis"), *meta(Hälsning="Kram")]
    assert [entry["value"] for entry in document(order(meta_data=entries))["attributes"]] == ["Grattis", "Kram"]


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [
        ("pickup_location", "Butiken på torget", "Butiken på torget"),
        (
            "shipmondo_pickup_point",
            {"id": "95", "name": "ICA Nära", "address": "Storgatan 2", "zip": "871 30", "city": "Härnösand"},
            "ICA Nära, Storgatan 2, 871 30, Härnösand (95)",
        ),
        ("_fraktguiden_pickup_point_info_cached", "Coop, Torget 1", "Coop, Torget 1"),
        ("postnord_servicepoint", '{"servicePointId": "7", "name": "Tempo", "city": "Ås"}', "Tempo, Ås (7)"),
    ],
)
def test_the_pickup_point_is_on_the_delivery_address(app: Flask, key: str, value: Any, place: str) -> None:
    on_order = document(order(meta_data=meta(**{key: value})))
    on_shipping = document(order(shipping_lines=[shipping("47.20", meta_data=meta(**{key: value}))]))
    assert on_order["shipping_address"]["pickup_point"] == place
    assert on_shipping["shipping_address"]["pickup_point"] == place
    assert "pickup_point" not in on_order["billing_address"]


def test_only_entities_that_exist_are_unescaped(app: Flask) -> None:
    note = "Nyckel &amp; karta https://k.example/?pos=1&region=S&copy=2&section=3"
    assert document(order(customer_note=note))["comment"] == (
        "Nyckel & karta https://k.example/?pos=1&region=S&copy=2&section=3"
    )
