"""A mail rendered: the template's own part, the ready-made blocks, the layout around it, and the styles inlined."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from css_inline import CSSInliner
from flask_babel import gettext as _
from liquid import Markup
from liquid.exceptions import LiquidError

from webshop_orders.mailing.html import is_too_deep, is_too_styled
from webshop_orders.mailing.plain_text import wrap
from webshop_orders.mailing.templates import shipped_templates
from webshop_orders.mailing.templates.environment import HTML, TEXT, MailEnvironment, ParsedTemplate, parse
from webshop_orders.mailing.templates.faults import PARTS, Part
from webshop_orders.mailing.templates.rendered_mail import RenderedMail, TemplateError
from webshop_orders.models import MailSource


def render(source: MailSource, language: str, context: Mapping[str, Any]) -> RenderedMail:
    """Render a mail from a context; raises TemplateError where the template does not fit it."""
    layout = shipped_templates.layout(language)
    try:
        subject, text, html = (render_part(part, getattr(source, part), language, context) for part in PARTS)
        # nosemgrep: unescaped-markup - rendered by a template that escapes
        page = layout.html.render({**context, "content": Markup(html), "subject": subject})
        plain = layout.text.render({**context, "content": text})
    except LiquidError as error:
        raise TemplateError(str(error.message)) from error
    return RenderedMail(subject=subject, text=wrap(plain), html=_inliner(layout.styles).inline(page))


def render_part(part: Part, source: str, language: str, context: Mapping[str, Any]) -> str:
    """One part of a template alone, without the layout around it; raises LiquidError and TemplateError."""
    layout = shipped_templates.layout(language)
    try:
        if part == "subject":
            return _check_subject(one_line(_parsed(TEXT, source).render(context)))
        if part == "text":
            return _parsed(TEXT, source).render({**context, "blocks": _render_blocks(layout.text_blocks, context)})
        # nosemgrep: unescaped-markup - rendered by our own templates, which escape
        blocks = {name: Markup(block) for name, block in _render_blocks(layout.html_blocks, context).items()}
        return _check_html(_parsed(HTML, source).render({**context, "blocks": blocks}))
    except RecursionError as error:
        raise TemplateError(_("It is nested too deeply.")) from error


def one_line(text: str) -> str:
    """A subject without control characters, which could begin another header."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _render_blocks(templates: Mapping[str, ParsedTemplate], context: Mapping[str, Any]) -> dict[str, str]:
    """The blocks that the context suffices for. An error in a block has no line number in the shop's template."""
    try:
        return {name: template.render(context) for name, template in templates.items() if name in context}
    except LiquidError as error:
        raise TemplateError(str(error.message)) from error


@lru_cache(maxsize=64)
def _parsed(environment: MailEnvironment, source: str) -> ParsedTemplate:
    return parse(environment, source)


@cache
def _inliner(styles: str) -> CSSInliner:
    """Writes each rule of the style sheet into the elements that it matches, and keeps the media queries."""
    return CSSInliner(extra_css=styles, keep_at_rules=True, load_remote_stylesheets=False)


def _check_subject(subject: str) -> str:
    if not subject:
        raise TemplateError(_("The subject comes out empty."))
    return subject


def _check_html(html: str) -> str:
    if is_too_deep(html):
        raise TemplateError(_("It is nested too deeply."))
    if is_too_styled(html):
        raise TemplateError(_("It has too many styles of its own for so many elements."))
    return html
