"""The shop admins (hosts) that may embed the order desk in a frame, as configured by the deployment."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from webshop_orders.security import signing_keys

MAX_SECRETS = 2
DEFAULT_NAME = "host"
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


class InvalidHosts(ValueError):
    """The hosts are not configured correctly; `setting` is the variable to correct, and the text says how."""

    def __init__(self, setting: str, sentence: str) -> None:
        super().__init__(sentence)
        self.setting = setting


@dataclass(frozen=True)
class EmbedHost:
    """A shop admin: the name that it signs its tokens with, the origins of its pages, and its secrets, newest first."""

    name: str
    origins: tuple[str, ...]
    secrets: tuple[str, ...]


def parse(origins: str | None, secrets: str | None) -> tuple[EmbedHost, ...]:
    """Parse one origin and its secret, or several named ones such as `shop=https://…`, separated by spaces.

    A secret may be followed by the former one that it replaces, after a comma. Raises InvalidHosts.
    """
    if secrets and not origins:
        raise InvalidHosts("EMBED_ORIGINS", "is missing, while EMBED_SECRET is set.")
    origins_of = _by_name("EMBED_ORIGINS", origins, has_names=_has_names(origins))
    secrets_of = _by_name("EMBED_SECRET", secrets, has_names=_has_names(origins))
    if missing := origins_of.keys() - secrets_of.keys():
        raise InvalidHosts("EMBED_SECRET", f"has no secret for {min(missing)!r} of EMBED_ORIGINS.")
    if missing := secrets_of.keys() - origins_of.keys():
        raise InvalidHosts("EMBED_ORIGINS", f"has no origin for {min(missing)!r} of EMBED_SECRET.")
    return tuple(
        EmbedHost(name, parse_origins("EMBED_ORIGINS", values), tuple(_checked_secrets(name, secrets_of[name])))
        for name, values in origins_of.items()
    )


def parse_origins(setting: str, origins: Iterable[str]) -> tuple[str, ...]:
    """Origins of pages that may show ours in a frame; raises InvalidHosts."""
    return tuple(_checked_origin(setting, origin) for origin in origins)


def _has_names(origins: str | None) -> bool:
    return not any(value.startswith(("http:", "https:")) for value in (origins or "").split())


def _by_name(setting: str, text: str | None, *, has_names: bool) -> dict[str, list[str]]:
    by_name: dict[str, list[str]] = {}
    for item in (text or "").split():
        name, _equals, value = item.partition("=") if has_names else (DEFAULT_NAME, "", item)
        if not NAME.fullmatch(name) or not value:
            raise InvalidHosts(setting, "must be one value, or several such as name=value.")
        by_name.setdefault(name, []).append(value)
    return by_name


def _checked_origin(setting: str, origin: str) -> str:
    """The origin, if it is written as browsers send it (RFC 6454); raises InvalidHosts otherwise."""
    try:
        parts = urlsplit(origin)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    is_origin = host and origin == f"{parts.scheme}://{parts.netloc}" and "@" not in origin and origin == origin.lower()
    is_safe = is_origin and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(origin)))
    if not is_safe or not re.fullmatch(r"[a-z0-9:/.\[\]-]+", origin):
        raise InvalidHosts(setting, f"must be origins such as https://admin.example.com, not {origin!r}.")
    return origin


def is_loopback(origin: str) -> bool:
    """Whether an origin is on this machine, where browsers accept secure cookies without TLS."""
    return re.sub(r"^https?://|:\d+$", "", origin) in LOOPBACK_HOSTS


def _checked_secrets(name: str, values: Iterable[str]) -> Iterator[str]:
    secrets = [secret for value in values for secret in value.split(",") if secret]
    if len(secrets) > MAX_SECRETS:
        raise InvalidHosts("EMBED_SECRET", f"has more than two secrets for {name!r}: the new one and the one before.")
    for secret in secrets:
        if reason := signing_keys.weakness(secret):
            raise InvalidHosts("EMBED_SECRET", f"{reason} for {name!r}. Make one with {signing_keys.GENERATE_COMMAND}")
        yield secret
