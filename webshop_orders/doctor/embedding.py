"""The shop admins that have the order desk in a frame: whether browsers will let them, and nobody else."""

from flask import current_app
from flask_babel import gettext as _

from webshop_orders.config import PREFIX
from webshop_orders.doctor.diagnostic import Diagnostic
from webshop_orders.security import signing_keys
from webshop_orders.security.embed_hosts import EmbedHost, is_loopback


def hosts() -> Diagnostic:
    """Whether the hosts' secrets are strong and their own, and the desk answers where a frame's cookie is taken."""
    found: tuple[EmbedHost, ...] = current_app.config["EMBED_HOSTS"]
    if not found:
        return Diagnostic(True, _("Embedding: no host is configured, and nobody can have the desk in a frame."))
    if weak := [host.name for host in found if not _is_strong(host)]:
        return Diagnostic(
            False,
            _(
                "Embedding: a secret of %(names)s in %(prefix)sEMBED_SECRET is easy to guess. Draw one at random.",
                names=", ".join(weak),
                prefix=PREFIX,
            ),
        )
    if shared := _shared(found):
        return Diagnostic(
            False,
            _(
                "Embedding: %(names)s use a secret that something else uses too. Give each one of its own.",
                names=", ".join(shared),
            ),
        )
    if not _is_reached_safely(found):
        return Diagnostic(
            False,
            _(
                "Embedding: browsers take a frame's cookie over https only. Set %(prefix)sBASE_URL to such an address.",
                prefix=PREFIX,
            ),
        )
    origins = ", ".join(origin for host in found for origin in host.origins)
    return Diagnostic(True, _("Embedding: %(origins)s may have the desk in a frame.", origins=origins))


def _is_strong(host: EmbedHost) -> bool:
    return not any(map(signing_keys.weakness, host.secrets))


def _shared(found: tuple[EmbedHost, ...]) -> list[str]:
    """The hosts with a secret that is another host's, or that signs our own sessions."""
    used = [secret for host in found for secret in host.secrets]
    used += signing_keys.active_keys(current_app.config)
    return [host.name for host in found if any(used.count(secret) > 1 for secret in host.secrets)]


def _is_reached_safely(found: tuple[EmbedHost, ...]) -> bool:
    is_tried_out = all(is_loopback(origin) for host in found for origin in host.origins)
    return is_tried_out or (current_app.config.get("BASE_URL") or "").startswith("https://")
