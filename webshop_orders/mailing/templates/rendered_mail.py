"""What rendering a mail gives, without all that rendering imports."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RenderedMail:
    """A mail as it is sent: its subject on one line, and the same content as text and as HTML."""

    subject: str
    text: str
    html: str


class TemplateError(ValueError):
    """A template cannot be rendered with the data at hand; the text says why."""
