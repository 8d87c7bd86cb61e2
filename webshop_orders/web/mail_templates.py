"""Konfiguration, Utskicksmallar: what the shop's mails say, tried on real orders before it is used."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, g, make_response, request, url_for
from flask_babel import gettext as _
from markupsafe import escape

from webshop_orders import mailing, shop_settings
from webshop_orders.errors import DomainError, NotFound, NothingToChange, Refused, StaleVersion
from webshop_orders.mailing import checking, defaults, previews, variables
from webshop_orders.mailing.rendering import Rendered, TemplateError, render
from webshop_orders.mailing.words import LANGUAGES
from webshop_orders.models import MailSource, MailTemplate, MessageKind, Order
from webshop_orders.operations import mail_templates
from webshop_orders.unit_of_work import writing
from webshop_orders.web.answers import region, say, see_other, wants_fragment
from webshop_orders.web.arguments import words
from webshop_orders.web.forms.base import BaseForm
from webshop_orders.web.forms.mail_templates import MailTemplateForm, told
from webshop_orders.web.security import MAIL_POLICY
from webshop_orders.web.words import MESSAGE_KINDS

blueprint = Blueprint("mail_templates", __name__, url_prefix="/settings/templates")


@dataclass(frozen=True)
class Template:
    """The template that an address names, with its versions."""

    kind: MessageKind
    language: str
    versions: list[MailTemplate]

    @property
    def shipped(self) -> MailSource:
        return defaults.source(self.kind, self.language)

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
    return region(
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
    form = MailTemplateForm.of(
        _source_asked_for(template), order=words("order"), shipment=words("shipment"), recipient=g.user.email
    )
    return _draw(template, form)


@blueprint.post("/<kind>/<language>")
def save(kind: str, language: str) -> Response:
    template, form = _get(kind, language), MailTemplateForm()
    form.validate()
    if faults := checking.faults(template.kind, language, form.source, shop_settings.current()):
        form.add_faults(faults)
        return _draw(template, form, status=422)
    warnings = checking.omissions(template.kind, language, form.source, shop_settings.current())
    if form.open_warnings(warnings):
        return _draw(template, form, asks=True, status=422)
    try:
        with writing():
            mail_templates.save(template.kind, language, form.source, by=g.user.actor, seen=form.seen)
    except NothingToChange as reason:
        return _answer(template, str(reason))
    except StaleVersion as reason:
        return _draw(_get(kind, language), form, alert=str(reason), status=reason.status)
    return _answer(template, _("The template is saved, and used from now on."))


@blueprint.post("/<kind>/<language>/reset")
def reset(kind: str, language: str) -> Response:
    template = _get(kind, language)
    try:
        with writing():
            mail_templates.reset(template.kind, language, by=g.user.actor)
    except NothingToChange as reason:
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
    say(_("A test goes to %(recipient)s. It stands under Messages, Tests.", recipient=form.recipient.data))
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
        if warning.part == request.form.get("insert"):
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
    """The mail as HTML, in a page that can neither run nor fetch anything; asked quietly, nothing for a faulty one."""
    template = _get(kind, language)
    if request.method == "POST":
        form = MailTemplateForm()
        form.validate()
    else:
        form = MailTemplateForm.of(_source_asked_for(template), order=words("order"), shipment=words("shipment"))
        form.order.data, form.shipment.data = words("order"), words("shipment")
    faults = checking.faults(template.kind, language, form.source, shop_settings.current())
    if faults and "quiet" in request.args:
        return Response(status=204)
    try:
        html = "<br>".join(escape(told(fault)) for fault in faults) or _tried(template, form)[1].html
    except DomainError as reason:
        html = str(escape(str(reason)))
    response = make_response(html)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _get(kind: str, language: str) -> Template:
    if kind not in set(MessageKind) or language not in LANGUAGES:
        raise NotFound(_("There is no such mail template."))
    return Template(MessageKind(kind), language, mail_templates.versions(MessageKind(kind), language))


def _source_asked_for(template: Template) -> MailSource:
    """The version that is to be brought back, or else the one in use."""
    asked = words("version")
    if asked == "shipped":
        return template.shipped
    version = next((one for one in template.versions if str(one.id) == asked), None)
    return (version.source or template.shipped) if version else template.in_use


def _tried(template: Template, form: MailTemplateForm) -> tuple[Order | None, Rendered]:
    """The mail that the typed template makes of the chosen order; raises Refused where it makes none."""
    order = previews.order_to_show(template.kind, form.order.data)
    shipment = previews.shipment_to_show(order, form.shipment.data) if order else None
    try:
        facts = previews.facts(template.kind, template.language, order, shipment)
        return order, render(form.source, template.language, facts)
    except TemplateError as error:
        raise Refused(str(error), field="html") from error


def _answer(template: Template, sentence: str) -> Response:
    say(sentence)
    if not wants_fragment():
        return see_other(template.address())
    form = MailTemplateForm()
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
        rendered = None if faults else _tried(template, form)[1]
    except DomainError as reason:
        if not form[reason.field or "order"].errors:
            form.add_error(reason)
    return region(
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
        only_findings=only_findings,
        recent=previews.recent_orders() if not only_findings else [],
        groups=variables.groups(template.kind, previews.facts(template.kind, template.language, None)),
        status=status,
    )
