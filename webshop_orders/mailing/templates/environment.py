"""The language of mail templates: Liquid, with the few tags and filters that mails need, and an end to everything."""

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import wraps
from typing import Any

from liquid import BoundTemplate, Environment, RenderContext, StrictUndefined
from liquid.ast import Node
from liquid.builtin import illegal, output
from liquid.builtin.content import Literal
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.filters import array, misc, string
from liquid.builtin.tags import (
    assign_tag,
    capture_tag,
    case_tag,
    comment_tag,
    for_tag,
    if_tag,
    inline_comment_tag,
    unless_tag,
)
from liquid.exceptions import (
    FilterArgumentError,
    FilterValueError,
    LiquidError,
    LiquidSyntaxError,
    LiquidTypeError,
    LoopIterationLimitError,
)
from liquid.expression import Expression

from webshop_orders.mailing.plain_text import align_right

MOST_ITERATIONS = 20_000
# So that a long template cannot be run through as often as a short one.
MOST_STEPS = 500_000
MOST_IN_FILTERS = 5_000_000
LONGEST_TEXT = 100_000

TAGS = (
    Literal,
    output.Output,
    illegal.Illegal,
    assign_tag.AssignTag,
    capture_tag.CaptureTag,
    case_tag.CaseTag,
    comment_tag.CommentTag,
    for_tag.BreakTag,
    for_tag.ContinueTag,
    for_tag.ForTag,
    if_tag.IfTag,
    inline_comment_tag.InlineCommentTag,
    unless_tag.UnlessTag,
)
FILTERS: dict[str, Callable[..., Any]] = {
    "append": string.append,
    "capitalize": string.capitalize,
    "default": misc.default,
    "downcase": string.downcase,
    "escape": string.escape,
    "first": array.first,
    "join": array.join,
    "last": array.last,
    "newline_to_br": string.newline_to_br,
    "prepend": string.prepend,
    "remove": string.remove,
    "replace": string.replace,
    "size": misc.size,
    "split": string.split,
    "strip": string.strip,
    "truncate": string.truncate,
    "truncatewords": string.truncatewords,
    "upcase": string.upcase,
    "beside": align_right,
}
spent_in_filters: ContextVar[int] = ContextVar("spent_in_filters", default=0)


class MailContext(RenderContext):
    """Counts how often the loops of a mail go round, all of them together."""

    iterations = 0

    def raise_for_loop_limit(self, length: int = 1) -> None:
        super().raise_for_loop_limit(length)
        self.iterations += length
        template = self.template
        steps = template.steps if isinstance(template, ParsedTemplate) else 1
        if self.iterations > min(MOST_ITERATIONS, MOST_STEPS // steps):
            raise LoopIterationLimitError("loop iteration limit reached", token=None)


class ParsedTemplate(BoundTemplate):
    """A parsed template, which knows how many steps it takes to go through it once."""

    context_class = MailContext
    steps = 1

    def render(self, *args: Any, **kwargs: Any) -> str:
        spent_in_filters.set(0)
        try:
            return super().render(*args, **kwargs)
        except LiquidError:
            raise
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Liquid lets some of Python's own through, such as that of a list that is shorter than an index.
            raise LiquidTypeError(str(error), token=None) from error


class MailEnvironment(Environment):
    """Liquid with an end to what a template can loop over, remember and write; a mistyped name raises."""

    template_class = ParsedTemplate
    loop_iteration_limit = MOST_ITERATIONS
    local_namespace_limit = 500_000
    output_stream_limit = 1_000_000

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        for tag in TAGS:
            self.add_tag(tag)
        for name, filter_ in FILTERS.items():
            self.add_filter(name, _bounded(name, filter_))


def parse(environment: MailEnvironment, source: str) -> ParsedTemplate:
    """A template, parsed; raises LiquidError, also for a range of numbers, which can be longer than any memory."""
    template = environment.from_string(source)
    assert isinstance(template, ParsedTemplate)
    nodes = list(all_nodes(template))
    for node in nodes:
        for expression in all_expressions(node):
            if isinstance(expression, RangeLiteral):
                raise LiquidSyntaxError("a range of numbers", token=expression.token)
    template.steps = max(1, len(nodes))
    return template


def all_nodes(template: BoundTemplate) -> Iterator[Node]:
    """Each node of a template, from the first to the last."""
    context = RenderContext(template)
    waiting = list(reversed(template.nodes))
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(list(node.children(context))))


def all_expressions(node: Node) -> Iterator[Expression]:
    """Each expression that stands in a node itself, and each within it."""
    waiting = list(node.expressions())
    while waiting:
        expression = waiting.pop()
        yield expression
        waiting.extend(expression.children())


def _bounded(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that refuses, before it begins, to make a text longer than any mail."""

    @wraps(filter_)
    def bounded(value: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_names(name, kwargs)
        expected = _length(value) + sum(_length(arg) for arg in args)
        if name == "replace" and args:
            seq, sub = str(args[0]), str(args[1]) if len(args) > 1 else ""
            expected = max(expected, len(str(value)) + str(value).count(seq) * (len(sub) - len(seq)))
        if name == "join":
            expected += _length(args[0] if args else " ") * _count(value)
        if expected > LONGEST_TEXT:
            raise FilterValueError("the text gets too long", token=None)
        spent_in_filters.set(spent_in_filters.get() + expected)
        if spent_in_filters.get() > MOST_IN_FILTERS:
            raise FilterValueError("the filters have too much to do", token=None)
        return filter_(value, *args, **kwargs)

    return bounded


def _refuse_names(name: str, kwargs: dict[str, Any]) -> None:
    """Raise where an argument is given by name, which would be counted nowhere; Liquid itself names a single one."""
    for key, value in kwargs.items():
        # The environment comes from Liquid, unless a template puts something in its place.
        if key != "allow_false" and not (key == "environment" and isinstance(value, Environment)):
            raise FilterArgumentError(f"{name} knows no {key}:", token=None)


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, (list, tuple)):
        return sum(_length(one) + 1 for one in value)
    return 20 + sum(_length(one) for one in value.values()) if isinstance(value, dict) else 20


def _count(value: Any) -> int:
    return len(value) if isinstance(value, (list, tuple)) else 1


# Two ways of writing: the one escapes what it is given, the other does not.
HTML = MailEnvironment(undefined=StrictUndefined, autoescape=True)
TEXT = MailEnvironment(undefined=StrictUndefined, autoescape=False)
