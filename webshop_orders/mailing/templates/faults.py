"""What keeps a template from use, each fault in a sentence with its line."""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.context import RenderContext
from liquid.exceptions import (
    BlockNestingError,
    FilterArgumentError,
    FilterValueError,
    LiquidError,
    LiquidSyntaxError,
    LocalNamespaceLimitError,
    LoopIterationLimitError,
    OutputStreamLimitError,
    UndefinedError,
)

from webshop_orders.mailing.templates import samples
from webshop_orders.mailing.templates.environment import (
    FILTERS,
    HTML,
    TEXT,
    ParsedTemplate,
    all_expressions,
    all_nodes,
    parse,
)
from webshop_orders.mailing.templates.rendering import PARTS, Part, TemplateError, render_part
from webshop_orders.mailing.templates.variables import blocks_of
from webshop_orders.models import MailSource, MessageKind, Shop

MOST = 10
LONGEST: dict[Part, int] = {"subject": 1_000, "text": 64_000, "html": 64_000}
LONGEST_SUBJECT = 200
# The parser takes time by the square of what stands in one pair of braces.
LONGEST_PIECE = 4_000
ANYTHING = object()
FORLOOP = dict.fromkeys(("first", "last", "index", "index0", "rindex", "rindex0", "length", "name", "parentloop"), "")
TAG_NAMES = ("assign", "capture", "case", "comment", "for", "if", "unless")
PIECE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# What the parser skips, up to an end that it would look for again and again where there is none.
SKIPPED = {
    name: (re.compile(rf"\{{%-?\s*{name}\s*-?%\}}"), re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}"))
    for name in ("raw", "doc")
}
TAG = re.compile(r"\{%-?\s*(\w+)")
LIMITS: dict[type[LiquidError], Any] = {
    LoopIterationLimitError: _l("The loops go round too many times for a mail."),
    OutputStreamLimitError: _l("The mail gets too long."),
    LocalNamespaceLimitError: _l("The template keeps too much text in its variables."),
    BlockNestingError: _l("It is nested too deeply."),
    FilterValueError: _l("A filter makes the text too long."),
}
# Mail programs take these out, or put the mail among the spam for them.
FORBIDDEN = {
    re.compile(r"<\s*(script|iframe|form|object|embed|base|meta|link|svg|video|audio)\b", re.IGNORECASE): _l(
        "Mail programs do not show <%(what)s>, so it cannot be used."
    ),
    re.compile(r"(javascript|vbscript|data:text)\s*:", re.IGNORECASE): _l(
        "Mail programs run no script, so %(what)s: cannot be used."
    ),
}
# In two steps, each of which goes through a template once; one pattern for both would go back again and again.
OPENED = re.compile(r"<[^>]*+")
HANDLER = re.compile(r"\s(on[a-z]+)\s*=", re.IGNORECASE)
NO_SCRIPT = _l("Mail programs run no script, so %(what)s cannot be used.")


@dataclass(frozen=True)
class TemplateFault:
    """Why a part of a template cannot be used, and on which line, where it is on one."""

    part: Part
    line: int | None
    sentence: str


def find(kind: MessageKind, language: str, source: MailSource, shop: Shop) -> list[TemplateFault]:
    """The first faults of a template, none where it can be used."""
    full, bare = (make(kind, language, shop) for make in (samples.full, samples.bare))
    found: list[TemplateFault] = []
    for part in PARTS:
        text: str = getattr(source, part)
        faults = list(islice(_of_the_writing(part, text), MOST))
        faults = faults or list(islice(_of_the_language(part, text, full), MOST))
        found += faults or _of_the_outcome(part, text, language, (full, bare))
    return found[:MOST]


def _of_the_writing(part: Part, text: str) -> Iterator[TemplateFault]:
    if not text.strip():
        yield TemplateFault(part, None, _("This cannot be empty."))
    if len(text) > LONGEST[part]:
        longest = LONGEST[part]
        yield TemplateFault(
            part, None, _("At most %(most)s characters, please; this is %(length)s.", most=longest, length=len(text))
        )
    for index, sign in enumerate(text):
        if unicodedata.category(sign) in {"Cc", "Cs"} and (sign not in "\n\t\r" or part == "subject"):
            yield TemplateFault(
                part, _line(text, index), _("This holds characters that cannot be used here, such as line breaks.")
            )
            return
    if part == "html":
        for pattern, sentence in FORBIDDEN.items():
            for match in pattern.finditer(text):
                yield TemplateFault(part, _line(text, match.start()), str(sentence) % {"what": match[1]})
        for opened in OPENED.finditer(text):
            if handler := HANDLER.search(opened[0]):
                yield TemplateFault(part, _line(text, opened.start()), str(NO_SCRIPT) % {"what": handler[1]})


def _of_the_language(part: Part, text: str, facts: dict[str, Any]) -> Iterator[TemplateFault]:
    if fault := _too_much_to_parse(part, text):
        yield fault
        return
    try:
        template = parse(HTML if part == "html" else TEXT, text)
    except LiquidError as error:
        yield _about_syntax(part, text, error)
        return
    except RecursionError:
        yield TemplateFault(part, None, _("It is nested too deeply."))
        return
    known = dict(facts) if part == "subject" else {**facts, "blocks": dict.fromkeys(blocks_of(facts), "")}
    yield from _unknown_filters(part, text, template)
    yield from _Names(part, text, template).check(known)


def _too_much_to_parse(part: Part, text: str) -> TemplateFault | None:
    """What would keep the parser looking for an end that is not there, or is far away."""
    for start, end in (("{{", "}}"), ("{%", "%}")):
        if text.rfind(start) > text.rfind(end):
            line = _line(text, text.find(start, text.rfind(end) + 1))
            return TemplateFault(part, line, _("%(start)s is never closed. Add %(end)s.", start=start, end=end))
    for name, (begun, ended) in SKIPPED.items():
        last = max((match.start() for match in begun.finditer(text)), default=-1)
        if last >= 0 and not ended.search(text, last):
            return TemplateFault(part, _line(text, last), _never_closed_sentence(name))
    for piece in PIECE.finditer(text):
        if len(piece[0]) > LONGEST_PIECE:
            sentence = _("This goes on for more than %(most)s characters. Is it closed?", most=LONGEST_PIECE)
            return TemplateFault(part, _line(text, piece.start()), sentence)
    return None


def _of_the_outcome(part: Part, text: str, language: str, examples: Sequence[dict[str, Any]]) -> list[TemplateFault]:
    for facts in examples:
        try:
            made = render_part(part, text, language, facts)
        except LiquidError as error:
            return [_about_outcome(part, text, error)]
        except TemplateError as error:
            return [TemplateFault(part, None, str(error))]
        if part == "subject" and len(made) > LONGEST_SUBJECT:
            sentence = _("The subject comes out longer than %(most)s characters.", most=LONGEST_SUBJECT)
            return [TemplateFault(part, None, sentence)]
    return []


def _about_syntax(part: Part, text: str, error: LiquidError) -> TemplateFault:
    reason = str(error.message)
    index = error.token.start_index if error.token else -1
    if isinstance(error, BlockNestingError) or isinstance(error.__cause__, RecursionError):
        return TemplateFault(part, None, _("It is nested too deeply."))
    if unexpected := re.fullmatch(r"unexpected tag '(.*)'", reason):
        return TemplateFault(part, _line(text, index), _about_tag(unexpected[1]))
    if reason.startswith("expected tag end"):
        opened, index = _never_closed(text)
        return TemplateFault(part, _line(text, index), _never_closed_sentence(opened))
    if reason == "comment tag was never closed":
        return TemplateFault(part, _line(text, index), _never_closed_sentence("comment"))
    if reason == "expected '}}', found end of file":
        return TemplateFault(
            part, _line(text, index), _("%(start)s is never closed. Add %(end)s.", start="{{", end="}}")
        )
    if reason == "a range of numbers":
        return TemplateFault(part, _line(text, index), _("Ranges of numbers such as (1..10) cannot be used in mails."))
    if index < 0:
        index = _broken_piece(text)
    return TemplateFault(part, _line(text, index), _("This cannot be understood: %(reason)s.", reason=reason))


def _never_closed_sentence(tag: str) -> str:
    return _("{%% %(tag)s %%} is never closed. Add {%% end%(tag)s %%}.", tag=tag)


def _about_tag(name: str) -> str:
    if name in {"else", "elsif", "when"} or name.startswith("end"):
        return _("{%% %(tag)s %%} belongs to nothing that was begun before it.", tag=name)
    return _("There is no {%% %(tag)s %%} in mails. There are: %(tags)s.", tag=name, tags=", ".join(TAG_NAMES))


def _about_outcome(part: Part, text: str, error: LiquidError) -> TemplateFault:
    line = _line(text, error.token.start_index) if error.token else None
    for kind, sentence in LIMITS.items():
        if isinstance(error, kind):
            return TemplateFault(part, line, str(sentence))
    # An index beyond the end of a list comes without a name.
    if isinstance(error, UndefinedError) and (named := re.search(r"'(.*?)'", str(error.message))):
        return TemplateFault(part, line, _("There is no %(name)s.", name=named[1]))
    if isinstance(error, FilterArgumentError):
        return TemplateFault(
            part, line, _("A filter gets something else than it needs: %(reason)s.", reason=error.message)
        )
    return TemplateFault(part, line, _("This cannot be understood: %(reason)s.", reason=error.message))


def _unknown_filters(part: Part, text: str, template: ParsedTemplate) -> Iterator[TemplateFault]:
    for node in all_nodes(template):
        for expression in all_expressions(node):
            for one in getattr(expression, "filters", None) or ():
                if one.name not in FILTERS:
                    sentence = _(
                        "There is no filter %(name)s in mails. There are: %(filters)s.",
                        name=one.name,
                        filters=", ".join(FILTERS),
                    )
                    yield TemplateFault(part, _line(text, one.token.start_index), sentence)


class _Names:
    """Looks up each name that a template uses, in the branches too that no example takes."""

    def __init__(self, part: Part, text: str, template: ParsedTemplate) -> None:
        self.part, self.text, self.template = part, text, template
        self.context = RenderContext(template)

    def check(self, known: dict[str, Any]) -> Iterator[TemplateFault]:
        yield from self._walk(self.template.nodes, dict(known))

    def _walk(self, nodes: Sequence[Node], known: dict[str, Any]) -> Iterator[TemplateFault]:
        for node in nodes:
            for expression in node.expressions():
                yield from self._look_up_all(expression, known)
            if isinstance(node, ForNode):
                within = {**known, node.expression.identifier: self._item(node, known), "forloop": FORLOOP}
                yield from self._walk([node.block], within)
                yield from self._walk([node.default] if node.default else [], known)
                known.update({name: value for name, value in within.items() if name not in known and name != "forloop"})
                continue
            if isinstance(node, AssignNode):
                known[str(node.name)] = self._value(node.expression, known)
            if isinstance(node, CaptureNode):
                known[str(node.name)] = ""
            yield from self._walk(list(node.children(self.context)), known)

    def _look_up_all(self, expression: Any, known: dict[str, Any]) -> Iterator[TemplateFault]:
        if isinstance(expression, Path):
            yield from self._look_up(expression, known)
        for child in expression.children():
            yield from self._look_up_all(child, known)

    def _look_up(self, path: Path, known: dict[str, Any]) -> Iterator[TemplateFault]:
        _value, lacking, there = _resolve(path, known)
        if lacking is None:
            return
        near = difflib.get_close_matches(lacking.rpartition(".")[2], there, n=1)
        stem = lacking.rpartition(".")[0]
        meant = f"{stem}.{near[0]}" if near and stem else (near[0] if near else None)
        sentence = (
            _("There is no %(name)s. Did you mean %(meant)s?", name=lacking, meant=meant)
            if meant
            else _("There is no %(name)s.", name=lacking)
        )
        yield TemplateFault(self.part, _line(self.text, path.token.start_index), sentence)

    def _item(self, node: ForNode, known: dict[str, Any]) -> Any:
        items = self._value(node.expression.iterable, known)
        return items[0] if isinstance(items, list) and items else ANYTHING

    def _value(self, expression: Any, known: dict[str, Any]) -> Any:
        if isinstance(expression, FilteredExpression):
            return self._value(expression.left, known) if not expression.filters else ANYTHING
        return _resolve(expression, known)[0] if isinstance(expression, Path) else ANYTHING


def _resolve(path: Path, known: dict[str, Any]) -> tuple[Any, str | None, list[str]]:
    """What a path leads to, or else its first stretch that leads nowhere and what there is in that place."""
    value: Any = known
    walked: list[str] = []
    for segment in path.path:
        if value is ANYTHING:
            return ANYTHING, None, []
        name = str(segment)
        walked.append(name)
        if isinstance(segment, Path):
            value = ANYTHING
        elif isinstance(value, dict):
            if name not in value:
                return None, ".".join(walked), [str(key) for key in value]
            value = value[name]
        elif isinstance(value, list) and (isinstance(segment, int) or name in {"first", "last"}):
            value = value[0] if value else ANYTHING
        elif name == "size" and isinstance(value, (list, str)):
            value = ""
        elif value is not None:
            return None, ".".join(walked), ["size"]
    return value, None, []


def _never_closed(text: str) -> tuple[str, int]:
    """The tag that was opened last of those that nobody closes, and where."""
    opened: list[tuple[str, int]] = []
    for match in TAG.finditer(text):
        name = match[1]
        if name in {"if", "unless", "case", "for", "capture"}:
            opened.append((name, match.start()))
        elif name.startswith("end") and opened and opened[-1][0] == name.removeprefix("end"):
            opened.pop()
    return opened[-1] if opened else ("if", 0)


def _broken_piece(text: str) -> int:
    """Where the first tag or output stands that is not even understood by itself; -1 where all are."""
    for match in PIECE.finditer(text):
        tag = TAG.match(match[0])
        name = tag[1] if tag else ""
        before, after = ("{% if true %}", "{% endif %}") if name == "elsif" else ("", "")
        if name == "when":
            before, after = "{% case 1 %}", "{% endcase %}"
        if name in {"if", "unless", "for", "capture"}:
            after = f"{{% end{name} %}}"
        if name.startswith("end") or name in {"else", "case"}:
            continue
        try:
            parse(TEXT, before + match[0] + after)
        except LiquidSyntaxError:
            return match.start()
        except LiquidError:
            continue
    return -1


def _line(text: str, index: int) -> int | None:
    return text.count("\n", 0, index) + 1 if index >= 0 else None
