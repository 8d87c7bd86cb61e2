"""Nodes and expressions of python-liquid that come to the same result with fewer calls.

They replace python-liquid's own in a parsed template, whose parser offers no place for other classes.
"""

from typing import TextIO

from liquid import RenderContext
from liquid.ast import BlockNode, Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.expression import Expression


class DirectBlock(BlockNode):
    """A block that writes its nodes without asking whether their tags are disabled, as no tag of ours disables any."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        if self.blank:
            return super().render_to_output(context, buffer)
        count = 0
        for node in self.nodes:
            count += node.render_to_output(context, buffer)
        return count


class DirectPath(Path):
    """A path without another one in brackets."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        return context.get(self.path, token=self.token)  # type: ignore[arg-type]


def simplify_node(node: Node) -> None:
    """Have a node call the nodes and values within it directly."""
    if type(node) is BlockNode:
        node.__class__ = DirectBlock
    elif isinstance(node, ForNode):  # python-liquid's identifiers are compared in Python
        node.expression.identifier = str(node.expression.identifier)
    elif isinstance(node, OutputNode) and type(node.expression) is FilteredExpression and not node.expression.filters:
        node.expression = node.expression.left


def simplify_expression(expression: Expression) -> None:
    """Have an expression evaluate directly."""
    if type(expression) is Path and not any(isinstance(segment, Path) for segment in expression.path):
        expression.__class__ = DirectPath
