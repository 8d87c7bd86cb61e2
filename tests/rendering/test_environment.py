"""Templates give the same HTML as by Jinja's own compiler, in each language, and fail where they must."""

# ruff: noqa: E501 (templates of one line)

import ast
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
from flask import Flask
from jinja2.exceptions import TemplateAssertionError, UndefinedError
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy

import webshop_orders
from webshop_orders.rendering import environment_of
from webshop_orders.rendering.environment import Environment, Helpers
from webshop_orders.rendering.runtime import html_of
from webshop_orders.text import languages

PACKAGE = Path(webshop_orders.__file__).parent


class Html:
    def __html__(self) -> str:
        return "<i>html</i>"

    def __str__(self) -> str:
        return "<text>"


class Text(str):
    __slots__ = ()


class Owner:
    name = "<owner>"

    @property
    def missing(self) -> str:
        raise AttributeError

    def call(self, *args: object, **kwargs: object) -> str:
        return f"{args} {kwargs} <call>"


VALUES: dict[str, Any] = {
    "text": "<b>&\"'",
    "html": Markup("<b>&amp;</b>"),
    "object_with_html": Html(),
    "subclass": Text("<s>"),
    "number": 7,
    "one": 1,
    "nothing": None,
    "true": True,
    "owner": Owner(),
    "row": {"name": "<row>", "items": "never", "class": "<class>"},
    "rows": [SimpleNamespace(name="<a>", n=1), SimpleNamespace(name="b", n=2)],
    "empty": [],
    "keywords": {"class": "<k>", "id": 3},
    "words": ["<x>", "y"],
    "layout": "layout.html",
}
TEMPLATES = {
    "macros.html": """
{% macro plain(text) -%} [{{ text }}] {%- endmacro %}
{% macro many(a, b="<b>", c=a) %}{% if a %}{{ a }}{% endif %}{{ b }}{{ c }}{{ kwargs.id }}{% endmacro %}
{% macro rest(a) %}{{ a }}{% for word in varargs %}{{ word }}{% endfor %}{% endmacro %}
{% macro wrap(a) %}<div>{{ a }}{{ caller(a) }}{{ plain(a) }}</div>{% endmacro %}
{% macro of_globals() %}{{ site }}{{ of_page is defined }}{% endmacro %}
{% set kept = remembered(plain) %}
""",
    "layout.html": "<{% block title %}none{% endblock %}>{{ section }}{% block region %}default {{ text }}{% endblock %}",
    "included.html": """{% from "macros.html" import plain %}{{ plain(item.name) }}{{ text }}{{ outer }}{{ section }}""",
    "middle.html": "{% extends layout %}{% block title %}{{ super() }}{% block tab %}{% endblock %}{% endblock %}",
}
BODIES = [
    # what is printed
    "{{ text }}{{ html }}{{ object_with_html }}{{ subclass }}{{ number }}{{ nothing }}{{ true }}{{ 1.5 }}{{ '<' }}",
    "a{{ '' }}b{{ text }}{{ html }}",
    "{{ text if number else html }}{{ html if nothing else text }}{{ '<' if number }}{{ '<' if nothing }}",
    "{{ (text if true else html)|upper }}",
    # attributes and items
    "{{ owner.name }}{{ row.name }}{{ row['name'] }}{{ row['class'] }}{{ owner['name'] }}{{ words[0] }}{{ words.0 }}",
    "{{ owner.absent is defined }}{{ owner.absent|default('<d>') }}{{ absent is defined }}{{ owner.missing is defined }}",
    "{{ rows|map(attribute='name')|join(', ') }}{{ words[1:] }}",
    # concatenation
    "{{ text ~ '-' ~ number }}{{ text ~ html }}{{ number ~ number }}{{ (text ~ '<')|length }}{{ (html ~ text)|length }}",
    "{% set joined = text ~ '<' %}{{ joined }}{% set joined = html ~ '<' %}{{ joined }}{% set n = number ~ one %}{{ n }}",
    # calls
    "{{ owner.call(text, 1, a=html, class='x') }}{{ owner.call(*words, **keywords) }}{{ owner.call(b=1, **keywords) }}",
    "{{ range(3)|list }}{{ dict(a=1) }}{% set box = namespace(n=1) %}{% set box.n = box.n + 1 %}{{ box.n }}",
    # macros
    '{% from "macros.html" import plain, kept, many %}{{ plain(text) }}{{ plain(html) }}{{ plain(text=1) }}'
    "{{ kept('<') }}{{ kept('<') }}{{ kept(html) }}{{ plain(plain(text)) }}{{ many(text, id=4) }}{{ many(1, 2, 3, id=4) }}",
    '{% from "macros.html" import rest, wrap, of_globals %}{{ rest(text, 1, html) }}{{ of_globals() }}'
    "{% call(inner) wrap(text) %}<p>{{ inner }}{{ html }}</p>{% endcall %}{% call(x) wrap(1) %}{{ text }}{% endcall %}",
    "{% macro local(x) %}{% for row in rows %}{{ row.n }}{{ x }}{% endfor %}{% endmacro %}{{ local(text) }}",
    '{% import "macros.html" as macros %}{{ macros.plain(text) }}',
    # statements
    "{% for row in rows %}{{ loop.index }}{{ row.name }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% for row in rows if row.n > 1 %}{{ row.name }}{% else %}none{% endfor %}{% for x in empty %}{% else %}no{% endfor %}",
    "{% for a, b in [('<', text), (html, 1)] %}{{ a }}{{ b }}{% endfor %}{{ a is defined }}",
    "{% set box %}<p>{{ text }}</p>{% endset %}{{ box }}{% set a, b = 1, text %}{{ a }}{{ b }}",
    "{% if nothing is none and number is number and text is string and number in [7] %}yes{% elif one %}no{% endif %}",
    "{% for item in rows %}{% set outer = item.n %}{% set section = 's' %}{% include 'included.html' %}{% endfor %}",
    "{% macro m() %}{% set item, outer, section = rows[0], 1, 2 %}{% include 'included.html' %}{% endmacro %}{{ m() }}",
    "  {% if one %}\n line\n  {%- endif %}\n\n  {# comment #}\nend\n",
    # inheritance
    '{% extends layout %}{% from "macros.html" import plain %}{% set section = "<s>" %}outside{{ text }}'
    "{% block title %}{{ plain(text) }}{{ super() }}{% endblock %}{% block region %}{{ section }}{{ plain(1) }}{% endblock %}",
    '{% extends "middle.html" %}{% set section = 1 %}{% block tab %}{{ text }}{% endblock %}',
    "{% block here %}{% for row in rows %}{% set last = row.n %}{{ last }}{% endfor %}{% endblock %}",
    # sentences
    '{{ _("Search") }}{% set s = _("Search") %}{{ s }}{{ s|length }}{{ _("Search") ~ "<" }}{{ "x" if _("Search") == s }}',
    '{{ _("Attempt %(number)s", number=text) }}{{ _("Attempt %(number)s", number=html) }}{{ _("Attempt %(number)s", number=3) }}',
    '{% set s = _("Attempt %(number)s", number=text) %}{{ s }}{{ s ~ text }}{{ s|upper }}{{ owner.call(s) }}',
    '{{ _("Attempt %(number)s", number="<" ~ "b") }}{{ (_("Attempt %(number)s", number="<")) }}{{ _("100 %%") }}',
    '{{ _("%(a)s, then <b>%(a)s</b> %(c)s%%", a=text, c=object_with_html) }}{{ _("%(a)s", a=text) }}{{ _("<br>") }}',
    '{{ pgettext("an edit", "Cancel") }}{{ pgettext("an edit", "%(x)s of %(context)s", x=text, context="c") }}',
    '{% for n in [0, 1, 2, one] %}{{ ngettext("%(n)s pc", "%(n)s pcs", n, n=text) }}{% endfor %}',
    '{{ ngettext("%(num)s product found.", "%(num)s products found.", rows|length) }}{{ ngettext("one", "many", 1) }}',
    '{% from "macros.html" import plain %}{{ plain(_("Attempt %(number)s", number=text)) }}{{ plain(_("<br>")) }}',
    '<a title="{{ _("Search") }}: {{ text }}" {{ "x" ~ _("Search") if one }}>{{ [_("Search"), text]|join("<") }}</a>',
]


def ordinary(language: str, templates: Mapping[str, str]) -> jinja2.Environment:
    """Jinja with gettext as Flask-Babel sets it up."""
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(languages.catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(site="<site>", remembered=lambda macro: macro)
    return environment


def ours(language: str, templates: Mapping[str, str], **pure: Any) -> Environment:
    base = jinja2.Environment(loader=jinja2.DictLoader(templates))
    return Environment(base, language, Helpers({}, {"site": "<site>"}, pure))


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("body", BODIES)
def test_a_template_gives_the_same_html_as_by_jinja_itself(language: str, body: str) -> None:
    templates = {**TEMPLATES, "page.html": body}
    expected = ordinary(language, templates).get_template("page.html").render(VALUES)
    template = ours(language, templates).get_template("page.html")

    assert [template.render(VALUES), template.render(VALUES)] == [expected, expected]
    assert expected.strip()


def test_the_indentation_of_a_template_becomes_one_space_and_that_of_values_stays() -> None:
    body = "<p>\n    a{% if one %}\n  <b>\t{{ lines }}  c</b>{% endif %}\n\t</p>\n"
    template = ours("sv", {"page.html": body}).get_template("page.html")

    assert template.render({"one": 1, "lines": "1\n    2"}) == "<p>\n a <b>\t1\n    2  c</b> </p>"


@pytest.mark.parametrize("value", [7, None, Html(), Text("<s>"), Markup("<b>"), True, 1.5, ["<"]])
def test_a_value_is_escaped_as_by_markupsafe(value: object) -> None:
    assert html_of(value) == escape(value)
    assert type(html_of(value)) is str


@pytest.mark.parametrize(
    "body",
    [
        "{{ absent }}",
        "{{ absent ~ 'x' }}",
        "{{ owner.absent }}",
        "{{ absent.name }}",
        "{{ absent() }}",
        "{% if absent %}{% endif %}",
        "{% for x in absent %}{% endfor %}",
        "{{ _('Attempt %(number)s', number=absent) }}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}",
        '{% from "macros.html" import nothing_there %}{{ nothing_there() }}',
    ],
)
def test_what_is_undefined_is_an_error_and_names_its_line(body: str) -> None:
    template = ours("sv", {**TEMPLATES, "page.html": f"first\nsecond\n{body}"}).get_template("page.html")

    with pytest.raises(UndefinedError) as error:
        template.render(VALUES)

    lines = [entry.lineno + 1 for entry in error.traceback if str(entry.frame.code.path) == "<template>"]
    assert 3 in lines


def test_an_error_names_the_line_of_its_part_of_a_long_text() -> None:
    source = "a {{ text }}\nb {{ number }}\n{% if one %}\nc\n{{ text }}\n{{ owner.absent }}\n{{ text }}{% endif %}"
    template = ours("sv", {"page.html": source}).get_template("page.html")

    with pytest.raises(UndefinedError) as error:
        template.render(VALUES)

    assert [entry.lineno + 1 for entry in error.traceback if str(entry.frame.code.path) == "<template>"] == [6]


@pytest.mark.parametrize(
    "body",
    [
        "{{ _(text) }}",
        "{{ _('Search %(words)s') }}",
        "{{ _('%d', n=1) }}",
        "{{ _('Search', **row) }}",
        "{{ ngettext('one', 'many') }}",
        "{{ text|no_such_filter }}",
        "{{ text is no_such_test }}",
        "{% macro m(class) %}{% endmacro %}",
        "{% macro m(environment) %}{% endmacro %}",
        "{% if one %}{% extends layout %}{% endif %}",
        "{% include 'included.html' ignore missing %}",
        "{% import 'macros.html' as macros with context %}",
        "{% autoescape false %}{{ text }}{% endautoescape %}",
    ],
)
def test_what_templates_do_not_use_is_refused_when_they_are_compiled(body: str) -> None:
    with pytest.raises(TemplateAssertionError):
        ours("sv", {**TEMPLATES, "page.html": body}).get_template("page.html")


def test_a_pure_function_is_called_while_a_template_is_compiled() -> None:
    calls = []

    def asset(name: str) -> str:
        calls.append(name)
        return f"/static/{name}?<"

    template = ours("sv", {"page.html": "{{ asset('a') }}{{ asset(text) }}"}, asset=asset).get_template("page.html")

    assert calls == ["a"]
    assert template.render(text="b") == "/static/a?&lt;/static/b?&lt;"


def test_a_changed_template_is_compiled_again_where_the_application_reloads_them() -> None:
    templates = {
        "page.html": "{% from 'macros.html' import m %}{{ m() }}",
        "macros.html": "{% macro m() %}1{% endmacro %}",
    }
    environment = ours("sv", templates)
    assert environment.auto_reload
    assert environment.get_template("page.html").render() == "1"

    templates["macros.html"] = "{% macro m() %}2{% endmacro %}"

    assert environment.get_template("page.html").render() == "2"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_template_compiles_in_each_language(app: Flask, language: str) -> None:
    environment = environment_of(app, language)
    names = [name for name in environment.list_templates() if name.endswith(".html")]
    assert len(names) > 40
    for name in names:
        environment.get_template(name)


def test_nothing_that_templates_call_takes_the_context_of_jinja(app: Flask) -> None:
    names = {name: value for name, value in environment_of(app, "sv").globals.items() if type(value) is not LocalProxy}
    assert len(names) > 20
    assert [name for name, value in names.items() if hasattr(value, "jinja_pass_arg")] == []


def test_every_page_is_rendered_by_the_environment_of_its_language() -> None:
    elsewhere = {
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "rendering"
        for node in ast.walk(ast.parse(path.read_text()))
        if _name_of(node) in {"render_template", "render_template_string", "stream_template", "jinja_env", "jinja2"}
    }
    assert elsewhere == set()


def _name_of(node: ast.AST) -> str | None:
    match node:
        case ast.Attribute(attr=name) | ast.alias(name=name) | ast.ImportFrom(module=name):
            return name
        case _:
            return None
