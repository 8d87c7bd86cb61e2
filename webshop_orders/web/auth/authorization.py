"""Whether the current user may use an endpoint."""

from typing import NoReturn

from flask import Request, Response, g
from flask_babel import gettext as _

from webshop_orders.errors import Forbidden
from webshop_orders.web.auth.audit import record_refusal
from webshop_orders.web.auth.authentication import ask_to_sign_in, has_user
from webshop_orders.web.auth.permissions import MINIMUM_ROLES, allows


def check_role(request: Request) -> Response | None:
    """Admit only users whose role suffices; an endpoint without an entry in the table is closed to everyone."""
    endpoint = request.endpoint
    if endpoint is None or not has_user():
        return None
    if endpoint in MINIMUM_ROLES and may(endpoint):
        return None
    return ask_to_sign_in() if endpoint in MINIMUM_ROLES and g.user is None else refuse()


def require(endpoint: str) -> None:
    """Raise Forbidden where the current user may not use an endpoint, for what is done through another one."""
    if not may(endpoint):
        refuse()


def refuse() -> NoReturn:
    """Refuse what the user's role does not allow; raises Forbidden."""
    record_refusal("role")
    raise Forbidden(_("Your role does not allow this. An administrator can give you another."))


def may(endpoint: str) -> bool:
    """Whether the current user may use an endpoint; templates ask it before they show the endpoint's controls."""
    user = vars(g._get_current_object()).get("user")  # asked for each control, and so not through the proxy
    return allows(endpoint, user.role if user is not None else None)


TEMPLATE_GLOBALS = {"may": may}
