"""What customers told or chose in WooCommerce, mostly by plugins: attributes, properties, pick-up point, language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.woocommerce import meta

# Keys of the customer's language: WPML, Polylang, TranslatePress, Weglot, GTranslate and hand-made ones.
LANGUAGE_KEYS = (
    "wpml_language",
    "_wpml_language",
    "lang",
    "_lang",
    "pll_lang",
    "trp_language",
    "weglot_language",
    "_wc_locale",
    "_order_locale",
    "_customer_locale",
    "customer_locale",
    "locale",
    "_locale",
    "language",
)
# Names of an organisation number, without «billing» before them and without signs between their words.
ORGANISATION_KEYS = (
    "orgnr",
    "orgno",
    "organisationno",
    "organizationno",
    "orgnumber",
    "organisationnumber",
    "organizationnumber",
    "organisationsnummer",
    "organisasjonsnummer",
    "organisationnr",
    "companynumber",
    "companyregistrationnumber",
    "companyno",
    "companyid",
    "cvr",
    "cvrnumber",
    "ytunnus",
    "businessid",
    "vat",
    "vatnumber",
    "vatid",
    "vatnr",
    "eutaxid",
    "euvatnumber",
    "euvatno",
    "taxid",
)
PICKUP_KEY = re.compile(
    r"pickup_?(point|location|address|store)|(service|collection|drop)_?point|parcel_?shop|pakkeshop|shipping_order_agent"
    r"|(^|[_-])(locker|instabox|budbee_box|ombud|utlamningsstalle)"
)
FLAGS = ("yes", "no", "true", "false", "0", "1", True, False, 0, 1)
# The parts of a point's address in the order in which people read them; `id` comes last, in parentheses.
POINT_FIELDS = (
    ("name", "company", "title", "servicepointname"),
    ("address", "address1", "address_1", "address_line1", "street", "streetname", "visitingaddress", "deliveryaddress"),
    ("streetnumber",),
    ("postcode", "zip", "zipcode", "postal_code", "postalcode"),
    ("city", "postalarea"),
)
POINT_IDS = ("id", "number", "servicepointid", "agent_no", "code")
CHECKOUT_FIELD = re.compile(r"_wc_(?:other|billing|shipping)/(?:.*/)?([^/]+)$")
NOT_SHOWN = {"is_vat_exempt", "tracking_number", "tracking_provider", "tracking_url"}
MAX_ORGANISATION_NUMBER_LENGTH = 30
MAX_PICKUP_POINT_LENGTH = 300


def properties(item: dict[str, Any]) -> list[dict[str, str]]:
    """What a customer chose for an item: variations, add-ons, texts, by the names that the shop shows."""
    return parsing.attribute_documents(_pairs(item))


def attributes(payload: dict[str, Any], more: list[tuple[str, str]]) -> list[dict[str, str]]:
    """What a customer told or chose for the order, its coupons, and `more`.

    Fields of the checkout block have keys that begin with `_wc_other/`:
    https://developer.woocommerce.com/docs/block-development/extensible-blocks/cart-and-checkout-blocks/additional-checkout-fields/
    """
    coupons = [(_("Discount code"), coupon.get("code")) for coupon in parsing.items(payload, "coupon_lines")]
    return parsing.attribute_documents([*coupons, *more, *(_order_pairs(payload))])


def language(payload: dict[str, Any]) -> str | None:
    """The language that the customer shopped in, as its code of two letters."""
    raw = parsing.text(payload, "lang") or meta.first(meta.values(payload), LANGUAGE_KEYS) or ""
    return raw[:2].lower() if re.match(r"[A-Za-z]{2}([-_]|$)", raw) else None


def organisation_number(payload: dict[str, Any]) -> str | None:
    """The organisation number of a company, or else its VAT number, from the billing address or the meta data."""
    values = {**parsing.part(payload, "billing"), **meta.values(payload)}
    by_key = {
        _organisation_key(key): number
        for key in values
        if (number := parsing.text(values, key, max_length=MAX_ORGANISATION_NUMBER_LENGTH))
    }
    return next((by_key[key] for key in ORGANISATION_KEYS if key in by_key), None)


def pickup_point(payload: dict[str, Any]) -> str | None:
    """The place where the customer collects the parcel, from the meta data of shipping plugins."""
    sources = [*parsing.items(payload, "shipping_lines"), payload]
    values = {key: value for source in reversed(sources) for key, value in meta.values(source).items()}
    points = {key: value for key, value in values.items() if PICKUP_KEY.search(key.casefold()) and value not in FLAGS}
    for value in points.values():
        if isinstance(value, dict | list) and (text := _point_text(value)):
            return text
    texts = {key: text for key in points if (text := parsing.text(points, key)) and not text.startswith("http")}
    ids = [key for key in texts if re.search(r"(?:^|_|-)(id|no|nr|number|code)$", key.casefold())]
    ignored = [key for key in texts if re.search(r"(postcode|zip|country|lat|lng|type|hash|time|date|phone)", key)]
    words = list(dict.fromkeys(texts[key] for key in texts if key not in {*ids, *ignored}))
    number = next((texts[key] for key in ids), None)
    if not words:
        return number
    joined = ", ".join(words)
    return (f"{joined} ({number})" if number and number not in joined else joined)[:MAX_PICKUP_POINT_LENGTH]


def _order_pairs(payload: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    for entry in parsing.items(payload, "meta_data"):
        key, value = entry.get("key"), meta.parsed(entry.get("value"))
        if not isinstance(key, str) or key in NOT_SHOWN or key in LANGUAGE_KEYS:
            continue
        if _organisation_key(key) in ORGANISATION_KEYS:
            continue
        field = CHECKOUT_FIELD.match(key)
        yield field[1].replace("-", " ").replace("_", " ").capitalize() if field else key, meta.plain(value)


def _pairs(item: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    for entry in parsing.items(item, "meta_data"):
        key = entry.get("key")
        if isinstance(key, str) and not key.startswith("_"):
            name, value = entry.get("display_key"), entry.get("display_value")
            shown = value if isinstance(value, str) and value else entry.get("value")
            yield meta.plain(name if isinstance(name, str) and name else key), meta.plain(shown)


def _organisation_key(key: str) -> str:
    """A key without the namespace of the checkout block, `_`, «billing» and signs between its words."""
    return re.sub(r"[^a-z]", "", key.rsplit("/", 1)[-1].casefold()).removeprefix("yweu").removeprefix("billing")


def _point_text(value: Any) -> str | None:
    """The name and address in an object, or in the first of its objects that has them."""
    if isinstance(value, list):
        return next((text for inner in value if (text := _point_text(inner))), None)
    if not isinstance(value, dict):
        return None
    fields = {key.casefold(): inner for key, inner in value.items() if isinstance(key, str)}
    parts = [text for names in POINT_FIELDS if (text := _first_field(fields, names))]
    number = next((text for name in POINT_IDS if (text := parsing.text(fields, name))), None)
    if not parts:
        inner_text = next((text for inner in value.values() if (text := _point_text(inner))), None)
        return inner_text or number
    joined = ", ".join(dict.fromkeys(parts))
    return (f"{joined} ({number})" if number else joined)[:MAX_PICKUP_POINT_LENGTH]


def _first_field(fields: dict[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        if text := parsing.text(fields, name):
            return text
        if isinstance(fields.get(name), dict) and (text := _point_text(fields[name])):
            return text
    return None
