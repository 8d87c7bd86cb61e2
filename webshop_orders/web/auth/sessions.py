"""The session of a signed-in user: its start, its continuation and its end."""

import secrets

from flask import Response, current_app, g, request, session
from flask_babel import gettext as _

from webshop_orders.clock import now
from webshop_orders.errors import RuleViolation
from webshop_orders.models import AccessKind, User
from webshop_orders.operations.audit import access_log
from webshop_orders.operations.users import accounts
from webshop_orders.operations.users import sessions as user_sessions
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit
from webshop_orders.web.http.redirects import safe_next_url
from webshop_orders.web.http.responses import see_other


def sign_in_and_redirect(user: User) -> Response:
    """Sign in an authenticated user, and redirect to the page that they were going to."""
    sign_in(user)
    return see_other(safe_next_url())


def sign_in(user: User) -> None:
    """Start a session for an authenticated user, and record it.

    Raises RuleViolation where the account was changed or deactivated since the user was authenticated.
    """
    key = user.session_key
    with writing():
        user = accounts.lock(user.id)
        # nosemgrep: variable-time-comparison - both are ours, and nobody sent either
        if not user.active or user.session_key != key:
            raise RuleViolation(_("Your account was changed meanwhile. Sign in anew."))
        user.signed_in_at = now()
        access_log.record(AccessKind.SIGNED_IN, user.name, address=request.remote_addr or "", user=user)
    begin_session(user)


def begin_session(user: User) -> None:
    """Start a new session, whatever session the request came with; its lifetime is fixed and use does not extend it."""
    session.clear()
    session.permanent = True
    session["id"], session["user"], session["key"] = secrets.token_urlsafe(16), user.id, user.session_key
    session["until"] = (now() + current_app.permanent_session_lifetime).timestamp()


def keep_session(user: User) -> None:
    """Keep this session valid after the user's session key was replaced, which ended all others."""
    session["key"] = user.session_key
    g.user = user


def sign_out() -> None:
    """End the current session on the server too, so that a copy of its cookie is worthless."""
    if g.user is not None:
        until = now() + current_app.permanent_session_lifetime
        with writing():
            user_sessions.end_session(session.get("id"), until=until)
            audit.record(AccessKind.SIGNED_OUT)
    session.clear()
