"""Puts the sentences of a language into a template before it is compiled, in place of the calls to gettext."""

import re
from collections.abc import Iterator
from gettext import NullTranslations

from jinja2 import nodes
from jinja2.exceptions import TemplateAssertionError
from jinja2.runtime import markup_join
from jinja2.visitor import NodeTransformer

FUNCTIONS = ("_", "pgettext", "ngettext")
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def check_plural_forms(catalogue: NullTranslations) -> None:
    """Raises ValueError unless a language has a form for one and a form for any other number, as `if` has it below."""
    plural = getattr(catalogue, "plural", None)  # none where the sentences are those of the code, in English
    if plural is not None and any(plural(number) != (number != 1) for number in range(1000)):
        raise ValueError("templates cannot choose between the plural forms of this language")


class Sentences(NodeTransformer):
    """Replaces each call to gettext by its sentence: a constant, or pieces of text with escaped values between them."""

    def __init__(self, catalogue: NullTranslations, eval_ctx: nodes.EvalContext) -> None:
        self.catalogue = catalogue
        self.eval_ctx = eval_ctx

    def visit_Call(self, call: nodes.Call) -> nodes.Node:
        self.generic_visit(call)
        if not (isinstance(call.node, nodes.Name) and call.node.name in FUNCTIONS):
            return call
        if call.dyn_args or call.dyn_kwargs:
            raise _error("a sentence takes its values by their names", call)
        match call.node.name, call.args:
            case "_", [nodes.Const(value=str() as message)]:
                return self._fill(self.catalogue.gettext(message), call)
            case "pgettext", [nodes.Const(value=str() as context), nodes.Const(value=str() as message)]:
                return self._fill(self.catalogue.pgettext(context, message), call)
            case "ngettext", [nodes.Const(value=str() as singular), nodes.Const(value=str() as plural), number]:
                call.kwargs.append(nodes.Keyword("num", number))
                return nodes.CondExpr(
                    nodes.Compare(number, [nodes.Operand("eq", nodes.Const(1))]),
                    self._fill(self.catalogue.ngettext(singular, plural, 1), call),
                    self._fill(self.catalogue.ngettext(singular, plural, 2), call),
                    lineno=call.lineno,
                )
        raise _error("a sentence must be written out", call)

    def _fill(self, translation: str, call: nodes.Call) -> nodes.Expr:
        parts = list(_parts(translation, call))
        try:
            return nodes.Const(markup_join(part.as_const(self.eval_ctx) for part in parts), lineno=call.lineno)
        except nodes.Impossible:
            return nodes.Concat(parts, lineno=call.lineno)


def _parts(translation: str, call: nodes.Call) -> Iterator[nodes.Expr]:
    """Text, value, text … of a sentence. The text is HTML, as translations are ours; values are escaped if need be."""
    values = {keyword.key: keyword.value for keyword in call.kwargs}
    for index, piece in enumerate(PLACEHOLDER.split(translation)):
        if index % 2:
            if piece not in values:
                raise _error(f"no value for {piece!r} of {translation!r}", call)
            yield values[piece]
        elif "%" in piece.replace("%%", ""):
            raise _error(f"unknown placeholder in {translation!r}", call)
        else:
            yield nodes.TemplateData(piece.replace("%%", "%"), lineno=call.lineno)


def _error(message: str, call: nodes.Call) -> TemplateAssertionError:
    return TemplateAssertionError(message, call.lineno)
