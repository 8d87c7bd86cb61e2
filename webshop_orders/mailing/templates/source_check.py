"""The source of a template before it is parsed: its length, its characters, and HTML that mail programs reject."""

import re
import unicodedata
from collections.abc import Iterator

from flask_babel import gettext as _

from webshop_orders.mailing.limits import MAX_BODY_SOURCE, MAX_EXPRESSION, MAX_SUBJECT_SOURCE
from webshop_orders.mailing.templates.faults import Part, TemplateFault, line_at
from webshop_orders.mailing.templates.syntax_check import BRACES, unclosed_sentence
from webshop_orders.text.languages import lazy_gettext as _l

# Mail programs remove these, or treat the mail as spam.
FORBIDDEN = {
    re.compile(r"<\s*(script|iframe|form|object|embed|base|meta|link|svg|video|audio)\b", re.IGNORECASE): _l(
        "Mail programs do not show <%(what)s>, so it cannot be used."
    ),
    re.compile(r"(javascript|vbscript|data:text)\s*:", re.IGNORECASE): _l(
        "Mail programs run no script, so %(what)s: cannot be used."
    ),
}
# Two patterns, each linear in the length of the source; a single one for both would backtrack.
OPENED_TAG = re.compile(r"<[^>]*+")
EVENT_HANDLER = re.compile(r"\s(on[a-z]+)\s*=", re.IGNORECASE)
NO_SCRIPT = _l("Mail programs run no script, so %(what)s cannot be used.")
# The lexer skips what these enclose. Without an end tag, it would search the rest from each start tag.
SKIPPED = {
    name: (re.compile(rf"\{{%-?\s*{name}\s*-?%\}}"), re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}"))
    for name in ("raw", "doc")
}


def source_faults(part: Part, source: str) -> Iterator[TemplateFault]:
    """The faults that are found without parsing."""
    if not source.strip():
        yield TemplateFault(part, None, _("This cannot be empty."))
    limit = MAX_SUBJECT_SOURCE if part == "subject" else MAX_BODY_SOURCE
    if len(source) > limit:
        sentence = _("At most %(most)s characters, please; this is %(length)s.", most=limit, length=len(source))
        yield TemplateFault(part, None, sentence)
    for index, character in enumerate(source):
        if unicodedata.category(character) in {"Cc", "Cs"} and (character not in "\n\t\r" or part == "subject"):
            sentence = _("This holds characters that cannot be used here, such as line breaks.")
            yield TemplateFault(part, line_at(source, index), sentence)
            return
    if part == "html":
        yield from _forbidden_html(part, source)


def parsing_cost_fault(part: Part, source: str) -> TemplateFault | None:
    """A missing or distant end, which the parser would search for in quadratic time; None if there is none."""
    for start, end in (("{{", "}}"), ("{%", "%}")):
        if source.rfind(start) > source.rfind(end):
            line = line_at(source, source.find(start, source.rfind(end) + 1))
            return TemplateFault(part, line, _("%(start)s is never closed. Add %(end)s.", start=start, end=end))
    for name, (start_tag, end_tag) in SKIPPED.items():
        last = max((match.start() for match in start_tag.finditer(source)), default=-1)
        if last >= 0 and not end_tag.search(source, last):
            return TemplateFault(part, line_at(source, last), unclosed_sentence(name))
    for braces in BRACES.finditer(source):
        if len(braces[0]) > MAX_EXPRESSION:
            sentence = _("This goes on for more than %(most)s characters. Is it closed?", most=MAX_EXPRESSION)
            return TemplateFault(part, line_at(source, braces.start()), sentence)
    return None


def _forbidden_html(part: Part, source: str) -> Iterator[TemplateFault]:
    for pattern, sentence in FORBIDDEN.items():
        for match in pattern.finditer(source):
            yield TemplateFault(part, line_at(source, match.start()), str(sentence) % {"what": match[1]})
    for tag in OPENED_TAG.finditer(source):
        if handler := EVENT_HANDLER.search(tag[0]):
            yield TemplateFault(part, line_at(source, tag.start()), str(NO_SCRIPT) % {"what": handler[1]})
