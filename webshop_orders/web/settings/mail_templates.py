"""Konfiguration, Utskicksmallar: what the shop's mails say, tried on real orders before it is used."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, g, make_response, request, url_for
from flask_babel import gettext as _
from markupsafe import escape

from webshop_orders import mailing, shop_settings
from webshop_orders.errors import DomainError, NoChange, NotFound, RuleViolation, StaleVersion
from webshop_orders.mailing.templates import checking, previews, variables
from webshop_orders.mailing.templates import shipped as shipped_templates
from webshop_orders.mailing.templates.errors import TemplateError
from webshop_orders.mailing.templates.rendering import RenderedMail, render
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
from webshop_orders.web.settings.forms.mail_templates import MailTemplateForm, told

blueprint = Blueprint("mail_templates", __name__, url_prefix="/settings/templates")


@dataclass(frozen=True)
class Template:
    """The template that an address names, with its versions."""

    kind: MessageKind
    language: str
    versions: list[MailTemplate]

    @property
    def shipped(self) -> MailSource:
        return shipped_templates.source(self.kind, self.language)

    @property
    def in_use(self) -> MailSource:
        return (self.versions[0].source if self.versions else None) or self.shipped

    @property
    def is_own(self) -> bool:
        return bool(self.versions and self.versions[0].source)

    @property
    def newest(self) -> int:
        return self.versions[0].id if self.versions else 0

    def address(self, action: str = "edit", **more: Any) -> str:
        return url_for(f"mail_templates.{action}", kind=self.kind.value, language=self.language, **more)


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
    return _draw(template, _form_asked_for(template))


@blueprint.post("/<kind>/<language>")
def save(kind: str, language: str) -> Response:
    template, form = _get(kind, language), MailTemplateForm()
    form.validate()
    if form.seen not in {0, *(version.id for version in template.versions)}:
        return _draw(template, form, alert=str(INCOMPLETE), status=422)
    if faults := checking.faults(template.kind, language, form.source, shop_settings.current()):
        form.add_faults(faults)
        return _draw(template, form, status=422)
    warnings = checking.omissions(template.kind, language, form.source, shop_settings.current())
    if form.open_warnings(warnings):
        return _draw(template, form, asks=True, status=422)
    try:
        with audit.changing_settings():
            mail_templates.save(template.kind, language, form.source, by=g.user.actor, seen=form.seen)
    except NoChange as reason:
        return _answer(template, str(reason))
    except StaleVersion as reason:
        return _draw(_get(kind, language), form, alert=str(reason), status=reason.status)
    return _answer(template, _("The template is saved, and used from now on."))


@blueprint.post("/<kind>/<language>/reset")
def reset(kind: str, language: str) -> Response:
    template = _get(kind, language)
    try:
        with audit.changing_settings():
            mail_templates.reset(template.kind, language, by=g.user.actor)
    except NoChange as reason:
        return _answer(template, str(reason))
    return _answer(template, _("The shipped template is used again. Yours is kept among the earlier versions."))


@blueprint.post("/<kind>/<language>/test")
def send_test(kind: str, language: str) -> Response:
    template, form = _get(kind, language), MailTemplateForm()
    form.recipient.required = True
    valid = form.validate()
    if faults := checking.faults(template.kind, language, form.source, shop_settings.current()):
        form.add_faults(faults)
        return _draw(template, form, status=422)
    try:
        if not valid:
            return _draw(template, form, status=422)
        order, rendered = _tried(template, form)
        with writing():
            about = previews.find_order(order.number) if order else None
            mailing.queue_test(template.kind, language, rendered, form.recipient.data, about=about, by=g.user.actor)
    except DomainError as reason:
        form.add_error(reason)
        return _draw(template, form, status=reason.status)
    flash_message(_("A test goes to %(recipient)s. It stands under Messages, Tests.", recipient=form.recipient.data))
    return _draw(template, form)


@blueprint.post("/<kind>/<language>/insertion")
def insert(kind: str, language: str) -> Response:
    """Put in what a warning misses, for those without JavaScript; nothing is saved."""
    template, form = _get(kind, language), MailTemplateForm()
    form.validate()
    source = form.source
    if checking.faults(template.kind, language, source, shop_settings.current()):
        return _draw(template, form, status=422)
    for warning in checking.omissions(template.kind, language, source, shop_settings.current()):
        if warning.part == request.form.get("insert") and text_arg("code") in {"", warning.code}:
            part: str = getattr(source, warning.part)
            source = replace(source, **{warning.part: f"{part.rstrip()}\n{warning.insert}\n"})
    values = {name: form[name].data for name in ("order", "shipment", "recipient")}
    return _draw(template, MailTemplateForm.of(source, **values))


@blueprint.post("/<kind>/<language>/findings")
def findings(kind: str, language: str) -> Response:
    """What is wrong with a template, and what its mail says, while it is being typed."""
    template, form = _get(kind, language), MailTemplateForm()
    form.validate()
    return _draw(template, form, only_findings=True)


@blueprint.route("/<kind>/<language>/preview", methods=["GET", "POST"])
def preview(kind: str, language: str) -> Response:
    """The mail as HTML, in a page that can neither run nor fetch; asked quietly, nothing where there is no mail."""
    template = _get(kind, language)
    form = MailTemplateForm() if request.method == "POST" else _form_asked_for(template)
    if request.method == "POST":
        form.validate()
    faults = checking.faults(template.kind, language, form.source, shop_settings.current())
    try:
        html, reasons = "" if faults else _tried(template, form)[1].html, [told(fault) for fault in faults]
    except DomainError as reason:
        html, reasons = "", [str(reason)]
    if reasons and "quiet" in request.args:
        return Response(status=204)
    response = make_response(html or "<br>".join(escape(reason) for reason in reasons))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _get(kind: str, language: str) -> Template:
    if kind not in set(MessageKind) or language not in LANGUAGES:
        raise NotFound(_("There is no such mail template."))
    return Template(MessageKind(kind), language, mail_templates.versions(MessageKind(kind), language))


def _source_asked_for(template: Template) -> MailSource:
    """The version that is to be brought back, or else the one in use; raises NotFound for one that there is not."""
    asked = text_arg("version")
    if not asked:
        return template.in_use
    sources = {str(version.id): version.source or template.shipped for version in template.versions}
    sources["shipped"] = template.shipped
    if asked not in sources:
        raise NotFound(_("There is no such version of the template."))
    return sources[asked]


def _form_asked_for(template: Template) -> MailTemplateForm:
    """The form that an address asks for: a version, tried on an order."""
    chosen = {"order": text_arg("order"), "shipment": text_arg("shipment")}
    return MailTemplateForm.of(_source_asked_for(template), recipient=g.user.email, **chosen)


def _tried(template: Template, form: MailTemplateForm) -> tuple[Order | None, RenderedMail]:
    """The chosen order, and the mail that the typed template makes of it; raises Refused where there is none."""
    order = previews.order_to_show(template.kind, form.order.data)
    return order, _rendered(template, form, order)


def _rendered(template: Template, form: MailTemplateForm, order: Order | None) -> RenderedMail:
    shipment = previews.shipment_to_show(order, form.shipment.data) if order else None
    try:
        return render(form.source, template.language, previews.facts(template.kind, template.language, order, shipment))
    except TemplateError as error:
        raise RuleViolation(str(error), field="html") from error


def _answer(template: Template, sentence: str) -> Response:
    flash_message(sentence)
    form = MailTemplateForm()
    form.validate()
    if not wants_fragment():
        return see_other(template.address(order=form.order.data, shipment=form.shipment.data))
    present = _get(template.kind.value, template.language)
    kept = {name: form[name].raw for name in ("order", "shipment", "recipient")}
    return _draw(present, MailTemplateForm.of(present.in_use, **kept))


def _draw(
    template: Template,
    form: MailTemplateForm,
    *,
    alert: str | None = None,
    asks: bool = False,
    only_findings: bool = False,
    status: int = 200,
) -> Response:
    shop = shop_settings.current()
    faults = checking.faults(template.kind, template.language, form.source, shop)
    warnings = [] if faults else checking.omissions(template.kind, template.language, form.source, shop)
    order, rendered = None, None
    try:
        order = previews.order_to_show(template.kind, form.order.data)
        rendered = None if faults else _rendered(template, form, order)
    except DomainError as reason:
        if not form[reason.field or "order"].errors:
            form.add_error(reason)
    return render_region(
        "settings/_template_findings.html" if only_findings else "settings/mail_template.html",
        part="templates",
        chosen=template,
        name=MESSAGE_KINDS[template.kind],
        form=form,
        faults=faults,
        told=told,
        warnings=warnings,
        asks=asks,
        alert=alert,
        rendered=rendered,
        order=order,
        shows_typed=request.method == "POST" and form.source != template.in_use,
        recent=previews.recent_orders() if not only_findings else [],
        groups=variables.groups(previews.facts(template.kind, template.language, None)),
        status=status,
    )
