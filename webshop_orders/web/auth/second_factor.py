"""Two-step verification of the one who asks: set up, given new recovery codes, and switched off."""

from typing import Any

import segno
from flask import Blueprint, Flask, Response, g, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webshop_orders import shop_settings
from webshop_orders.errors import DomainError, Forbidden
from webshop_orders.models import AccessKind
from webshop_orders.operations.users import accounts, second_factor
from webshop_orders.operations.users.second_factor import Proof, RecoveryCode
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit, reauthentication, sessions
from webshop_orders.web.auth.forms.second_factor import ProofForm, SetUpForm
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment

blueprint = Blueprint("second_factor", __name__)

PENDING = "second_factor_pending"
# All that is open to someone who has to set up their second factor first.
OPEN_BEFORE = {"static", "health.healthz", "sessions.logout", "second_factor.show", "second_factor.confirm"}
WRONG_PROOF = _l("This is neither the code that the app shows now nor your password.")
WRONG_PASSWORD = _l("This is not your password.")


def install(app: Flask) -> None:
    app.before_request(lead_to_set_up)
    app.jinja_env.globals["second_factor_is_required"] = _is_required


def lead_to_set_up() -> Response | None:
    """Let someone who has to have a second factor and has none do nothing else than set it up."""
    is_open = request.endpoint in OPEN_BEFORE or request.blueprint == "embed"
    if g.user is None or is_open or g.user.second_factor is not None or not _is_required():
        return None
    page = url_for("second_factor.show")
    if "HX-Request" in request.headers:
        return Response(status=403, headers={"HX-Redirect": page})
    return see_other(page)


@blueprint.before_request
def refuse_those_of_hosts() -> None:
    if g.user.host is not None:
        raise Forbidden(_("Your shop's admin says who you are, so there is no two-step verification to set up here."))


@blueprint.get("/account/second-factor")
def show() -> Response:
    return _draw()


@blueprint.post("/account/second-factor")
def confirm() -> Response:
    form = _set_up_form(SetUpForm())
    if not form.validate():
        return _draw(set_up_form=form, status=422)
    try:
        if "password" in form:
            reauthentication.reauthenticate(g.user, form.password, by=[Proof.PASSWORD], otherwise=WRONG_PASSWORD)
        codes = second_factor.generate_recovery_codes()
        with writing():
            user = accounts.lock(g.user.id)
            second_factor.confirm(user, session.get(PENDING, ""), form.code.data, codes)
            audit.record(AccessKind.USER_CHANGED, what="second_factor_on")
    except DomainError as error:
        form.add_error(error)
        return _draw(set_up_form=form, status=error.status)
    session.pop(PENDING, None)
    sessions.keep_session(user)
    return _draw(codes=codes)  # shown now and never again, so there is no other page to send a browser on to


@blueprint.post("/account/second-factor/recovery-codes")
def make_recovery_codes() -> Response:
    form = ProofForm()
    if not form.validate():
        return _draw(codes_form=form, status=422)
    try:
        reauthentication.reauthenticate(g.user, form.proof, by=list(Proof), otherwise=WRONG_PROOF)
        codes = second_factor.generate_recovery_codes()
        with writing():
            second_factor.set_recovery_codes(accounts.lock(g.user.id), codes)
            audit.record(AccessKind.USER_CHANGED, what="recovery_codes_made")
    except DomainError as error:
        form.add_error(error)
        return _draw(codes_form=form, status=error.status)
    return _draw(codes=codes)


@blueprint.post("/account/second-factor/removal")
def switch_off() -> Response:
    form = ProofForm()
    if not form.validate():
        return _draw(removal_form=form, status=422)
    try:
        reauthentication.reauthenticate(g.user, form.proof, by=list(Proof), otherwise=WRONG_PROOF)
        with writing():
            user = accounts.lock(g.user.id)
            second_factor.clear(user)
            audit.record(AccessKind.USER_CHANGED, what="second_factor_off")
    except DomainError as error:
        form.add_error(error)
        return _draw(removal_form=form, status=error.status)
    sessions.keep_session(user)
    flash_message(_("Two-step verification is off."))
    return _draw() if wants_fragment() else see_other(url_for("second_factor.show"))


def _is_required() -> bool:
    return second_factor.is_required(g.user, shop_settings.current())


def _set_up_form(form: SetUpForm) -> SetUpForm:
    """The form without the field for a password where the user has none."""
    if g.user.password_hash is None:
        del form.password
    return form


def _draw(
    set_up_form: SetUpForm | None = None,
    codes_form: ProofForm | None = None,
    removal_form: ProofForm | None = None,
    *,
    codes: list[RecoveryCode] | None = None,
    status: int = 200,
) -> Response:
    """The page as it stands: how to set it up, or what can be done with it, and new recovery codes first."""
    is_on = g.user.second_factor is not None
    return render_region(
        "account/second_factor.html",
        set_up=None if is_on else _set_up(),
        set_up_form=set_up_form or _set_up_form(SetUpForm.blank()),
        codes_form=codes_form or ProofForm.blank(),
        removal_form=removal_form or ProofForm.blank(),
        codes=[code.told for code in codes or ()],
        status=status,
    )


def _set_up() -> dict[str, Any]:
    """What an app is set up with: a secret that stays the same in this session until it is confirmed."""
    secret = session.setdefault(PENDING, second_factor.new_secret())
    address = second_factor.provisioning_uri(secret, g.user, shop_settings.current())
    picture = segno.make(address, error="m", micro=False).svg_data_uri(scale=4, light="#fff")
    return {"secret": secret, "address": address, "picture": picture}
