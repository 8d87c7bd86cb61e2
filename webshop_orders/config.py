"""The deployment's settings, read once from the environment."""

import importlib.util
import os
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from click import ClickException, echo
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from webshop_orders.security import embed_hosts, signing_keys
from webshop_orders.security.embed_hosts import LOOPBACK_HOSTS, EmbedHost, InvalidHosts

ENV_PREFIX = "WEBSHOP_ORDERS_"
VARIABLES = {
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
    "WITHDRAWAL_ORIGINS",
    "TRUSTED_HOSTS",
    "TRUSTED_PROXIES",
    "BASE_URL",
    "DEMO_INBOX",
    "NEW_PASSWORD",
    "API_REQUESTS_PER_MINUTE",
    "WEBHOOKS_TO_PRIVATE",
    "BACKUP_EVERY",
    "BACKUP_FOLDER",
    "BACKUP_KEEP",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "METRICS_TOKEN",
    "PING_URL",
    "SENTRY_DSN",
}

DURATION = re.compile(r"([1-9]\d{0,3})(m|h|d)")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
SENTRY_DSN = re.compile(r"https?://[^\s/:@]+(:[^\s/:@]+)?@[^\s/:@]+(:\d+)?(/[^\s/]+)*/\d+")
# Characters that no client, proxy or server writes in another way.
URL_PREFIX = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
HOST = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\]")

# Settings of Flask and its extensions that are the same in every deployment.
DEFAULTS = {
    "API_REQUESTS_PER_MINUTE": 1200,
    "BACKUP_EVERY": None,
    "BACKUP_KEEP": 14,
    "BABEL_DEFAULT_LOCALE": "sv",
    "BABEL_DEFAULT_TIMEZONE": "Europe/Stockholm",
    "DEMO_INBOX": None,  # the folder of the demo's mailbox; nothing but the demo sets it
    "EMBED_HOSTS": (),
    "WITHDRAWAL_ORIGINS": (),
    "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
    "MAX_FORM_PARTS": 500,
    "LOG_FORMAT": "text",
    "LOG_LEVEL": "info",
    "METRICS_TOKEN": None,  # nosec B105 - there is none
    "OWN_HOSTS": LOOPBACK_HOSTS,
    "PING_URL": None,
    "SENTRY_DSN": None,
    "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
    "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=365),  # the URL of a static file changes with its content
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_NAME": "webshop_orders",
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_REFRESH_EACH_REQUEST": False,
    "URL_PREFIX": "",  # the path of BASE_URL
    "WTF_CSRF_CHECK_DEFAULT": False,  # web checks it itself, after the user has been loaded
    "WTF_CSRF_TIME_LIMIT": None,
}


class ConfigError(ClickException):
    """A value in the environment is missing or invalid; the text says which and what to write instead.

    Every command, `flask` included, ends with that one line instead of a traceback.
    """

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        echo(f"webshop-orders: {self.message}", file=file, err=file is None)


def from_environment(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Flask settings from the `WEBSHOP_ORDERS_` variables.

    Raises ConfigError with one line that names the variable.
    """
    variables = {name.removeprefix(ENV_PREFIX): value for name, value in environ.items() if name.startswith(ENV_PREFIX)}
    if unknown := sorted(set(variables) - VARIABLES):
        raise ConfigError(f"{ENV_PREFIX}{unknown[0]} is not a setting. Known: {', '.join(sorted(VARIABLES))}.")
    instance = Path(variables.get("INSTANCE") or "instance").absolute()
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{ENV_PREFIX}INSTANCE: the folder {instance} cannot be made ({error.strerror}).") from None
    base_url = _base_url(variables.get("BASE_URL"))
    keys = {"SECRET_KEY": _secret_key(variables, instance), "SECRET_KEY_FALLBACKS": _fallback_keys(variables)}
    return {
        "INSTANCE": instance,
        **keys,
        # All active keys, so that a form that is open during a key change can still be saved.
        "WTF_CSRF_SECRET_KEY": signing_keys.active_keys(keys),
        "SQLALCHEMY_DATABASE_URI": _database_url(variables, "DATABASE_URL", instance),
        "DATABASE_READ_URI": _read_database_url(variables, instance),
        "MAIL_SERVER": variables.get("MAIL_SERVER") or None,
        "MAIL_PORT": _integer(variables, "MAIL_PORT", default=25, maximum=65535),
        "MAIL_USERNAME": variables.get("MAIL_USERNAME") or None,
        "MAIL_PASSWORD": variables.get("MAIL_PASSWORD") or None,
        "MAIL_USE_TLS": _boolean(variables, "MAIL_USE_TLS"),
        "MAIL_DEFAULT_SENDER": variables.get("MAIL_DEFAULT_SENDER") or None,
        "TRUSTED_PROXIES": _integer(variables, "TRUSTED_PROXIES", default=0, maximum=10),
        "API_REQUESTS_PER_MINUTE": _integer(variables, "API_REQUESTS_PER_MINUTE", default=1200, maximum=1_000_000),
        "WEBHOOKS_TO_PRIVATE": _boolean(variables, "WEBHOOKS_TO_PRIVATE"),
        "BACKUP_EVERY": _duration(variables, "BACKUP_EVERY"),
        "BACKUP_FOLDER": Path(variables.get("BACKUP_FOLDER") or instance / "backups"),
        "BACKUP_KEEP": _integer(variables, "BACKUP_KEEP", default=14, maximum=10_000),
        "LOG_FORMAT": _choice(variables, "LOG_FORMAT", ("text", "json")),
        "LOG_LEVEL": _choice(variables, "LOG_LEVEL", ("info", "warning", "error")),
        "METRICS_TOKEN": _metrics_token(variables),
        "PING_URL": _http_url(variables, "PING_URL"),
        "SENTRY_DSN": _sentry_dsn(variables),
        "BASE_URL": base_url,
        "URL_PREFIX": urlsplit(base_url or "").path,
        "DEMO_INBOX": variables.get("DEMO_INBOX") or None,
        "EMBED_HOSTS": _embed_hosts(variables),
        "WITHDRAWAL_ORIGINS": _withdrawal_origins(variables),
        "OWN_HOSTS": _own_hosts(variables.get("TRUSTED_HOSTS") or "", base_url),
        **_session_cookie(base_url),
    }


def _secret_key(variables: Mapping[str, str], instance: Path) -> str:
    """The signing key: SECRET_KEY, or else the one created at the first start and stored in the instance folder."""
    if key := variables.get("SECRET_KEY"):
        return _check_strength(key, f"{ENV_PREFIX}SECRET_KEY", "Make one with")
    path = instance / "secret_key"
    key = signing_keys.load_or_create(path)
    return _check_strength(key, str(path), f"Remove it, or set {ENV_PREFIX}SECRET_KEY, made with")


def _fallback_keys(variables: Mapping[str, str]) -> list[str]:
    """Former signing keys whose signatures are still accepted, oldest first."""
    keys = [key.strip() for key in (variables.get("SECRET_KEY_FALLBACKS") or "").split(",")]
    return [_check_strength(key, f"A key in {ENV_PREFIX}SECRET_KEY_FALLBACKS", "Leave it out;") for key in keys if key]


def _check_strength(key: str, name: str, advice: str) -> str:
    if reason := signing_keys.weakness(key):
        raise ConfigError(f"{name} {reason}. {advice} {signing_keys.GENERATE_COMMAND}")
    return key


def _metrics_token(variables: Mapping[str, str]) -> str | None:
    token = variables.get("METRICS_TOKEN")
    return _check_strength(token, f"{ENV_PREFIX}METRICS_TOKEN", "Make one with") if token else None


def _own_hosts(trusted_hosts: str, base_url: str | None) -> tuple[str, ...]:
    """The host names that requests are accepted for: TRUSTED_HOSTS, the host of BASE_URL, and loopback."""
    names = trusted_hosts.replace(",", " ").lower().split()
    for name in names:
        if not HOST.fullmatch(name):
            raise ConfigError(
                f"{ENV_PREFIX}TRUSTED_HOSTS takes names such as desk.example.com, or .example.com for all below it, "
                f"without a port; {name!r} is none."
            )
    return tuple(dict.fromkeys([*names, *([_host_of(base_url)] if base_url else []), *LOOPBACK_HOSTS]))


def _host_of(url: str) -> str:
    """The host of a URL as a browser sends it (IDNA), or an empty string if there is none."""
    try:
        name = (urlsplit(url).hostname or "").encode("idna").decode()
    except ValueError:
        return ""
    return f"[{name}]" if ":" in name else name


def _read_database_url(variables: Mapping[str, str], instance: Path) -> str | None:
    return _database_url(variables, "DATABASE_READ_URL", instance) if variables.get("DATABASE_READ_URL") else None


def _database_url(variables: Mapping[str, str], name: str, instance: Path) -> str:
    value = variables.get(name)
    if not value:
        return f"sqlite:///{instance / 'webshop-orders.sqlite3'}"
    scheme, _colon, rest = value.partition("://")
    if scheme in {"postgresql", "postgres"}:
        value, scheme = f"postgresql+psycopg://{rest}", "postgresql+psycopg"
    if scheme == "postgresql+psycopg" and importlib.util.find_spec("psycopg") is None:
        raise ConfigError(f"{ENV_PREFIX}{name} names PostgreSQL, which needs the extra webshop-orders[postgres].")
    if scheme != "postgresql+psycopg" and not value.startswith("sqlite:///"):
        raise ConfigError(f"{ENV_PREFIX}{name} must begin with sqlite:/// or postgresql://.")
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ConfigError(f"{ENV_PREFIX}{name} is not an address such as postgresql://user@host/name.") from None
    if scheme == "sqlite" and url.database and url.database != ":memory:":
        # Flask-SQLAlchemy would resolve it against Flask's instance folder, which may be in site-packages.
        return url.set(database=str(instance / url.database)).render_as_string()
    return value


def _embed_hosts(variables: Mapping[str, str]) -> tuple[EmbedHost, ...]:
    try:
        return embed_hosts.parse(variables.get("EMBED_ORIGINS"), variables.get("EMBED_SECRET"))
    except InvalidHosts as error:
        raise ConfigError(f"{ENV_PREFIX}{error.setting} {error}") from None


def _withdrawal_origins(variables: Mapping[str, str]) -> tuple[str, ...]:
    """The origins of the shop's own pages, which may show the public form of withdrawals in a frame."""
    try:
        origins = (variables.get("WITHDRAWAL_ORIGINS") or "").split()
        return embed_hosts.parse_origins("WITHDRAWAL_ORIGINS", origins)
    except InvalidHosts as error:
        raise ConfigError(f"{ENV_PREFIX}{error.setting} {error}") from None


def _session_cookie(base_url: str | None) -> dict[str, Any]:
    """If BASE_URL is https, a `__Host-` cookie: browsers accept it only over TLS and only from this host."""
    is_https = (base_url or "").startswith("https://")
    return {"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_NAME": "__Host-webshop_orders"} if is_https else {}


def _base_url(url: str | None) -> str | None:
    if url and not url.startswith(("http://", "https://")):
        raise ConfigError(f"{ENV_PREFIX}BASE_URL must begin with http:// or https://.")
    if url and not HOST.fullmatch(_host_of(url)):
        raise ConfigError(f"{ENV_PREFIX}BASE_URL must be an address such as https://desk.example.com.")
    parts = urlsplit(url or "")
    if parts.query or parts.fragment or not URL_PREFIX.fullmatch(parts.path.rstrip("/")):
        raise ConfigError(
            f"{ENV_PREFIX}BASE_URL may end with a path such as /desk, of letters, digits and hyphens, and nothing else."
        )
    return url.rstrip("/") if url else None


def _integer(variables: Mapping[str, str], name: str, *, default: int, maximum: int) -> int:
    text = variables.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and int(text) <= maximum):
        raise ConfigError(f"{ENV_PREFIX}{name} must be a whole number from 0 to {maximum}, not {text!r}.")
    return int(text)


def _duration(variables: Mapping[str, str], name: str) -> timedelta | None:
    text = variables.get(name)
    if not text:
        return None
    found = DURATION.fullmatch(text)
    if not found:
        raise ConfigError(f"{ENV_PREFIX}{name} must be a time such as 30m, 6h or 1d, not {text!r}.")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _choice(variables: Mapping[str, str], name: str, choices: Sequence[str]) -> str:
    """One of some words; the first one is the default."""
    text = variables.get(name) or choices[0]
    if text not in choices:
        raise ConfigError(f"{ENV_PREFIX}{name} must be {' or '.join(choices)}, not {text!r}.")
    return text


def _http_url(variables: Mapping[str, str], name: str) -> str | None:
    url = variables.get(name) or None
    if url and not (url.startswith(("http://", "https://")) and _host_of(url)):
        raise ConfigError(f"{ENV_PREFIX}{name} must be an address such as https://example.com/ping.")
    return url


def _sentry_dsn(variables: Mapping[str, str]) -> str | None:
    """https://docs.sentry.io/concepts/key-terms/dsn-explainer/"""
    dsn = variables.get("SENTRY_DSN") or None
    if dsn and not SENTRY_DSN.fullmatch(dsn):
        raise ConfigError(f"{ENV_PREFIX}SENTRY_DSN must be an address such as https://key@errors.example.com/1.")
    if dsn and importlib.util.find_spec("sentry_sdk") is None:
        raise ConfigError(f"{ENV_PREFIX}SENTRY_DSN needs the extra webshop-orders[sentry].")
    return dsn


def _boolean(variables: Mapping[str, str], name: str) -> bool:
    text = (variables.get(name) or "false").lower()
    if text not in {"true", "false", "1", "0"}:
        raise ConfigError(f"{ENV_PREFIX}{name} must be true or false, not {text!r}.")
    return text in {"true", "1"}
