"""The environment of templates in a language: how they are loaded, and what they find."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from jinja2.utils import missing

from webshop_orders.rendering.compiler import Compiler
from webshop_orders.rendering.pure_calls import PureCalls
from webshop_orders.rendering.sentences import Sentences, check_plural_forms
from webshop_orders.text import languages


@dataclass(frozen=True)
class Helpers:
    """What templates of a language can use beside what Flask and Jinja have."""

    filters: Mapping[str, Callable[..., Any]]
    names: Mapping[str, Any]
    # Functions whose result only depends on their arguments. Where those are constants, so is the call.
    pure: Mapping[str, Callable[..., Any]]


# One space is all that browsers take it for, and a twentieth of a page was indentation.
INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
# Of a language, and of the path below which the order desk is served.
HelperFactory = Callable[[str, str], Helpers]


def remembered(macro: Callable[..., Any]) -> Callable[..., Any]:
    """A macro that gives the same HTML for the same few arguments on each page, made once for each of them."""
    return lru_cache(256, typed=True)(macro)


class PageContext(Context):
    """A context without what it takes to tell global names from those of a page, which only imports would ask for."""

    def __init__(self, template: "Template", names: dict[str, Any]) -> None:
        self.parent = names
        self.vars = {}
        self.environment = template.environment
        self.eval_ctx = template.environment.eval_ctx
        self.exported_vars = set()
        self.name = template.name
        self.globals_keys = set()
        self.blocks = {name: [block] for name, block in template.blocks.items()}

    def get_all(self) -> dict[str, Any]:
        return {**self.parent, **self.vars} if self.vars else self.parent


class Template(jinja2.Template):
    environment: "Environment"

    @cached_property
    def module(self) -> TemplateModule:
        """The macros of the template, made once, as none of them sees the names of the page that imports it."""
        return self.make_module()

    def new_context(
        self, vars: Mapping[str, Any] | None = None, shared: bool = False, locals: Mapping[str, Any] | None = None
    ) -> PageContext:
        """The context of a page, with `vars` beside the globals; or of a template that it includes."""
        names = {**({} if shared else self.globals), **(vars or {})}
        for name, value in (locals or {}).items():
            if value is not missing:
                names[name] = value
        return PageContext(self, names)


class Environment(jinja2.Environment):
    """Templates in one language, each compiled once, and again when it changes if `app` reloads templates."""

    code_generator_class = Compiler
    template_class = Template

    def __init__(self, base: jinja2.Environment, language: str, helpers: Helpers) -> None:
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
        self.globals = {**base.globals, **helpers.names, **helpers.pure, "remembered": remembered}
        self.filters = {**base.filters, **helpers.filters}
        self.pure = helpers.pure
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

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        """The source without the indentation of its lines."""
        return INDENTATION.sub(" ", super().preprocess(source, name, filename))

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        for transformer in (Sentences(self.catalogue, self.eval_ctx), PureCalls(self.pure, self.eval_ctx)):
            source = transformer.visit(source)
        return super()._generate(source, name, filename, defer_init)
