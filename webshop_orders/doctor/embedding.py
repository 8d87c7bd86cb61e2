"""Diagnostics of embedding: the hosts that show the order desk in a frame."""

from flask import current_app
from flask_babel import gettext as _

from webshop_orders.config import ENV_PREFIX
from webshop_orders.doctor.diagnostic import Diagnostic
from webshop_orders.security import signing_keys
from webshop_orders.security.embed_hosts import EmbedHost, is_loopback


def hosts() -> Diagnostic:
    """Whether each host's secrets are strong and unique, and browsers accept the cookie in a frame."""
    configured: tuple[EmbedHost, ...] = current_app.config["EMBED_HOSTS"]
    if not configured:
        return Diagnostic(True, _("Embedding: no host is configured, and nobody can have the desk in a frame."))
    if weak := [host.name for host in configured if not _is_strong(host)]:
        return Diagnostic(
            False,
            _(
                "Embedding: a secret of %(names)s in %(prefix)sEMBED_SECRET is easy to guess. Draw one at random.",
                names=", ".join(weak),
                prefix=ENV_PREFIX,
            ),
        )
    if shared := _with_shared_secrets(configured):
        return Diagnostic(
            False,
            _(
                "Embedding: %(names)s use a secret that something else uses too. Give each one of its own.",
                names=", ".join(shared),
            ),
        )
    if not _is_cookie_accepted(configured):
        return Diagnostic(
            False,
            _(
                "Embedding: browsers take a frame's cookie over https only. Set %(prefix)sBASE_URL to such an address.",
                prefix=ENV_PREFIX,
            ),
        )
    origins = ", ".join(origin for host in configured for origin in host.origins)
    return Diagnostic(True, _("Embedding: %(origins)s may have the desk in a frame.", origins=origins))


def _is_strong(host: EmbedHost) -> bool:
    return not any(map(signing_keys.weakness, host.secrets))


def _with_shared_secrets(configured: tuple[EmbedHost, ...]) -> list[str]:
    """The names of hosts with a secret that another host has too, or that is one of our signing keys."""
    secrets = [secret for host in configured for secret in host.secrets]
    secrets += signing_keys.active_keys(current_app.config)
    return [host.name for host in configured if any(secrets.count(secret) > 1 for secret in host.secrets)]


def _is_cookie_accepted(configured: tuple[EmbedHost, ...]) -> bool:
    is_local = all(is_loopback(origin) for host in configured for origin in host.origins)
    return is_local or (current_app.config.get("BASE_URL") or "").startswith("https://")
