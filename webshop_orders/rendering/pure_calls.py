"""Calls functions whose result is always the same while a template is compiled, instead of on each page."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer


class PureCalls(NodeTransformer):
    """Replaces each call of a pure function with constant arguments by its result."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]], eval_ctx: nodes.EvalContext) -> None:
        self.functions = functions
        self.eval_ctx = eval_ctx

    def visit_Call(self, call: nodes.Call) -> nodes.Node:
        self.generic_visit(call)
        if not isinstance(call.node, nodes.Name) or call.node.name not in self.functions:
            return call
        if call.dyn_args is not None or call.dyn_kwargs is not None:
            return call
        try:
            arguments = [argument.as_const(self.eval_ctx) for argument in call.args]
            keywords = dict(keyword.as_const(self.eval_ctx) for keyword in call.kwargs)
            result = self.functions[call.node.name](*arguments, **keywords)
        except (nodes.Impossible, LookupError):  # the latter for what not every application has, which pages then ask
            return call
        return nodes.Const(result, lineno=call.lineno)
