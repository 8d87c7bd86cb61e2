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
from jinja2.idtracking import VAR_LOAD_ALIAS, VAR_LOAD_RESOLVE, VAR_LOAD_UNDEFINED
from jinja2.runtime import exported
from markupsafe import Markup, escape

RUNTIME = ("escape_text", "html_of", "join", "mark_safe")
# Names of the compiled code that a macro's parameter would hide.
RESERVED = {*RUNTIME, *exported, "concat", "context", "environment", "find", "getattr", "output", "str", "type"} | {
    "undefined"
}
# Names that a macro may use without having them as parameters, and what it takes for them.
SPECIAL = {"varargs": "*varargs", "caller": "caller=missing", "kwargs": "**kwargs"}


class Compiler(CodeGenerator):
    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        """Write the functions of a template and of its blocks. Each returns pieces of HTML."""
        self.sentences: dict[str, str] = {}
        extends = node.find(nodes.Extends)
        self.has_known_extends = extends in node.body
        if extends and not self.has_known_extends:
            self.fail("a template extends another one or does not", extends.lineno)
        self.writeline(f"from jinja2.runtime import {', '.join(exported)}")
        self.writeline(f"from webshop_orders.rendering.runtime import {', '.join(RUNTIME)}")
        self.writeline(f"name = {self.name!r}")
        self.writeline("undefined, concat, cond_expr_undefined = environment.undefined, environment.concat, Undefined")
        self._write_filters_and_tests(node)
        for block in node.find_all(nodes.Block):
            if block.name in self.blocks or block.scoped or block.required:
                self.fail(f"block {block.name!r} is not a plain block, once in its template", block.lineno)
            self.blocks[block.name] = block
        frame = self._page_frame()
        frame.toplevel = frame.rootlevel = True
        frame.require_output_check = self.has_known_extends
        self._write_function("root", node, frame)
        for name, block in self.blocks.items():
            frame = self._page_frame()
            frame.block_frame = True
            frame.block = name
            self._write_function(f"block_{name}", block, frame)
        self.writeline(f"blocks = {{{', '.join(f'{name!r}: block_{name}' for name in self.blocks)}}}", extra=1)
        for html, name in self.sentences.items():
            self.writeline(f"{name} = mark_safe({html!r})")
        self.writeline(f"debug_info = {'&'.join(f'{line}={code}' for line, code in self.debug_info)!r}")

    def _page_frame(self) -> Frame:
        frame = Frame(nodes.EvalContext(self.environment, self.name))
        frame.buffer = "output"
        return frame

    def _write_filters_and_tests(self, node: nodes.Template) -> None:
        for kind, known, found in (("filters", self.filters, nodes.Filter), ("tests", self.tests, nodes.Test)):
            for name in sorted({user.name for user in node.find_all(found)}):
                if name not in getattr(self.environment, kind):
                    self.fail(f"no {name!r} among the {kind}", node.lineno)
                known[name] = self.temporary_identifier()
                self.writeline(f"{known[name]} = environment.{kind}[{name!r}]")

    def _write_function(self, function: str, node: nodes.Template | nodes.Block, frame: Frame) -> None:
        self.writeline(f"def {function}(context):", node if isinstance(node, nodes.Block) else None, extra=1)
        self.indent()
        self.writeline("find = context.get_all().get")
        self.writeline("output = []")
        if frame.block and "super" in find_undeclared(node.body, ("super",)):
            self.writeline(f"{frame.symbols.declare_parameter('super')} = context.super({frame.block!r}, {function})")
        frame.symbols.analyze_node(node)
        self.enter_frame(frame)
        self.blockvisit(node.body, frame)
        if frame.require_output_check:
            self.writeline("output.extend(parent_template.root_render_func(context))")
        self.writeline("return output")
        self.outdent()

    def enter_frame(self, frame: Frame) -> None:
        for reference, (action, name) in frame.symbols.loads.items():
            if action == VAR_LOAD_RESOLVE:
                self.writeline(f"{reference} = find({name!r}, missing)")
            elif action == VAR_LOAD_ALIAS:
                self.writeline(f"{reference} = {name}")
            elif action == VAR_LOAD_UNDEFINED:
                self.writeline(f"{reference} = missing")

    def pop_assign_tracking(self, frame: Frame) -> None:
        """Note what a page has set for its blocks and includes. Only Jinja's own calls ask for the rest."""
        if frame.toplevel:
            super().pop_assign_tracking(frame)
        else:
            self._assign_stack.pop()

    def visit_Block(self, node: nodes.Block, frame: Frame) -> None:
        if not (frame.toplevel and self.has_known_extends):
            self.writeline(f"{frame.buffer}.extend(context.blocks[{node.name!r}][0](context))", node)

    # Output

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        if frame.require_output_check:  # a template that extends another prints nothing outside its blocks
            return
        self.start_write(frame, node)
        self._write_joined(self._merged(node.nodes, frame), frame)
        self.end_write(frame)

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
                pieces = self._merged(child.nodes, frame) if isinstance(child, nodes.Concat) else [child]
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
        elif isinstance(node, nodes.Concat):
            self._write_joined(self._merged(node.nodes, frame), frame)
        else:
            value = self.temporary_identifier()
            self.write(f"(escape_text({value}) if type({value} := ")
            self.visit(node, frame)
            kinds = f"{value} if type({value}) is Markup else str({value}) if type({value}) is int"
            self.write(f") is str else {kinds} else html_of({value}))")

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
            return
        self.write("join((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

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

    def visit_EvalContextModifier(self, node: nodes.EvalContextModifier, frame: Frame) -> None:
        self.fail("everything is escaped", node.lineno)

    visit_ScopedEvalContextModifier = visit_EvalContextModifier

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
        if "caller" in special:
            self.writeline("if caller is missing: ")
            self.write(f"{references['caller']} = undefined('no block to call', name='caller')")
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
        variables = f"context.get_all(), True, {self.dump_local_context(frame)}"
        self.writeline(f"{frame.buffer}.extend(template.root_render_func(template.new_context({variables})))")

    def _import_common(self, node: nodes.Import | nodes.FromImport, frame: Frame) -> None:
        if node.with_context:
            self.fail("macros are imported without the context of the page", node.lineno)
        self.write("environment.get_template(")
        self.visit(node.template, frame)
        self.write(").module")


def _is_sentence(node: nodes.Node) -> TypeGuard[nodes.Concat]:
    """Whether a node is text with values between, as the pass over sentences makes them: Jinja makes no such nodes."""
    return isinstance(node, nodes.Concat) and isinstance(node.nodes[0], nodes.TemplateData)
