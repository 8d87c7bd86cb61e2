"""Where webhooks may go: to servers out on the Internet, not to those around our own."""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _

NAT64 = ip_network("64:ff9b::/96")
PORTS = {"http": 80, "https": 443}


class ForbiddenTargetError(Exception):
    """A webhook would go where none may; the text says where."""


@dataclass(frozen=True)
class Target:
    """A server to connect to: the address that was looked up and allowed, and the name that it goes by."""

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
    """The server behind a web address, looked up now; it is then connected to by that very address.

    Raises ForbiddenTargetError where any of its addresses is private, loopback, link-local or otherwise none of the
    Internet's, unless the deployment allows that, and OSError where the name is not known.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(place[0]).partition("%")[0] for *_rest, place in found]
    if not current_app.config.get("WEBHOOKS_TO_PRIVATE"):
        for address in addresses:
            if not _is_outside(address):
                raise ForbiddenTargetError(
                    _("%(host)s is at %(address)s, which is no address on the Internet.", host=host, address=address)
                )
    path = parts.path or "/"
    return Target(parts.scheme, host, port, addresses[0], f"{path}?{parts.query}" if parts.query else path)


def _is_outside(address: str) -> bool:
    """Whether an address is one of the Internet's, also where IPv6 wraps one of IPv4's."""
    ip = ip_address(address)
    return all(one.is_global and not one.is_multicast for one in (ip, *_wrapped(ip)))


def _wrapped(ip: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 one may lead to: mapped, 6to4, Teredo and NAT64 (RFC 6052)."""
    if isinstance(ip, IPv4Address):
        return []
    nat64 = IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in NAT64 else None
    return [one for one in (ip.ipv4_mapped, ip.sixtofour, nat64, *(ip.teredo or ())) if one is not None]
