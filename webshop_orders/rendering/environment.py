"""The environment of templates in a language: how they are loaded, and what they find."""

from collections.abc import Mapping
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.runtime import Context
from jinja2.utils import missing

from webshop_orders.rendering.compiler import Compiler
from webshop_orders.rendering.sentences import Sentences, check_plural_forms
from webshop_orders.text import languages


class Names(dict[str, Any]):
    """The names that a template finds. One that is not there is `missing`, as compiled templates expect it."""

    def __missing__(self, name: str) -> Any:
        return missing


class PageContext(Context):
    """A context without what it takes to tell global names from those of a page, which only imports would ask for."""

    parent: Names

    def __init__(self, template: "Template", names: Names) -> None:
        self.parent = names
        self.vars = {}
        self.environment = template.environment
        self.eval_ctx = template.environment.eval_ctx
        self.exported_vars = set()
        self.name = template.name
        self.globals_keys = set()
        self.blocks = {name: [block] for name, block in template.blocks.items()}

    def get_all(self) -> Names:
        return Names({**self.parent, **self.vars}) if self.vars else self.parent


class Template(jinja2.Template):
    environment: "Environment"

    def new_context(
        self, vars: Mapping[str, Any] | None = None, shared: bool = False, locals: Mapping[str, Any] | None = None
    ) -> PageContext:
        """The context of a page, with `vars` beside the globals; or of a template that it includes."""
        names = Names({**({} if shared else self.globals), **(vars or {})})
        names.update((name, value) for name, value in (locals or {}).items() if value is not missing)
        return PageContext(self, names)


class Environment(jinja2.Environment):
    """Templates in one language, each compiled once, and again when it changes if `app` reloads templates."""

    code_generator_class = Compiler
    template_class = Template

    def __init__(self, base: jinja2.Environment, language: str) -> None:
        super().__init__(
            loader=base.loader,
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=base.auto_reload,
            bytecode_cache=base.bytecode_cache,
        )
        self.language = language
        self.globals = dict(base.globals)
        self.filters = dict(base.filters)
        self.eval_ctx = nodes.EvalContext(self)
        self.catalogue = languages.catalogue(language)
        check_plural_forms(self.catalogue)
        self._loaded: dict[str, jinja2.Template] = {}

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> jinja2.Template:
        template = self._loaded.get(name)
        if template is None or (self.auto_reload and not template.is_up_to_date):
            assert self.loader is not None
            template = self._loaded[name] = self.loader.load(self, name, self.globals)
        return template

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        return super()._generate(Sentences(self.catalogue, self.eval_ctx).visit(source), name, filename, defer_init)
