"""Konfiguration, Utskicksmallar: the shop's mail templates, previewed with real orders before they are saved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, g, make_response, request, url_for
from flask_babel import gettext as _
from markupsafe import escape

from webshop_orders import mailing, shop_settings
from webshop_orders.errors import DomainError, NoChange, NotFound, RuleViolation, StaleVersion
from webshop_orders.mailing.messages.active_templates import shipped_source
from webshop_orders.mailing.templates import previews, variables
from webshop_orders.mailing.templates.rendered_mail import RenderedMail, TemplateError
from webshop_orders.mailing.vocabulary import LANGUAGES
from webshop_orders.models import MailSource, MailTemplate, MessageKind, Order
from webshop_orders.operations.settings import mail_templates
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit
from webshop_orders.web.http.fields import INCOMPLETE
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.query_args import text_arg
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.http.security_headers import MAIL_POLICY
from webshop_orders.web.labels import MESSAGE_KINDS
from webshop_orders.web.orders.mail_sentences import goes_or_is_held
from webshop_orders.web.settings.forms.mail_templates import MailTemplateForm, fault_sentence

if TYPE_CHECKING:
    from webshop_orders.mailing.templates.checking import TemplateOmission
    from webshop_orders.mailing.templates.faults import TemplateFault

blueprint = Blueprint("mail_templates", __name__, url_prefix="/settings/templates")


@dataclass(frozen=True)
class EditedTemplate:
    """The template that a URL names, with its versions, the newest first."""

    kind: MessageKind
    language: str
    versions: list[MailTemplate]

    @property
    def shipped(self) -> MailSource:
        return shipped_source(self.kind, self.language)

    @property
    def active(self) -> MailSource:
        return (self.versions[0].source if self.versions else None) or self.shipped

    @property
    def is_own(self) -> bool:
        return bool(self.versions and self.versions[0].source)

    @property
    def newest_version(self) -> int:
        return self.versions[0].id if self.versions else 0

    def url(self, action: str = "edit", **values: Any) -> str:
        return url_for(f"mail_templates.{action}", kind=self.kind.value, language=self.language, **values)


@blueprint.get("")
def index() -> Response:
    return render_region(
        "settings/mail_templates.html",
        part="templates",
        form=BaseForm.blank(),
        kinds=MessageKind,
        languages=LANGUAGES,
        own=mail_templates.own_templates(),
    )


@blueprint.get("/<kind>/<language>")
def edit(kind: str, language: str) -> Response:
    template = _get(kind, language)
    return _render(template, _requested_form(template))


@blueprint.post("/<kind>/<language>")
def save(kind: str, language: str) -> Response:
    template, form = _get(kind, language), MailTemplateForm()
    form.validate()
    if form.shown_version not in {0, *(version.id for version in template.versions)}:
        return _render(template, form, alert=str(INCOMPLETE), status=422)
    if faults := _faults(template, form.source):
        form.add_faults(faults)
        return _render(template, form, status=422)
    warnings = _omissions(template, form.source)
    if form.unconfirmed(warnings):
        return _render(template, form, needs_confirmation=True, status=422)
    try:
        with audit.changing_settings():
            mail_templates.save(template.kind, language, form.source, by=g.user.actor, shown_version=form.shown_version)
    except NoChange as error:
        return _respond(template, str(error))
    except StaleVersion as error:
        return _render(_get(kind, language), form, alert=str(error), status=error.status)
    return _respond(template, _("The template is saved, and used from now on."))


@blueprint.post("/<kind>/<language>/reset")
def reset(kind: str, language: str) -> Response:
    template = _get(kind, language)
    try:
        with audit.changing_settings():
            mail_templates.reset(template.kind, language, by=g.user.actor)
    except NoChange as error:
        return _respond(template, str(error))
    return _respond(template, _("The shipped template is used again. Yours is kept among the earlier versions."))


@blueprint.post("/<kind>/<language>/test")
def send_test(kind: str, language: str) -> Response:
    template, form = _get(kind, language), MailTemplateForm()
    form.recipient.required = True
    valid = form.validate()
    if faults := _faults(template, form.source):
        form.add_faults(faults)
        return _render(template, form, status=422)
    try:
        if not valid:
            return _render(template, form, status=422)
        order, rendered = _preview(template, form)
        with writing():
            about = previews.find_order(order.number) if order else None
            recipient, by = form.recipient.data, g.user.actor
            message = mailing.queue_test(template.kind, language, rendered, recipient, about=about, by=by)
    except DomainError as reason:
        form.add_error(reason)
        return _render(template, form, status=reason.status)
    sentence = _("A test goes to %(recipient)s. It stands under Messages, Tests.", recipient=message.recipient)
    flash_message(goes_or_is_held(sentence, message))
    return _render(template, form)


@blueprint.post("/<kind>/<language>/insertion")
def insert(kind: str, language: str) -> Response:
    """Insert what a warning says is missing, for browsers without JavaScript; nothing is saved."""
    template, form = _get(kind, language), MailTemplateForm()
    form.validate()
    source = form.source
    if _faults(template, source):
        return _render(template, form, status=422)
    for warning in _omissions(template, source):
        if warning.part == form.submitted("insert") and text_arg("code") in {"", warning.code}:
            part: str = getattr(source, warning.part)
            source = replace(source, **{warning.part: f"{part.rstrip()}\n{warning.insert}\n"})
    values = {name: form[name].data for name in ("order", "shipment", "recipient")}
    return _render(template, MailTemplateForm.of(source, **values))


@blueprint.post("/<kind>/<language>/findings")
def findings(kind: str, language: str) -> Response:
    """What is wrong with a template, and its mail, while it is typed."""
    template, form = _get(kind, language), MailTemplateForm()
    form.validate()
    return _render(template, form, findings_only=True)


@blueprint.route("/<kind>/<language>/preview", methods=["GET", "POST"])
def preview(kind: str, language: str) -> Response:
    """The mail as HTML, under a policy without scripts and requests; 204 for `quiet` where there is no mail."""
    template = _get(kind, language)
    form = MailTemplateForm() if request.method == "POST" else _requested_form(template)
    if request.method == "POST":
        form.validate()
    faults = _faults(template, form.source)
    try:
        html, reasons = "" if faults else _preview(template, form)[1].html, [fault_sentence(fault) for fault in faults]
    except DomainError as reason:
        html, reasons = "", [str(reason)]
    if reasons and "quiet" in request.args:
        return Response(status=204)
    response = make_response(html or "<br>".join(escape(reason) for reason in reasons))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _get(kind: str, language: str) -> EditedTemplate:
    if kind not in set(MessageKind) or language not in LANGUAGES:
        raise NotFound(_("There is no such mail template."))
    return EditedTemplate(MessageKind(kind), language, mail_templates.versions(MessageKind(kind), language))


def _faults(template: EditedTemplate, source: MailSource) -> list[TemplateFault]:
    """What keeps a typed template from use."""
    from webshop_orders.mailing.templates import checking

    return checking.faults(template.kind, template.language, source, shop_settings.current())


def _omissions(template: EditedTemplate, source: MailSource) -> list[TemplateOmission]:
    """What the readers of its mail will miss."""
    from webshop_orders.mailing.templates import checking

    return checking.omissions(template.kind, template.language, source, shop_settings.current())


def _requested_source(template: EditedTemplate) -> MailSource:
    """The version that the query asks to restore, or else the active one; raises NotFound for an unknown version."""
    version_id = text_arg("version")
    if not version_id:
        return template.active
    sources = {str(version.id): version.source or template.shipped for version in template.versions}
    sources["shipped"] = template.shipped
    if version_id not in sources:
        raise NotFound(_("There is no such version of the template."))
    return sources[version_id]


def _requested_form(template: EditedTemplate) -> MailTemplateForm:
    """The form that the query asks for: a version, previewed with an order."""
    selection = {"order": text_arg("order"), "shipment": text_arg("shipment")}
    return MailTemplateForm.of(_requested_source(template), recipient=g.user.email, **selection)


def _preview(template: EditedTemplate, form: MailTemplateForm) -> tuple[Order | None, RenderedMail]:
    """The selected order and its mail with the typed template; raises RuleViolation where either cannot be had."""
    order = previews.order_to_show(template.kind, form.order.data)
    return order, _render_mail(template, form, order)


def _render_mail(template: EditedTemplate, form: MailTemplateForm, order: Order | None) -> RenderedMail:
    from webshop_orders.mailing.templates.rendering import render

    shipment = previews.shipment_to_show(order, form.shipment.data) if order else None
    try:
        return render(
            form.source, template.language, previews.preview_context(template.kind, template.language, order, shipment)
        )
    except TemplateError as error:
        raise RuleViolation(str(error), field="html") from error


def _respond(template: EditedTemplate, sentence: str) -> Response:
    flash_message(sentence)
    form = MailTemplateForm()
    form.validate()
    if not wants_fragment():
        return see_other(template.url(order=form.order.data, shipment=form.shipment.data))
    saved = _get(template.kind.value, template.language)
    values = {name: form[name].raw for name in ("order", "shipment", "recipient")}
    return _render(saved, MailTemplateForm.of(saved.active, **values))


def _render(
    template: EditedTemplate,
    form: MailTemplateForm,
    *,
    alert: str | None = None,
    needs_confirmation: bool = False,
    findings_only: bool = False,
    status: int = 200,
) -> Response:
    faults = _faults(template, form.source)
    warnings = [] if faults else _omissions(template, form.source)
    order, rendered = None, None
    try:
        order = previews.order_to_show(template.kind, form.order.data)
        rendered = None if faults else _render_mail(template, form, order)
    except DomainError as reason:
        if not form[reason.field or "order"].errors:
            form.add_error(reason)
    return render_region(
        "settings/_template_findings.html" if findings_only else "settings/mail_template.html",
        part="templates",
        edited=template,
        name=MESSAGE_KINDS[template.kind],
        form=form,
        faults=faults,
        fault_sentence=fault_sentence,
        warnings=warnings,
        needs_confirmation=needs_confirmation,
        alert=alert,
        rendered=rendered,
        order=order,
        is_unsaved=request.method == "POST" and form.source != template.active,
        recent=previews.recent_orders() if not findings_only else [],
        groups=variables.groups(previews.preview_context(template.kind, template.language, None)),
        status=status,
    )
