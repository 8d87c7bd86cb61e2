"""The shop admins that may have the order desk in a frame, as the deployment names them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from webshop_orders.security import signing_keys

MOST_SECRETS = 2
ONLY_HOST = "host"
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


class InvalidHosts(ValueError):
    """The hosts are not named as agreed; `setting` is the one to mend, and the text says how."""

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
    """Hosts from `https://admin.example.com` and its secret, or from several such as `shop=https://…`, by spaces.

    A secret may be followed by the one that it takes over from, after a comma. Raises WrongHosts.
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
        EmbedHost(name, tuple(map(_origin, given)), tuple(_secrets(name, secrets_of[name])))
        for name, given in origins_of.items()
    )


def _has_names(origins: str | None) -> bool:
    return not any(one.startswith(("http:", "https:")) for one in (origins or "").split())


def _by_name(setting: str, given: str | None, *, has_names: bool) -> dict[str, list[str]]:
    by_name: dict[str, list[str]] = {}
    for one in (given or "").split():
        name, _equals, value = one.partition("=") if has_names else (ONLY_HOST, "", one)
        if not NAME.fullmatch(name) or not value:
            raise InvalidHosts(setting, "must be one value, or several such as name=value.")
        by_name.setdefault(name, []).append(value)
    return by_name


def _origin(given: str) -> str:
    """An origin as browsers write it."""
    try:
        parts = urlsplit(given)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    is_origin = host and given == f"{parts.scheme}://{parts.netloc}" and "@" not in given and given == given.lower()
    is_safe = is_origin and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(given)))
    if not is_safe or not re.fullmatch(r"[a-z0-9:/.\[\]-]+", given):
        raise InvalidHosts("EMBED_ORIGINS", f"must be origins such as https://admin.example.com, not {given!r}.")
    return given


def is_loopback(origin: str) -> bool:
    """Whether an origin is on this very machine, where browsers take secure cookies without TLS."""
    return re.sub(r"^https?://|:\d+$", "", origin) in LOOPBACK


def _secrets(name: str, given: Iterable[str]) -> Iterator[str]:
    secrets = [secret for one in given for secret in one.split(",") if secret]
    if len(secrets) > MOST_SECRETS:
        raise InvalidHosts("EMBED_SECRET", f"has more than two secrets for {name!r}: the new one and the one before.")
    for secret in secrets:
        if reason := signing_keys.weakness(secret):
            raise InvalidHosts("EMBED_SECRET", f"{reason} for {name!r}. Make one with {signing_keys.HOW_TO_MAKE_ONE}")
        yield secret
