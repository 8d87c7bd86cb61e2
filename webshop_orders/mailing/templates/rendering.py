"""A mail put together: the template's own part, the ready-made blocks, the layout around it, and the styles in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

from css_inline import CSSInliner
from flask_babel import gettext as _
from liquid import Markup
from liquid.exceptions import LiquidError

from webshop_orders.mailing.html import is_too_deep, is_too_styled
from webshop_orders.mailing.plain_text import wrap
from webshop_orders.mailing.templates import shipped as shipped_templates
from webshop_orders.mailing.templates.environment import HTML, TEXT, MailEnvironment, ParsedTemplate, parse
from webshop_orders.models import MailSource

Part = Literal["subject", "text", "html"]
PARTS: tuple[Part, ...] = ("subject", "text", "html")


class TemplateError(ValueError):
    """A template that makes no mail of the facts at hand; the text says why."""


@dataclass(frozen=True)
class RenderedMail:
    """A mail as it leaves: its subject on one line, and the same content as text and as HTML."""

    subject: str
    text: str
    html: str


def render(source: MailSource, language: str, data: Mapping[str, Any]) -> RenderedMail:
    """Write a mail from plain data; raises TemplateError where the template does not make one of it."""
    around = shipped_templates.surroundings(language)
    try:
        subject, text, html = (render_part(part, getattr(source, part), language, data) for part in PARTS)
        # nosemgrep: unescaped-markup - written by a template that escapes
        page = around.html_layout.render({**data, "content": Markup(html), "subject": subject})
        letter = around.text_layout.render({**data, "content": text})
    except LiquidError as error:
        raise TemplateError(str(error.message)) from error
    return RenderedMail(subject=subject, text=wrap(letter), html=_inliner(around.styles).inline(page))


def render_part(part: Part, source: str, language: str, data: Mapping[str, Any]) -> str:
    """One part of a template by itself, without what stands around it; raises LiquidError and TemplateError."""
    around = shipped_templates.surroundings(language)
    try:
        if part == "subject":
            return _check_subject(one_line(_parsed(TEXT, source).render(data)))
        if part == "text":
            return _parsed(TEXT, source).render({**data, "blocks": _blocks(around.text_blocks, data)})
        # nosemgrep: unescaped-markup - written by our own templates, which escape
        blocks = {name: Markup(block) for name, block in _blocks(around.html_blocks, data).items()}
        return _check_burden(_parsed(HTML, source).render({**data, "blocks": blocks}))
    except RecursionError as error:
        raise TemplateError(_("It is nested too deeply.")) from error


def one_line(text: str) -> str:
    """A subject without control characters, which could begin a header of their own."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _blocks(templates: Mapping[str, ParsedTemplate], data: Mapping[str, Any]) -> dict[str, str]:
    """The blocks that there are facts for; what goes wrong in one is on no line of the template that shows it."""
    try:
        return {name: template.render(data) for name, template in templates.items() if name in data}
    except LiquidError as error:
        raise TemplateError(str(error.message)) from error


@lru_cache(maxsize=64)
def _parsed(environment: MailEnvironment, source: str) -> ParsedTemplate:
    return parse(environment, source)


@cache
def _inliner(styles: str) -> CSSInliner:
    """Writes each rule of the style sheet into the elements that it fits; phones and dark screens keep theirs."""
    return CSSInliner(extra_css=styles, keep_at_rules=True, load_remote_stylesheets=False)


def _check_subject(subject: str) -> str:
    if not subject:
        raise TemplateError(_("The subject comes out empty."))
    return subject


def _check_burden(html: str) -> str:
    if is_too_deep(html):
        raise TemplateError(_("It is nested too deeply."))
    if is_too_styled(html):
        raise TemplateError(_("It has too many styles of its own for so many elements."))
    return html
