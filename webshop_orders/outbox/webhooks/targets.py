"""Which servers webhooks may be sent to: public ones, not those of our own network (protection against SSRF)."""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _

NAT64 = ip_network("64:ff9b::/96")
PORTS = {"http": 80, "https": 443}


class ForbiddenTargetError(Exception):
    """A webhook points to an address that is not allowed; the text says which."""


@dataclass(frozen=True)
class Target:
    """A server to connect to: the address that was resolved and checked, and its host name."""

    scheme: str
    host: str
    port: int
    address: str
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def resolve(url: str) -> Target:
    """Resolve the host of a URL. The caller connects to the returned address, so a second lookup cannot differ.

    Raises ForbiddenTargetError if any of its addresses is private, loopback, link-local or otherwise not public,
    unless WEBHOOKS_TO_PRIVATE is set, and OSError if the name cannot be resolved.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(socket_address[0]).partition("%")[0] for *_rest, socket_address in results]
    if not current_app.config.get("WEBHOOKS_TO_PRIVATE"):
        for address in addresses:
            if not _is_public(address):
                raise ForbiddenTargetError(
                    _("%(host)s is at %(address)s, which is no address on the Internet.", host=host, address=address)
                )
    path = parts.path or "/"
    return Target(parts.scheme, host, port, addresses[0], f"{path}?{parts.query}" if parts.query else path)


def _is_public(address: str) -> bool:
    """Whether an address is public; an IPv4 address embedded in an IPv6 one is checked too."""
    ip = ip_address(address)
    return all(candidate.is_global and not candidate.is_multicast for candidate in (ip, *_embedded_ipv4(ip)))


def _embedded_ipv4(ip: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses embedded in an IPv6 address: mapped, 6to4, Teredo and NAT64 (RFC 6052)."""
    if isinstance(ip, IPv4Address):
        return []
    nat64 = IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in NAT64 else None
    return [embedded for embedded in (ip.ipv4_mapped, ip.sixtofour, nat64, *(ip.teredo or ())) if embedded is not None]
