"""A user's own two-step verification: setting it up, new recovery codes, switching it off."""

from typing import Any

from flask import Blueprint, Request, Response, g, session, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.errors import DomainError, Forbidden
from webshop_orders.models import AccessKind
from webshop_orders.operations.users import accounts, second_factor
from webshop_orders.operations.users.second_factor import Proof, RecoveryCode
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit, sessions
from webshop_orders.web.auth.forms.second_factor import ProofForm, SetUpForm
from webshop_orders.web.auth.reauthentication import reauthenticate
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment

blueprint = Blueprint("second_factor", __name__)

PENDING = "second_factor_pending"
# What a user may do who has to set up a second factor first.
OPEN_BEFORE_SET_UP = {"static", "sessions.logout", "second_factor.show", "second_factor.confirm"}
OPEN_BLUEPRINTS_BEFORE_SET_UP = {"embed", "health"}
WRONG_PROOF = _l("This is neither the code that the app shows now nor your password.")
WRONG_PASSWORD = _l("This is not your password.")


def require_set_up(request: Request) -> Response | None:
    """Redirect a user who must have a second factor and has none to the page that sets it up."""
    user = g.user
    if user is None or user.second_factor is not None or not _is_required():
        return None
    if request.endpoint in OPEN_BEFORE_SET_UP or request.blueprint in OPEN_BLUEPRINTS_BEFORE_SET_UP:
        return None
    page = url_for("second_factor.show")
    if "HX-Request" in request.headers:
        return Response(status=403, headers={"HX-Redirect": page})
    return see_other(page)


@blueprint.before_request
def refuse_users_of_hosts() -> None:
    if g.user.host is not None:
        raise Forbidden(_("Your shop's admin says who you are, so there is no two-step verification to set up here."))


@blueprint.get("/account/second-factor")
def show() -> Response:
    return _render()


@blueprint.post("/account/second-factor")
def confirm() -> Response:
    form = _set_up_form(SetUpForm())
    if not form.validate():
        return _render(set_up_form=form, status=422)
    try:
        if "password" in form:
            reauthenticate(g.user, form.password, accepts=[Proof.PASSWORD], error_message=WRONG_PASSWORD)
        codes = second_factor.generate_recovery_codes()
        with writing():
            user = accounts.lock(g.user.id)
            second_factor.confirm(user, session.get(PENDING, ""), form.code.data, codes)
            audit.record(AccessKind.USER_CHANGED, what="second_factor_on")
    except DomainError as error:
        form.add_error(error)
        return _render(set_up_form=form, status=error.status)
    session.pop(PENDING, None)
    sessions.keep_session(user)
    return _render(codes=codes)  # shown this once only, so there is no page to redirect to


@blueprint.post("/account/second-factor/recovery-codes")
def make_recovery_codes() -> Response:
    form = ProofForm()
    if not form.validate():
        return _render(codes_form=form, status=422)
    try:
        reauthenticate(g.user, form.proof, accepts=list(Proof), error_message=WRONG_PROOF)
        codes = second_factor.generate_recovery_codes()
        with writing():
            second_factor.set_recovery_codes(accounts.lock(g.user.id), codes)
            audit.record(AccessKind.USER_CHANGED, what="recovery_codes_made")
    except DomainError as error:
        form.add_error(error)
        return _render(codes_form=form, status=error.status)
    return _render(codes=codes)


@blueprint.post("/account/second-factor/removal")
def switch_off() -> Response:
    form = ProofForm()
    if not form.validate():
        return _render(removal_form=form, status=422)
    try:
        reauthenticate(g.user, form.proof, accepts=list(Proof), error_message=WRONG_PROOF)
        with writing():
            user = accounts.lock(g.user.id)
            second_factor.clear(user)
            audit.record(AccessKind.USER_CHANGED, what="second_factor_off")
    except DomainError as error:
        form.add_error(error)
        return _render(removal_form=form, status=error.status)
    sessions.keep_session(user)
    flash_message(_("Two-step verification is off."))
    return _render() if wants_fragment() else see_other(url_for("second_factor.show"))


def _is_required() -> bool:
    return second_factor.is_required(g.user, shop_settings.current())


def _set_up_form(form: SetUpForm) -> SetUpForm:
    """The form, without the password field where the user has no password."""
    if g.user.password_hash is None:
        del form.password
    return form


def _render(
    set_up_form: SetUpForm | None = None,
    codes_form: ProofForm | None = None,
    removal_form: ProofForm | None = None,
    *,
    codes: list[RecoveryCode] | None = None,
    status: int = 200,
) -> Response:
    """Render the page: how to set it up, or else how to change it, with new recovery codes first."""
    is_on = g.user.second_factor is not None
    return render_region(
        "auth/second_factor.html",
        set_up=None if is_on else _set_up(),
        set_up_form=set_up_form or _set_up_form(SetUpForm.blank()),
        codes_form=codes_form or ProofForm.blank(),
        removal_form=removal_form or ProofForm.blank(),
        codes=[code.plaintext for code in codes or ()],
        status=status,
    )


def _set_up() -> dict[str, Any]:
    """The secret, as text, URI and QR code; it stays the same in this session until it is confirmed."""
    import segno

    secret = session.setdefault(PENDING, second_factor.new_secret())
    uri = second_factor.provisioning_uri(secret, g.user, shop_settings.current())
    qr_code = segno.make(uri, error="m", micro=False).svg_data_uri(scale=4, light="#fff")
    return {"secret": secret, "address": uri, "qr_code": qr_code}


TEMPLATE_GLOBALS = {"second_factor_is_required": _is_required}
