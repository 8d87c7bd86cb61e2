"""Mail templates, written in Liquid: read, given their styles and parsed once, then only rendered.

A mail is rendered inside the transaction that causes it, so nothing here reads a file twice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from css_inline import CSSInliner
from flask import current_app
from liquid import BoundTemplate, DictLoader, Environment, Markup, RenderContext, StrictUndefined

from webshop_orders.mailing.text import beside, tidy
from webshop_orders.models import MessageKind

TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
TAG_IN_COMMENT = re.compile(r"<!--(\{%.*?%\})-->", re.DOTALL)
# Added by the HTML parser before the first row, and so within a loop that begins there.
TABLE_BODY = re.compile(r"</?tbody>")


@dataclass(frozen=True)
class Rendered:
    """A mail as it leaves: its subject on one line, and the same content as text and as HTML."""

    subject: str
    text: str
    html: str


class MailEnvironment(Environment):
    """Liquid with an end to what a template can loop over, remember and write; a mistyped name raises."""

    loop_iteration_limit = 20_000
    local_namespace_limit = 200_000
    output_stream_limit = 5_000_000


class ParsedOnce(DictLoader):
    """Templates from a mapping of names to sources, each parsed when it is first asked for."""

    def __init__(self, sources: dict[str, str]) -> None:
        super().__init__(sources)
        self.parsed: dict[str, BoundTemplate] = {}

    def load(
        self,
        env: Environment,
        name: str,
        *,
        globals: Mapping[str, object] | None = None,  # noqa: A002
        context: RenderContext | None = None,
        **kwargs: object,
    ) -> BoundTemplate:
        if name not in self.parsed:
            self.parsed[name] = super().load(env, name, globals=globals, context=context)
        return self.parsed[name]


@dataclass(frozen=True)
class Environments:
    """The two ways of writing: `html` escapes what it is given, `text` does not."""

    html: MailEnvironment
    text: MailEnvironment


def render(kind: MessageKind, language: str, data: Mapping[str, Any]) -> Rendered:
    """Write a mail of a kind in a language from plain data."""
    environments = _environments(Path(current_app.template_folder or "") / "mail")
    name = f"{kind.value}.{language}"
    subject = _one_line(_render(environments.text, f"{name}.subject", data))
    text = _render(environments.text, f"{name}.txt", data)
    html = _render(environments.html, f"{name}.html", data)
    return Rendered(
        subject=subject,
        text=tidy(_render(environments.text, f"layout.{language}.txt", {**data, "content": text})),
        html=_render(
            environments.html, f"layout.{language}.html", {**data, "content": Markup(html), "subject": subject}
        ),
    )


def _render(environment: MailEnvironment, name: str, data: Mapping[str, Any]) -> str:
    return environment.get_template(f"{name}.liquid").render(data)


@cache
def _environments(folder: Path) -> Environments:
    styles = (folder / "mail.css").read_text(encoding="utf-8")
    sources = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.liquid")}
    html = {name: with_styles(source, styles) for name, source in sources.items() if name.endswith(".html.liquid")}
    text = {name: source for name, source in sources.items() if name not in html}
    return Environments(html=_environment(html, escapes=True), text=_environment(text, escapes=False))


def _environment(sources: dict[str, str], *, escapes: bool) -> MailEnvironment:
    environment = MailEnvironment(loader=ParsedOnce(sources), undefined=StrictUndefined, autoescape=escapes)
    environment.add_filter("beside", beside)
    return environment


def with_styles(source: str, styles: str) -> str:
    """A template with each rule of the style sheet written into the elements that it fits.

    Liquid's tags stand in comments meanwhile, since HTML allows no text between the rows of a table; they cannot
    stand in an attribute. A whole page keeps the rules for phones and dark screens in its head.
    """
    protected = TAG.sub(r"<!--\g<0>-->", source)
    if "<html" in source:
        page = CSSInliner(extra_css=styles, keep_at_rules=True, load_remote_stylesheets=False)
        styled = page.inline(protected)
    else:
        styled = CSSInliner(load_remote_stylesheets=False).inline_fragment(protected, styles)
    return TAG_IN_COMMENT.sub(r"\1", TABLE_BODY.sub("", styled))


def _one_line(text: str) -> str:
    """A subject without control characters, which could begin a header of their own."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
