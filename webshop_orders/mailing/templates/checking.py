"""Whether a template can be used, and whether its mail contains what a mail of its kind is for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from flask_babel import gettext as _
from liquid.exceptions import LiquidError

from webshop_orders.mailing.html import visible_text
from webshop_orders.mailing.limits import MAX_REPORTED_FAULTS, MAX_SUBJECT
from webshop_orders.mailing.templates import samples
from webshop_orders.mailing.templates.environment import HTML, TEXT, parse
from webshop_orders.mailing.templates.faults import PARTS, Part, TemplateFault
from webshop_orders.mailing.templates.name_check import name_faults
from webshop_orders.mailing.templates.rendered_mail import RenderedMail, TemplateError
from webshop_orders.mailing.templates.rendering import render, render_part
from webshop_orders.mailing.templates.source_check import parsing_cost_fault, source_faults
from webshop_orders.mailing.templates.syntax_check import rendering_fault, syntax_fault, unknown_filter_faults
from webshop_orders.mailing.templates.variables import available_blocks
from webshop_orders.models import MailSource, MessageKind, Shop

KINDS_WITH_ROWS = {MessageKind.ORDER_CONFIRMATION, MessageKind.DELIVERY_CONFIRMATION, MessageKind.ORDER_CHANGED}


@dataclass(frozen=True)
class TemplateOmission:
    """What the readers of a mail will miss in one of its parts, and the snippet that adds it."""

    code: str
    part: Part
    sentence: str
    insert: str


def faults(kind: MessageKind, language: str, source: MailSource, shop: Shop) -> list[TemplateFault]:
    """What keeps a template from use, at most MAX_REPORTED_FAULTS; empty where it can be used."""
    examples = [make(kind, language, shop) for make in (samples.full, samples.bare)]
    result: list[TemplateFault] = []
    for part in PARTS:
        text: str = getattr(source, part)
        part_faults = list(islice(source_faults(part, text), MAX_REPORTED_FAULTS))
        part_faults = part_faults or list(islice(_language_faults(part, text, examples[0]), MAX_REPORTED_FAULTS))
        result += part_faults or _rendering_faults(part, text, language, examples)
    return result[:MAX_REPORTED_FAULTS]


def omissions(kind: MessageKind, language: str, source: MailSource, shop: Shop) -> list[TemplateOmission]:
    """What the readers of a mail of this kind will miss, found by rendering one; for a template without faults."""
    context = samples.full(kind, language, shop)
    rendered = render(source, language, context)
    return [omission for part in ("text", "html") for omission in _part_omissions(part, kind, rendered, context)]


def missing(rendered: RenderedMail, texts: Iterable[str]) -> list[str]:
    """Which of some texts a mail does not show, either in its text or in its HTML."""
    text, html = _single_spaced(rendered.text), _single_spaced(visible_text(rendered.html))
    return [item for item in texts if _single_spaced(item) not in text or _single_spaced(item) not in html]


def _language_faults(part: Part, text: str, context: dict[str, Any]) -> Iterator[TemplateFault]:
    if fault := parsing_cost_fault(part, text):
        yield fault
        return
    try:
        template = parse(HTML if part == "html" else TEXT, text)
    except LiquidError as error:
        yield syntax_fault(part, text, error)
        return
    except RecursionError:
        yield TemplateFault(part, None, _("It is nested too deeply."))
        return
    names = dict(context) if part == "subject" else {**context, "blocks": dict.fromkeys(available_blocks(context), "")}
    yield from unknown_filter_faults(part, text, template)
    yield from name_faults(part, text, template, names)


def _rendering_faults(part: Part, text: str, language: str, examples: Sequence[dict[str, Any]]) -> list[TemplateFault]:
    for context in examples:
        try:
            rendered = render_part(part, text, language, context)
        except LiquidError as error:
            return [rendering_fault(part, text, error)]
        except TemplateError as error:
            return [TemplateFault(part, None, str(error))]
        if part == "subject" and len(rendered) > MAX_SUBJECT:
            sentence = _("The subject comes out longer than %(most)s characters.", most=MAX_SUBJECT)
            return [TemplateFault(part, None, sentence)]
    return []


def _part_omissions(
    part: Part, kind: MessageKind, rendered: RenderedMail, context: dict[str, Any]
) -> list[TemplateOmission]:
    shown = _single_spaced(rendered.text if part == "text" else visible_text(rendered.html))
    result = []
    if kind is MessageKind.DELIVERY_CONFIRMATION and not all(code in shown for code in samples.CODES):
        sentence = _("The template shows no tracking code, so the customer cannot track the shipment.")
        result.append(TemplateOmission("no-tracking-code", part, sentence, "{{ blocks.tracking }}"))
    if kind in KINDS_WITH_ROWS and not all(product in shown for product in samples.PRODUCTS):
        sentence = _("The template does not show all products.")
        result.append(TemplateOmission("no-rows", part, sentence, "{{ blocks.rows }}"))
    if kind is MessageKind.COMMENT and samples.COMMENT not in shown:
        insert = "{{ comment.text }}" if part == "text" else '<p class="quote">{{ comment.text | newline_to_br }}</p>'
        sentence = _("The template does not show the comment.")
        result.append(TemplateOmission("no-comment", part, sentence, insert))
    if kind is MessageKind.WITHDRAWAL_RECEIPT and not all(text in shown for text in _statement(context)):
        sentence = _("The template does not show the whole statement, with the day and time when it came.")
        result.append(TemplateOmission("no-statement", part, sentence, "{{ blocks.withdrawal }}"))
    if kind is MessageKind.CREDIT_NOTE:
        result += _credit_note_omissions(part, shown, context)
    if kind is MessageKind.BACKORDER_NOTICE:
        result += _backorder_notice_omissions(part, shown, context)
    if kind is MessageKind.RETURN_REGISTERED:
        result += _return_omissions(part, shown, context)
    elif kind is not MessageKind.DELIVERY_CONFIRMATION and samples.NUMBER not in shown:
        sentence = _("The template does not show the order number.")
        result.append(TemplateOmission("no-number", part, sentence, "{{ order.number }}"))
    return result


def _statement(context: dict[str, Any]) -> Iterator[str]:
    """What the receipt of a withdrawal must repeat: Directive 2011/83/EU, article 11a(4)."""
    withdrawal = context["withdrawal"]
    yield from (_single_spaced(withdrawal[name]) for name in ("received_at", "name"))
    for line in withdrawal["lines"]:
        yield from (line["product"], line["quantity"] or "")


def _credit_note_omissions(part: Part, shown: str, context: dict[str, Any]) -> Iterator[TemplateOmission]:
    if not all(product in shown for product in samples.PRODUCTS):
        sentence = _("The template does not show all products.")
        yield TemplateOmission("no-rows", part, sentence, "{{ blocks.rows }}")
    if context["credit_note"]["reference"] not in shown:
        sentence = _("The template does not show the number of the credit note.")
        yield TemplateOmission("no-reference", part, sentence, "{{ credit_note.reference }}")
    if not all(_single_spaced(vat["amount"]) in shown for vat in context["sums"]["vat"]):
        sentence = _("The template does not show the VAT, which a credit note has to.")
        yield TemplateOmission("no-vat", part, sentence, "{{ blocks.sums }}")


def _return_omissions(part: Part, shown: str, context: dict[str, Any]) -> Iterator[TemplateOmission]:
    if not all(product in shown for product in samples.PRODUCTS):
        sentence = _("The template does not show all products.")
        yield TemplateOmission("no-rows", part, sentence, "{{ blocks.returned }}")
    if context["return"]["reference"] not in shown:
        sentence = _("The template does not show what the return is called.")
        yield TemplateOmission("no-number", part, sentence, "{{ return.reference }}")
    lines = [line for address in context["addresses"] for line in address["lines"]]
    if not all(_single_spaced(line) in shown for line in lines):
        sentence = _("The template does not show where the goods are sent.")
        yield TemplateOmission("no-address", part, sentence, "{{ blocks.addresses }}")


def _backorder_notice_omissions(part: Part, shown: str, context: dict[str, Any]) -> Iterator[TemplateOmission]:
    rows = context["waiting"]
    if not all(row["name"] in shown for row in rows):
        sentence = _("The template does not show all products.")
        yield TemplateOmission("no-rows", part, sentence, "{{ blocks.waiting }}")
    elif not all(row["expected"] in shown for row in rows if row["expected"]):
        sentence = _("The template does not show when the products are expected.")
        yield TemplateOmission("no-day", part, sentence, "{{ blocks.waiting }}")


def _single_spaced(text: str) -> str:
    return " ".join(text.split())
