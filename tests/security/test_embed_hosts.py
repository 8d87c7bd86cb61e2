"""The configuration of the shop admins that may embed the order desk."""

from pathlib import Path

import pytest

from webshop_orders.config import ConfigError, from_environment
from webshop_orders.security.embed_hosts import EmbedHost, InvalidHosts, parse

SECRET, OTHER = "Xq7vTz0LmRk4Wb9sNf2Hy6PdEu3CgSi8a", "Gh5cJw8KtYx1Vn3QoZe7Ua4BrFi9MsDl2"


def test_one_host_needs_no_name() -> None:
    [host] = parse("https://admin.example.com https://admin.example.se", f"{SECRET},{OTHER}")

    assert host == EmbedHost("host", ("https://admin.example.com", "https://admin.example.se"), (SECRET, OTHER))


def test_several_hosts_have_names_and_secrets_of_their_own() -> None:
    hosts = parse(
        "shop=https://admin.example.com intranet=http://localhost:8080 shop=https://b.example.com",
        f"shop={SECRET} intranet={OTHER}==",
    )

    assert hosts == (
        EmbedHost("shop", ("https://admin.example.com", "https://b.example.com"), (SECRET,)),
        EmbedHost("intranet", ("http://localhost:8080",), (f"{OTHER}==",)),
    )


def test_a_secret_may_hold_the_sign_that_ends_a_name() -> None:
    assert parse("https://admin.example.com", f"{SECRET}==")[0].secrets == (f"{SECRET}==",)


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_without_settings_there_are_no_hosts(nothing: str | None) -> None:
    assert parse(nothing, nothing) == ()


@pytest.mark.parametrize(
    ("origins", "secrets", "setting"),
    [
        ("https://admin.example.com", None, "EMBED_SECRET"),
        (None, SECRET, "EMBED_ORIGINS"),
        ("https://admin.example.com", "short", "EMBED_SECRET"),
        ("https://admin.example.com", "a" * 32, "EMBED_SECRET"),
        ("https://admin.example.com", "please-change-me-to-something-random", "EMBED_SECRET"),
        ("https://admin.example.com", f"{SECRET},{'a' * 40}", "EMBED_SECRET"),
        ("https://admin.example.com", f"{SECRET},{OTHER},{SECRET}", "EMBED_SECRET"),
        ("shop=https://admin.example.com", SECRET, "EMBED_SECRET"),
        ("shop=https://admin.example.com", f"other={SECRET}", "EMBED_SECRET"),
        ("https://admin.example.com/", SECRET, "EMBED_ORIGINS"),
        ("https://admin.example.com/path", SECRET, "EMBED_ORIGINS"),
        ("https://ADMIN.example.com", SECRET, "EMBED_ORIGINS"),
        ("https://*.example.com", SECRET, "EMBED_ORIGINS"),
        ("https://me@admin.example.com", SECRET, "EMBED_ORIGINS"),
        ("https://admin.example.com:99999", SECRET, "EMBED_ORIGINS"),
        ("http://admin.example.com", SECRET, "EMBED_ORIGINS"),
        ("http://localhost.example.com", SECRET, "EMBED_ORIGINS"),
        ("https://admin.example.com;", SECRET, "EMBED_ORIGINS"),
        ("*", SECRET, "EMBED_ORIGINS"),
        ("null", SECRET, "EMBED_ORIGINS"),
        ("https:", SECRET, "EMBED_ORIGINS"),
        ("https://[::1", SECRET, "EMBED_ORIGINS"),
    ],
)
def test_hosts_that_are_named_wrongly_are_refused(origins: str | None, secrets: str | None, setting: str) -> None:
    with pytest.raises(InvalidHosts) as refused:
        parse(origins, secrets)
    assert refused.value.setting == setting


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        ("kort-och-hemligt", "is shorter than 32 characters"),
        ("hemligt" * 5, "has fewer than 12 different characters"),
        ("mycket-hemligt-changeme-mycket-hemligt", "was typed and not drawn at random"),
    ],
)
def test_the_refusal_names_the_setting_and_no_secret(tmp_path: Path, secret: str, reason: str) -> None:
    settings = {"INSTANCE": str(tmp_path), "EMBED_ORIGINS": "https://admin.example.com", "EMBED_SECRET": secret}

    with pytest.raises(ConfigError, match=f"WEBSHOP_ORDERS_EMBED_SECRET {reason} for 'host'") as refused:
        from_environment({f"WEBSHOP_ORDERS_{name}": value for name, value in settings.items()})
    assert "hemligt" not in str(refused.value)
    assert "\n" not in str(refused.value)
