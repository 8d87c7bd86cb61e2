"""Every name that a template uses is looked up, in the branches too that no example renders."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext as _
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.context import RenderContext

from webshop_orders.mailing.templates.environment import ParsedTemplate
from webshop_orders.mailing.templates.faults import Part, TemplateFault, line_of

ANYTHING = object()
FORLOOP = dict.fromkeys(("first", "last", "index", "index0", "rindex", "rindex0", "length", "name", "parentloop"), "")


def name_faults(part: Part, source: str, template: ParsedTemplate, context: dict[str, Any]) -> Iterator[TemplateFault]:
    """Each name that is neither in the context nor assigned before it is used."""
    yield from _NameCheck(part, source, template).check(template.nodes, dict(context))


class _NameCheck:
    """Walks a template with what its names stand for so far: a value of the context, or ANYTHING."""

    def __init__(self, part: Part, source: str, template: ParsedTemplate) -> None:
        self.part, self.source = part, source
        self.context = RenderContext(template)

    def check(self, nodes: Sequence[Node], scope: dict[str, Any]) -> Iterator[TemplateFault]:
        for node in nodes:
            for expression in node.expressions():
                yield from self._check_expression(expression, scope)
            if isinstance(node, ForNode):
                inner = {**scope, node.expression.identifier: _item(node, scope), "forloop": FORLOOP}
                yield from self.check([node.block], inner)
                yield from self.check([node.default] if node.default else [], scope)
                scope.update({name: value for name, value in inner.items() if name not in scope and name != "forloop"})
                continue
            if isinstance(node, AssignNode):
                scope[str(node.name)] = _value(node.expression, scope)
            if isinstance(node, CaptureNode):
                scope[str(node.name)] = ""
            yield from self.check(list(node.children(self.context)), scope)

    def _check_expression(self, expression: Any, scope: dict[str, Any]) -> Iterator[TemplateFault]:
        if isinstance(expression, Path):
            yield from self._check_path(expression, scope)
        for child in expression.children():
            yield from self._check_expression(child, scope)

    def _check_path(self, path: Path, scope: dict[str, Any]) -> Iterator[TemplateFault]:
        _value, missing, alternatives = _resolve(path, scope)
        if missing is None:
            return
        stem, _dot, last = missing.rpartition(".")
        similar = difflib.get_close_matches(last, alternatives, n=1)
        suggestion = ".".join(filter(None, [stem, *similar])) if similar else None
        sentence = (
            _("There is no %(name)s. Did you mean %(meant)s?", name=missing, meant=suggestion)
            if suggestion
            else _("There is no %(name)s.", name=missing)
        )
        yield TemplateFault(self.part, line_of(self.source, path.token), sentence)


def _item(node: ForNode, scope: dict[str, Any]) -> Any:
    items = _value(node.expression.iterable, scope)
    return items[0] if isinstance(items, list) and items else ANYTHING


def _value(expression: Any, scope: dict[str, Any]) -> Any:
    if isinstance(expression, FilteredExpression):
        return _value(expression.left, scope) if not expression.filters else ANYTHING
    return _resolve(expression, scope)[0] if isinstance(expression, Path) else ANYTHING


def _resolve(path: Path, scope: dict[str, Any]) -> tuple[Any, str | None, list[str]]:
    """The value of a path; or its beginning up to the first name that is missing, and the names that exist there."""
    value: Any = scope
    resolved: list[str] = []
    for segment in path.path:
        if value is ANYTHING:
            return ANYTHING, None, []
        name = str(segment)
        resolved.append(name)
        if isinstance(segment, Path):
            value = ANYTHING
        elif isinstance(value, dict):
            if name not in value:
                return None, ".".join(resolved), [str(key) for key in value]
            value = value[name]
        elif isinstance(value, list) and (isinstance(segment, int) or name in {"first", "last"}):
            value = value[0] if value else ANYTHING
        elif name == "size" and isinstance(value, (list, str)):
            value = ""
        elif value is not None:
            return None, ".".join(resolved), ["size"]
    return value, None, []
