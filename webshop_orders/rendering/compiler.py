"""Compiles templates to Python code with few calls, of the part of Jinja that our templates use.

A template renders the same as by Jinja's own compiler, with these differences in its code:
- A macro is a plain function, and a call is a plain call: nothing that templates call takes Jinja's context.
- What is printed is escaped in place where it is a plain string or Markup, without a call and an object for each.
- Attributes are looked up in place, and Jinja is asked only where an object has none of that name.
"""

from keyword import iskeyword
from typing import TypeGuard

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame, MacroRef, find_undeclared
from markupsafe import Markup, escape

RUNTIME = ("escape_text", "html_of", "mark_safe")
# Names of the compiled code that a macro's parameter would hide.
RESERVED = {*RUNTIME, "Markup", "Undefined", "concat", "context", "environment", "getattr", "isinstance", "missing"} | {
    "resolve",
    "str",
    "type",
    "undefined",
}
# Names that a macro may use without having them as parameters, and what it takes for them.
SPECIAL = {"varargs": "*varargs", "caller": "caller=missing", "kwargs": "**kwargs"}


class Compiler(CodeGenerator):
    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        self.sentences: dict[str, str] = {}
        self.writeline(f"from webshop_orders.rendering.runtime import {', '.join(RUNTIME)}")
        super().visit_Template(node, frame)
        for html, name in self.sentences.items():
            self.writeline(f"{name} = mark_safe({html!r})")

    def write_commons(self) -> None:
        self.writeline("resolve = context.get_all().__getitem__")
        self.writeline("undefined = environment.undefined")
        self.writeline("concat = environment.concat")
        self.writeline("cond_expr_undefined = Undefined")
        self.writeline("if 0: yield None")

    # Output

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        if frame.require_output_check and self.has_known_extends:
            return
        if frame.require_output_check:
            self.writeline("if parent_template is None:")
            self.indent()
        self.start_write(frame, node)
        self._write_joined(self._merged(node.nodes, frame), frame)
        self.end_write(frame)
        if frame.require_output_check:
            self.outdent()

    def _write_joined(self, parts: list[str | nodes.Expr], frame: Frame) -> None:
        """Write an expression of one string of HTML, each part on its line, so that errors name the template's."""
        if len(parts) == 1:
            self._write_html(parts[0], frame)
            return
        self.write("concat((")
        self.indent()
        for part in parts:
            self.newline(part if isinstance(part, nodes.Node) else None)
            self._write_html(part, frame)
            self.write(",")
        self.outdent()
        self.write("))")

    def _merged(self, children: list[nodes.Expr], frame: Frame) -> list[str | nodes.Expr]:
        """HTML that is known now, in one piece, and expressions between."""
        parts: list[str | nodes.Expr] = []
        for child in children:
            html = self._constant_html(child, frame)
            if html is not None:
                pieces: list[str | nodes.Expr] = [html] if html else []
            else:
                pieces = self._merged(child.nodes, frame) if _is_sentence(child) else [child]
            for piece in pieces:
                if parts and isinstance(parts[-1], str) and isinstance(piece, str):
                    parts[-1] += piece
                else:
                    parts.append(piece)
        return parts or [""]

    @staticmethod
    def _constant_html(node: nodes.Expr, frame: Frame) -> str | None:
        try:
            return str(escape(node.as_const(frame.eval_ctx)))
        except nodes.Impossible:
            return None

    def _write_html(self, node: str | nodes.Expr, frame: Frame) -> None:
        """Write an expression of the HTML of a value, as a string."""
        if not isinstance(node, str) and (html := self._constant_html(node, frame)) is not None:
            node = html
        if isinstance(node, str):
            self.write(repr(node))
        elif isinstance(node, nodes.CondExpr):
            self.write("(")
            self._write_html(node.expr1, frame.soft())
            self.write(" if ")
            self.visit(node.test, frame.soft())
            self.write(" else ")
            self._write_html("" if node.expr2 is None else node.expr2, frame.soft())
            self.write(")")
        elif _is_sentence(node):
            self._write_joined(self._merged(node.nodes, frame), frame)
        else:
            value = self.temporary_identifier()
            self.write(f"(escape_text({value}) if type({value} := ")
            self.visit(node, frame)
            self.write(f") is str else {value} if type({value}) is Markup else html_of({value}))")

    # Expressions

    def visit_Const(self, node: nodes.Const, frame: Frame) -> None:
        if isinstance(node.value, Markup):
            html = str(node.value)
            if html not in self.sentences:
                self.sentences[html] = self.temporary_identifier()
            self.write(self.sentences[html])
        else:
            super().visit_Const(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        if _is_sentence(node):
            self.write("mark_safe(")
            self._write_joined(self._merged(node.nodes, frame), frame)
            self.write(")")
        else:
            super().visit_Concat(node, frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        owner, value = self.temporary_identifier(), self.temporary_identifier()
        self.write(f"({value} if ({value} := getattr(({owner} := ")
        self.visit(node.node, frame)
        self.write(f"), {node.attr!r}, missing)) is not missing else environment.getattr({owner}, {node.attr!r}))")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        self.visit(node.node, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        if node.dyn_args is not None:
            self.write("*")
            self.visit(node.dyn_args, frame)
            self.write(", ")
        for keyword in node.kwargs:
            is_reserved = iskeyword(keyword.key)  # such as `class`
            self.write(f"**{{{keyword.key!r}: " if is_reserved else f"{keyword.key}=")
            self.visit(keyword.value, frame)
            self.write("}, " if is_reserved else ", ")
        if node.dyn_kwargs is not None:
            self.write("**")
            self.visit(node.dyn_kwargs, frame)
            self.write(", ")
        self.write("caller=caller)" if forward_caller else ")")

    # Macros, imports and includes

    def macro_body(self, node: nodes.Macro | nodes.CallBlock, frame: Frame) -> tuple[Frame, MacroRef]:
        """Write a function whose parameters have the names that they have in the template."""
        names = [argument.name for argument in node.args]
        for name in names:
            if name in RESERVED or name in SPECIAL or iskeyword(name):
                self.fail(f"{name!r} cannot be the name of a parameter", node.lineno)
        frame = frame.inner()
        frame.require_output_check = False
        special = find_undeclared(node.body, SPECIAL)
        references = {name: frame.symbols.declare_parameter(name) for name in special}
        frame.symbols.analyze_node(node)
        references |= {name: frame.symbols.ref(name) for name in names}
        parameters = [f"{name}=missing" for name in names]
        parameters += [parameter for name, parameter in SPECIAL.items() if name in special]
        self.writeline(f"def macro({', '.join(parameters)}):", node)
        self.indent()
        for name, reference in references.items():
            self.writeline(f"{reference} = {name}")
        self.enter_frame(frame)
        self._write_defaults(node, frame)
        if len(node.body) == 1 and isinstance(node.body[0], nodes.Output):
            self.writeline("return mark_safe(")
            self._write_joined(self._merged(node.body[0].nodes, frame), frame)
            self.write(")")
        else:
            self.buffer(frame)
            self.blockvisit(node.body, frame)
            self.writeline(f"return mark_safe(concat({frame.buffer}))")
        self.leave_frame(frame, with_python_scope=True)
        self.outdent()
        return frame, MacroRef(node)

    def _write_defaults(self, node: nodes.Macro | nodes.CallBlock, frame: Frame) -> None:
        self.push_parameter_definitions(frame)
        defaults = [None] * (len(node.args) - len(node.defaults)) + node.defaults
        for argument, default in zip(node.args, defaults, strict=True):
            reference = frame.symbols.ref(argument.name)
            self.writeline(f"if {reference} is missing: {reference} = ")
            if default is None:
                hint = f"parameter {argument.name!r} was not provided"
                self.write(f"undefined({hint!r}, name={argument.name!r})")
            else:
                self.visit(default, frame)
            self.mark_parameter_stored(reference)
        self.pop_parameter_definitions()

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:
        self.write("macro")

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:
        if node.ignore_missing or not node.with_context:
            self.fail("a template is included with its context, or not at all", node.lineno)
        self.writeline("template = environment.get_template(", node)
        self.visit(node.template, frame)
        self.write(")")
        self.writeline("yield from " if frame.buffer is None else f"{frame.buffer}.extend(")
        variables = f"context.get_all(), True, {self.dump_local_context(frame)}"
        self.write(f"template.root_render_func(template.new_context({variables}))")
        self.end_write(frame)

    def _import_common(self, node: nodes.Import | nodes.FromImport, frame: Frame) -> None:
        if node.with_context:
            self.fail("macros are imported without the context of the page", node.lineno)
        self.write("environment.get_template(")
        self.visit(node.template, frame)
        self.write(").module")


def _is_sentence(node: nodes.Node) -> TypeGuard[nodes.Concat]:
    """Whether a node is text with values between, as the pass over sentences makes them: Jinja makes no such nodes."""
    return isinstance(node, nodes.Concat) and isinstance(node.nodes[0], nodes.TemplateData)
