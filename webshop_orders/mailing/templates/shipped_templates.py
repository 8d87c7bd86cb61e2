"""The mail templates that are shipped with the order desk, and the layout around every mail."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import current_app

from webshop_orders.mailing.templates.environment import HTML, TEXT, ParsedTemplate, parse
from webshop_orders.models import AccountMailKind, MailSource, MessageKind

BLOCKS = ("changes", "tracking", "returned", "facts", "rows", "sums", "addresses", "withdrawal", "waiting")


@dataclass(frozen=True)
class MailLayout:
    """The layout of a language, its ready-made blocks by name, and the style sheet of every mail."""

    html: ParsedTemplate
    text: ParsedTemplate
    html_blocks: dict[str, ParsedTemplate]
    text_blocks: dict[str, ParsedTemplate]
    styles: str


def source(kind: MessageKind | AccountMailKind, language: str) -> MailSource:
    """The shipped template of a kind of mail in a language."""
    return _source(_folder(), f"{kind.value}.{language}")


def layout(language: str) -> MailLayout:
    return _layout(_folder(), language)


@cache
def _source(folder: Path, name: str) -> MailSource:
    subject, text, html = (_read(folder, f"{name}.{part}") for part in ("subject", "txt", "html"))
    return MailSource(subject=subject.strip(), text=text, html=html)


@cache
def _layout(folder: Path, language: str) -> MailLayout:
    return MailLayout(
        html=parse(HTML, _read(folder, f"layout.{language}.html")),
        text=parse(TEXT, _read(folder, f"layout.{language}.txt")),
        html_blocks={name: parse(HTML, _read(folder, f"{name}.html")) for name in BLOCKS},
        text_blocks={name: parse(TEXT, _read(folder, f"{name}.txt")) for name in BLOCKS},
        styles=(folder / "mail.css").read_text(encoding="utf-8"),
    )


def _read(folder: Path, name: str) -> str:
    return (folder / f"{name}.liquid").read_text(encoding="utf-8")


def _folder() -> Path:
    return Path(current_app.template_folder or "") / "mail"
