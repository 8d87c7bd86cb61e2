"""Errors of the template language in sentences, decided by the error's class and the position of its token."""

import re
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from liquid.exceptions import (
    BlockNestingError,
    FilterArgumentError,
    FilterValueError,
    LiquidError,
    LiquidSyntaxError,
    LocalNamespaceLimitError,
    LoopIterationLimitError,
    OutputStreamLimitError,
)

from webshop_orders.mailing.templates.environment import TEXT, ParsedTemplate, all_expressions, all_nodes, parse
from webshop_orders.mailing.templates.errors import (
    MissingVariableError,
    RangeError,
    UnclosedOutputError,
    UnclosedTagError,
    UnknownTagError,
)
from webshop_orders.mailing.templates.faults import Part, TemplateFault, line_at, line_of
from webshop_orders.mailing.templates.filters import FILTERS
from webshop_orders.text.languages import lazy_gettext as _l

TAG_NAMES = ("assign", "capture", "case", "comment", "for", "if", "unless")
BRACES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
TAG = re.compile(r"\{%-?\s*(\w+)")
LIMITS: dict[type[LiquidError], Any] = {
    LoopIterationLimitError: _l("The loops go round too many times for a mail."),
    OutputStreamLimitError: _l("The mail gets too long."),
    LocalNamespaceLimitError: _l("The template keeps too much text in its variables."),
    BlockNestingError: _l("It is nested too deeply."),
    FilterValueError: _l("A filter makes the text too long."),
}


def syntax_fault(part: Part, source: str, error: LiquidError) -> TemplateFault:
    """An error that parsing raised."""
    line = line_of(source, error.token)
    if isinstance(error, BlockNestingError) or isinstance(error.__cause__, RecursionError):
        return TemplateFault(part, None, _("It is nested too deeply."))
    if isinstance(error, UnknownTagError):
        return TemplateFault(part, line, _unknown_tag_sentence(error.tag))
    if isinstance(error, UnclosedTagError):
        return TemplateFault(part, line, unclosed_sentence(error.tag))
    if isinstance(error, UnclosedOutputError):
        return TemplateFault(part, line, _("%(start)s is never closed. Add %(end)s.", start="{{", end="}}"))
    if isinstance(error, RangeError):
        return TemplateFault(part, line, _("Ranges of numbers such as (1..10) cannot be used in mails."))
    if line is None:
        line = line_at(source, _first_broken_braces(source))
    return TemplateFault(part, line, _("This cannot be understood: %(reason)s.", reason=error.message))


def rendering_fault(part: Part, source: str, error: LiquidError) -> TemplateFault:
    """An error that rendering raised."""
    line = line_of(source, error.token)
    for error_class, sentence in LIMITS.items():
        if isinstance(error, error_class):
            return TemplateFault(part, line, str(sentence))
    if isinstance(error, MissingVariableError) and error.name:
        return TemplateFault(part, line, _("There is no %(name)s.", name=error.name))
    if isinstance(error, FilterArgumentError):
        sentence = _("A filter gets something else than it needs: %(reason)s.", reason=error.message)
        return TemplateFault(part, line, sentence)
    return TemplateFault(part, line, _("This cannot be understood: %(reason)s.", reason=error.message))


def unknown_filter_faults(part: Part, source: str, template: ParsedTemplate) -> Iterator[TemplateFault]:
    """Filters that mails do not have; Liquid itself looks them up only where it renders."""
    for node in all_nodes(template):
        for expression in all_expressions(node):
            for filter_ in getattr(expression, "filters", None) or ():
                if filter_.name not in FILTERS:
                    sentence = _(
                        "There is no filter %(name)s in mails. There are: %(filters)s.",
                        name=filter_.name,
                        filters=", ".join(FILTERS),
                    )
                    yield TemplateFault(part, line_of(source, filter_.token), sentence)


def unclosed_sentence(tag: str) -> str:
    return _("{%% %(tag)s %%} is never closed. Add {%% end%(tag)s %%}.", tag=tag)


def _unknown_tag_sentence(tag: str) -> str:
    if tag in {"else", "elsif", "when"} or tag.startswith("end"):
        return _("{%% %(tag)s %%} belongs to nothing that was begun before it.", tag=tag)
    return _("There is no {%% %(tag)s %%} in mails. There are: %(tags)s.", tag=tag, tags=", ".join(TAG_NAMES))


def _first_broken_braces(source: str) -> int:
    """Where the first tag or output is that cannot even be parsed alone; -1 where all can."""
    for braces in BRACES.finditer(source):
        tag = TAG.match(braces[0])
        name = tag[1] if tag else ""
        before, after = ("{% if true %}", "{% endif %}") if name == "elsif" else ("", "")
        if name == "when":
            before, after = "{% case 1 %}", "{% endcase %}"
        if name in {"if", "unless", "for", "capture"}:
            after = f"{{% end{name} %}}"
        if name.startswith("end") or name in {"else", "case"}:
            continue
        try:
            parse(TEXT, before + braces[0] + after)
        except LiquidSyntaxError:
            return braces.start()
        except LiquidError:
            continue
    return -1
