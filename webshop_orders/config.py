"""What the deployment decides, read once from the environment."""

import importlib.util
import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from click import ClickException, echo
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from webshop_orders.security import embed_hosts, signing_keys
from webshop_orders.security.embed_hosts import EmbedHost, InvalidHosts

PREFIX = "WEBSHOP_ORDERS_"
KNOWN = {
    "DATABASE_URL",
    "DATABASE_READ_URL",
    "INSTANCE",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "MAIL_SERVER",
    "MAIL_PORT",
    "MAIL_USERNAME",
    "MAIL_PASSWORD",
    "MAIL_USE_TLS",
    "MAIL_DEFAULT_SENDER",
    "EMBED_SECRET",
    "EMBED_ORIGINS",
    "TRUSTED_HOSTS",
    "TRUSTED_PROXIES",
    "BASE_URL",
    "NEW_PASSWORD",
    "API_REQUESTS_PER_MINUTE",
    "WEBHOOKS_TO_PRIVATE",
}

# The names of a machine for itself, under which nobody else reaches it.
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
HOST = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\]")

# What Flask and its extensions are told wherever the order desk runs.
ALWAYS = {
    "API_REQUESTS_PER_MINUTE": 1200,
    "BABEL_DEFAULT_LOCALE": "sv",
    "BABEL_DEFAULT_TIMEZONE": "Europe/Stockholm",
    "EMBED_HOSTS": (),
    "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
    "MAX_FORM_PARTS": 500,
    "OWN_HOSTS": LOOPBACK,
    "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
    "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=365),  # the address of a static file changes with its content
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_NAME": "webshop_orders",
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_REFRESH_EACH_REQUEST": False,
    "WTF_CSRF_CHECK_DEFAULT": False,  # web checks it itself, once it knows who is asking
    "WTF_CSRF_TIME_LIMIT": None,
}


class ConfigError(ClickException):
    """A value in the environment is missing or wrong; the text says which and what to write instead.

    Any command that meets it ends with that one line, also `flask`, which would show a traceback otherwise.
    """

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        echo(f"webshop-orders: {self.message}", file=file, err=file is None)


def from_environment(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Flask settings from the `WEBSHOP_ORDERS_` variables.

    Raises ConfigError with one line that names the variable.
    """
    given = {name.removeprefix(PREFIX): value for name, value in environ.items() if name.startswith(PREFIX)}
    if unknown := sorted(set(given) - KNOWN):
        raise ConfigError(f"{PREFIX}{unknown[0]} is not a setting. Known: {', '.join(sorted(KNOWN))}.")
    instance = Path(given.get("INSTANCE") or "instance").absolute()
    try:
        instance.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{PREFIX}INSTANCE: the folder {instance} cannot be made ({error.strerror}).") from None
    base_url = _base_url(given.get("BASE_URL"))
    keys = {"SECRET_KEY": _secret_key(given, instance), "SECRET_KEY_FALLBACKS": _former_keys(given)}
    return {
        "INSTANCE": instance,
        **keys,
        "WTF_CSRF_SECRET_KEY": signing_keys.active_keys(
            keys
        ),  # so that what is half typed outlives a change of the key
        "SQLALCHEMY_DATABASE_URI": _database_url(given, "DATABASE_URL", instance),
        "DATABASE_READ_URI": given.get("DATABASE_READ_URL") and _database_url(given, "DATABASE_READ_URL", instance),
        "MAIL_SERVER": given.get("MAIL_SERVER") or None,
        "MAIL_PORT": _number(given, "MAIL_PORT", default=25, highest=65535),
        "MAIL_USERNAME": given.get("MAIL_USERNAME") or None,
        "MAIL_PASSWORD": given.get("MAIL_PASSWORD") or None,
        "MAIL_USE_TLS": _flag(given, "MAIL_USE_TLS"),
        "MAIL_DEFAULT_SENDER": given.get("MAIL_DEFAULT_SENDER") or None,
        "TRUSTED_PROXIES": _number(given, "TRUSTED_PROXIES", default=0, highest=10),
        "API_REQUESTS_PER_MINUTE": _number(given, "API_REQUESTS_PER_MINUTE", default=1200, highest=1_000_000),
        "WEBHOOKS_TO_PRIVATE": _flag(given, "WEBHOOKS_TO_PRIVATE"),
        "BASE_URL": base_url,
        "EMBED_HOSTS": _embed_hosts(given),
        "OWN_HOSTS": _own_hosts(given.get("TRUSTED_HOSTS") or "", base_url),
        **_own_cookie(base_url),
    }


def _secret_key(given: Mapping[str, str], instance: Path) -> str:
    """The key that signs: the one given, or else the one made at the first start and kept beside the database."""
    if key := given.get("SECRET_KEY"):
        return _strong(key, f"{PREFIX}SECRET_KEY", "Make one with")
    path = instance / "secret_key"
    return _strong(signing_keys.load_or_create(path), str(path), f"Remove it, or set {PREFIX}SECRET_KEY, made with")


def _former_keys(given: Mapping[str, str]) -> list[str]:
    """Keys that no longer sign, but whose signatures still hold, oldest first."""
    keys = [key.strip() for key in (given.get("SECRET_KEY_FALLBACKS") or "").split(",")]
    return [_strong(key, f"A key in {PREFIX}SECRET_KEY_FALLBACKS", "Leave it out;") for key in keys if key]


def _strong(key: str, name: str, advice: str) -> str:
    if reason := signing_keys.weakness(key):
        raise ConfigError(f"{name} {reason}. {advice} {signing_keys.HOW_TO_MAKE_ONE}")
    return key


def _own_hosts(given: str, base_url: str | None) -> tuple[str, ...]:
    """The names that people reach us under: those given, that of the address in mails, and a machine's own."""
    names = given.replace(",", " ").lower().split()
    for name in names:
        if not HOST.fullmatch(name):
            raise ConfigError(
                f"{PREFIX}TRUSTED_HOSTS takes names such as desk.example.com, or .example.com for all below it, "
                f"without a port; {name!r} is none."
            )
    return tuple(dict.fromkeys([*names, *([_host_of(base_url)] if base_url else []), *LOOPBACK]))


def _host_of(address: str) -> str:
    """The name in an address as a browser sends it, or nothing where there is none."""
    try:
        name = (urlsplit(address).hostname or "").encode("idna").decode()
    except ValueError:
        return ""
    return f"[{name}]" if ":" in name else name


def _database_url(settings: Mapping[str, str], name: str, instance: Path) -> str:
    given = settings.get(name)
    if not given:
        return f"sqlite:///{instance / 'webshop-orders.sqlite3'}"
    scheme, _colon, rest = given.partition("://")
    if scheme in {"postgresql", "postgres"}:
        given, scheme = f"postgresql+psycopg://{rest}", "postgresql+psycopg"
    if scheme == "postgresql+psycopg" and importlib.util.find_spec("psycopg") is None:
        raise ConfigError(f"{PREFIX}{name} names PostgreSQL, which needs the extra webshop-orders[postgres].")
    if scheme != "postgresql+psycopg" and not given.startswith("sqlite:///"):
        raise ConfigError(f"{PREFIX}{name} must begin with sqlite:/// or postgresql://.")
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise ConfigError(f"{PREFIX}{name} is not an address such as postgresql://user@host/name.") from None
    if scheme == "sqlite" and url.database and url.database != ":memory:":
        # Flask-SQLAlchemy would look for it in Flask's own instance folder, which can lie in site-packages.
        return url.set(database=str(instance / url.database)).render_as_string()
    return given


def _embed_hosts(given: Mapping[str, str]) -> tuple[EmbedHost, ...]:
    try:
        return embed_hosts.parse(given.get("EMBED_ORIGINS"), given.get("EMBED_SECRET"))
    except InvalidHosts as error:
        raise ConfigError(f"{PREFIX}{error.setting} {error}") from None


def _own_cookie(base_url: str | None) -> dict[str, Any]:
    """Over TLS, a cookie that browsers take from this very host alone, and over nothing else."""
    is_by_tls = (base_url or "").startswith("https://")
    return {"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_NAME": "__Host-webshop_orders"} if is_by_tls else {}


def _base_url(given: str | None) -> str | None:
    if given and not given.startswith(("http://", "https://")):
        raise ConfigError(f"{PREFIX}BASE_URL must begin with http:// or https://.")
    if given and not HOST.fullmatch(_host_of(given)):
        raise ConfigError(f"{PREFIX}BASE_URL must be an address such as https://desk.example.com.")
    return given.rstrip("/") if given else None


def _number(given: Mapping[str, str], name: str, *, default: int, highest: int) -> int:
    text = given.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and int(text) <= highest):
        raise ConfigError(f"{PREFIX}{name} must be a whole number from 0 to {highest}, not {text!r}.")
    return int(text)


def _flag(given: Mapping[str, str], name: str) -> bool:
    text = (given.get(name) or "false").lower()
    if text not in {"true", "false", "1", "0"}:
        raise ConfigError(f"{PREFIX}{name} must be true or false, not {text!r}.")
    return text in {"true", "1"}
