"""The language of mail templates: Liquid with the few tags and filters that mails need, and limits on all of it."""

from collections.abc import Iterator
from typing import Any

from liquid import BoundTemplate, Environment, RenderContext, Token
from liquid.ast import Node
from liquid.builtin.expressions.logical import EqExpression, NeExpression
from liquid.builtin.expressions.primitive import Blank, RangeLiteral
from liquid.exceptions import LiquidError, LiquidSyntaxError, LiquidTypeError, LoopIterationLimitError
from liquid.expression import Expression
from liquid.parser import get_parser
from liquid.undefined import UNDEFINED

from webshop_orders.mailing.limits import MAX_ITERATIONS, MAX_OUTPUT, MAX_STEPS, MAX_VARIABLES_SIZE
from webshop_orders.mailing.templates.errors import MissingVariable, RangeError, UnclosedOutputError
from webshop_orders.mailing.templates.filters import FILTERS, bounded, filter_work
from webshop_orders.mailing.templates.tags import TAGS, TemplateStream


class BlankOrNil(Blank):
    """`blank`, which nil and false equal too, as in Shopify's Liquid and liquidjs; python-liquid leaves them out."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return other is None or other is False or super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]


class NilForFalse(Expression):
    """An expression that is compared with `blank`: nil where it is false, which python-liquid compares by itself."""

    __slots__ = ("inner",)

    def __init__(self, inner: Expression) -> None:
        super().__init__(inner.token)
        self.inner = inner

    def evaluate(self, context: RenderContext) -> object:
        value = self.inner.evaluate(context)
        return None if value is False else value

    def children(self) -> list[Expression]:
        return [self.inner]


class LimitedContext(RenderContext):
    """Counts the iterations of all loops of a mail together, and names what a variable lacks."""

    iterations = 0

    def raise_for_loop_limit(self, length: int = 1) -> None:
        super().raise_for_loop_limit(length)
        self.iterations += length
        template = self.template
        steps = template.steps if isinstance(template, ParsedTemplate) else 1
        if self.iterations > min(MAX_ITERATIONS, MAX_STEPS // steps):
            raise LoopIterationLimitError("loop iteration limit reached", token=None)

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        if default is not UNDEFINED:
            return super().get(path, token=token, default=default)
        root = path[0]
        if not isinstance(root, str):
            return MissingVariable(str(root), token=token)
        try:
            value: object = self.scope[root]
        except KeyError:
            return MissingVariable(root, token=token)
        for depth, segment in enumerate(path[1:], 2):
            try:
                is_key = type(value) is dict and segment in value
                value = value[segment] if is_key else self.get_item(value, segment)  # type: ignore[index]
            except IndexError:
                return MissingVariable("", token=token)
            except (KeyError, TypeError):
                return MissingVariable(".".join(map(str, path[:depth])), token=token)
        return value


class ParsedTemplate(BoundTemplate):
    """A parsed template, which knows how many steps it takes to go through it once."""

    context_class = LimitedContext
    steps = 1

    def render(self, *args: Any, **kwargs: Any) -> str:
        filter_work.set(0)
        try:
            return super().render(*args, **kwargs)
        except LiquidError:
            raise
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Liquid lets some of Python's own errors through, such as that of a list that is shorter than an index.
            raise LiquidTypeError(str(error), token=None) from error


class MailEnvironment(Environment):
    """Liquid with limits on loops, variables and output; a mistyped name raises."""

    template_class = ParsedTemplate
    loop_iteration_limit = MAX_ITERATIONS
    local_namespace_limit = MAX_VARIABLES_SIZE
    output_stream_limit = MAX_OUTPUT

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        for tag in TAGS:
            self.add_tag(tag)
        for name, filter_ in FILTERS.items():
            self.add_filter(name, bounded(name, filter_))

    def _parse(self, source: str) -> list[Node]:
        try:
            stream = TemplateStream(self.tokenizer()(source))
        except LiquidSyntaxError as error:
            if error.token and error.token.value.startswith(self.statement_start_string):
                raise UnclosedOutputError(error.token) from error
            raise
        return get_parser(self).parse(stream)


def parse(environment: MailEnvironment, source: str) -> ParsedTemplate:
    """A template, parsed; raises LiquidError, and RangeError for a range of numbers."""
    template = environment.from_string(source)
    assert isinstance(template, ParsedTemplate)
    nodes = list(all_nodes(template))
    for node in nodes:
        for expression in all_expressions(node):
            if isinstance(expression, RangeLiteral):
                raise RangeError(expression.token)
            _make_nil_blank(expression)
    template.steps = max(1, len(nodes))
    return template


def _make_nil_blank(expression: Expression) -> None:
    """Have nil and false equal `blank` in an expression; the parser offers no place for expressions of one's own."""
    if isinstance(expression, Blank):
        expression.__class__ = BlankOrNil
    if isinstance(expression, (EqExpression, NeExpression)):
        for side, other in (("left", expression.right), ("right", expression.left)):
            if isinstance(other, Blank):
                setattr(expression, side, NilForFalse(getattr(expression, side)))


def all_nodes(template: BoundTemplate) -> Iterator[Node]:
    """Each node of a template, in the order of its source."""
    context = RenderContext(template)
    pending = list(reversed(template.nodes))
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(list(node.children(context))))


def all_expressions(node: Node) -> Iterator[Expression]:
    """Each expression of a node itself, and each within it."""
    pending = list(node.expressions())
    while pending:
        expression = pending.pop()
        yield expression
        pending.extend(expression.children())


# HTML escapes the values that it writes, TEXT does not.
HTML = MailEnvironment(undefined=MissingVariable, autoescape=True)
TEXT = MailEnvironment(undefined=MissingVariable, autoescape=False)
