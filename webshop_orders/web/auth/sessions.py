"""TODO web.auth.sessions."""

from __future__ import annotations

import secrets

from flask import (
    Response,
    current_app,
    g,
    redirect,
    request,
    session,
)
from flask_babel import gettext as _

from webshop_orders.clock import now
from webshop_orders.errors import RuleViolation
from webshop_orders.models import AccessKind, User
from webshop_orders.operations.audit import access_log
from webshop_orders.operations.users import accounts
from webshop_orders.operations.users import sessions as user_sessions
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth.audit import record
from webshop_orders.web.http.redirects import safe_next_url


def let_in(user: User) -> Response:
    """Sign in someone who proved who they are, and show where they were going."""
    sign_in(user)
    return redirect(safe_next_url(), 303)  # type: ignore[return-value]


def sign_in(user: User) -> None:
    """Give someone who proved who they are their session, and note it.

    Raises Refused where what they proved it with no longer holds.
    """
    key = user.session_key
    with writing():
        user = accounts.lock(user.id)
        # nosemgrep: compared-in-telling-time - both are ours, and nobody sent either
        if not user.active or user.session_key != key:
            raise RuleViolation(_("Your account was changed meanwhile. Sign in anew."))
        user.signed_in_at = now()
        access_log.record(AccessKind.SIGNED_IN, user.name, address=request.remote_addr or "", user=user)
    begin_session(user)


def begin_session(user: User) -> None:
    """A session of its own, whatever came with the request, and however much it is used, until its end."""
    session.clear()
    session.permanent = True
    session["id"], session["user"], session["key"] = secrets.token_urlsafe(16), user.id, user.session_key
    session["until"] = (now() + current_app.permanent_session_lifetime).timestamp()


def keep_session(user: User) -> None:
    """Go on in this session, when all others of the user have ended."""
    session["key"] = user.session_key
    g.user = user


def sign_out() -> None:
    """End the present session for good, also where its cookie was copied."""
    if g.user is not None:
        until = now() + current_app.permanent_session_lifetime
        with writing():
            user_sessions.end_session(session.get("id"), until=until)
            record(AccessKind.SIGNED_OUT)
    session.clear()
