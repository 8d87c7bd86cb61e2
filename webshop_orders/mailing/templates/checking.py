"""Whether a template can be used, and whether its mail says what a mail of its kind is for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape

from flask_babel import gettext as _

from webshop_orders.mailing.templates import faults as all_faults
from webshop_orders.mailing.templates import samples
from webshop_orders.mailing.templates.faults import TemplateFault
from webshop_orders.mailing.templates.rendering import Part, RenderedMail, render
from webshop_orders.models import MailSource, MessageKind, Shop

# What nobody closes is hidden to the end, as in a browser; looking for its end at each of many would take for ever.
NOT_SHOWN = re.compile(
    r"<(style|title|head)(?=[\s/>]).*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^>]*+>?", re.DOTALL | re.IGNORECASE
)
WITH_ROWS = {MessageKind.ORDER_CONFIRMATION, MessageKind.DELIVERY_CONFIRMATION, MessageKind.ORDER_CHANGED}


@dataclass(frozen=True)
class Omission:
    """What the readers of a mail will miss in one of its parts, and what to put in so that they do not."""

    code: str
    part: Part
    sentence: str
    insert: str


def faults(kind: MessageKind, language: str, source: MailSource, shop: Shop) -> list[TemplateFault]:
    """What keeps a template from use, the first few; see `Fault`."""
    return all_faults.find(kind, language, source, shop)


def omissions(kind: MessageKind, language: str, source: MailSource, shop: Shop) -> list[Omission]:
    """What the readers of a mail of this kind will miss, found by writing one; for a template without faults."""
    rendered = render(source, language, samples.full(kind, language, shop))
    return [*_missing_in("text", kind, rendered), *_missing_in("html", kind, rendered)]


def missing(rendered: RenderedMail, wanted: Iterable[str]) -> list[str]:
    """Which of some words a mail lacks in its text or its HTML, as its readers see them."""
    text, html = _folded(rendered.text), _folded(shown_text(rendered.html))
    return [word for word in wanted if _folded(word) not in text or _folded(word) not in html]


def shown_text(html: str) -> str:
    """What a reader sees of HTML: its words, without tags, styles and comments."""
    return unescape(NOT_SHOWN.sub(" ", html))


def _missing_in(part: Part, kind: MessageKind, rendered: RenderedMail) -> list[Omission]:
    seen = _folded(rendered.text if part == "text" else shown_text(rendered.html))
    found = []
    if kind is MessageKind.DELIVERY_CONFIRMATION and not all(code in seen for code in samples.CODES):
        sentence = _("The template shows no tracking code, so the customer cannot track the shipment.")
        found.append(Omission("no-tracking-code", part, sentence, "{{ blocks.tracking }}"))
    if kind in WITH_ROWS and not all(product in seen for product in samples.PRODUCTS):
        sentence = _("The template does not show all products.")
        found.append(Omission("no-rows", part, sentence, "{{ blocks.rows }}"))
    if kind is MessageKind.COMMENT and samples.COMMENT not in seen:
        insert = "{{ comment.text }}" if part == "text" else '<p class="quote">{{ comment.text | newline_to_br }}</p>'
        found.append(Omission("no-comment", part, _("The template does not show the comment."), insert))
    if kind is not MessageKind.DELIVERY_CONFIRMATION and samples.NUMBER not in seen:
        sentence = _("The template does not show the order number.")
        found.append(Omission("no-number", part, sentence, "{{ order.number }}"))
    return found


def _folded(text: str) -> str:
    return " ".join(text.split())
