"""Checks that every page must pass, and a reader of pages by CSS selectors."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, cached_property

from lxml.cssselect import CSSSelector
from lxml.etree import XPath
from lxml.html import HtmlElement, HTMLParser, document_fromstring

REFERRING_ATTRIBUTES = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "form", "list", "popovertarget")
OPEN_FORMS = "/withdrawal/"  # which anybody may send, and no session gives any authority
HIDDEN_TAGS = ("script", "style", "template")
IMPLICITLY_CLOSED = {"p", "li", "option"}
VOID_ELEMENTS = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "path", "source", "use"}
FIELDS = ":is(input, select, textarea):not([type=hidden])"
END_TAG = re.compile(r"</([a-z][a-z0-9-]*)")
SELF_CLOSED = re.compile(r"<(path)[^<>]*/>")  # as SVG has it
INLINE_ATTRIBUTE = re.compile(r"on|hx-on|style$")
# Compiled once: every page and fragment of every test is checked with them.
VISIBLE_TEXT = XPath(f".//text()[not({' or '.join(f'ancestor::{tag}' for tag in HIDDEN_TAGS)})]", smart_strings=False)
TARGETS = XPath(f"//@*[{' or '.join(f'name() = {name!r}' for name in REFERRING_ATTRIBUTES)}]", smart_strings=False)


@dataclass
class Form:
    id: str
    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    submits: list[str] = field(default_factory=list)

    def values(self) -> dict[str, str]:
        """The values that a browser would send if the user typed and ticked nothing."""
        return dict(self.fields)


def in_template(element: HtmlElement) -> bool:
    return next(element.iterancestors("template"), None) is not None


@cache
def compile_selector(selector: str) -> CSSSelector:
    return CSSSelector(selector, translator="html")


class Page:
    """A page or fragment, read by CSS selectors."""

    def __init__(self, html: str) -> None:
        self.html = html
        parser = HTMLParser(encoding="utf-8")
        self.root: HtmlElement = document_fromstring(html.encode() or b"<html></html>", parser=parser)
        self.errors = [error.message for error in parser.error_log if error.type_name != "HTML_UNKNOWN_TAG"]

    def select(self, selector: str) -> list[HtmlElement]:
        return compile_selector(selector)(self.root)

    @cached_property
    def text(self) -> str:
        """The visible text, including the title."""
        return text_of(self.root)

    @cached_property
    def ids(self) -> list[str]:
        return [element.get("id") for element in self.select("[id]")]

    @cached_property
    def links(self) -> list[str]:
        return [element.get("href") for element in self.select("a[href]")]

    @cached_property
    def headings(self) -> list[str]:
        return [element.text_content() for element in self.select("h1")]

    @cached_property
    def buttons(self) -> list[str]:
        """The texts of links and buttons that are shown."""
        return [text_of(element) for element in self.select("a, button") if not in_template(element)]

    @cached_property
    def badges(self) -> list[str]:
        return [text_of(element) for element in self.select("[class*=badge-status]")]

    @cached_property
    def inputs(self) -> list[dict[str, str]]:
        """The attributes of the fields that people fill in."""
        return [dict(element.attrib) for element in self.select(FIELDS)]

    @cached_property
    def forms(self) -> list[Form]:
        return [self._read_form(element) for element in self.select("form")]

    def form(self, action: str) -> Form:
        """The form with this action, which must exist."""
        matching_forms = [form for form in self.forms if form.action == action]
        assert matching_forms, f"no form posts to {action}; there are {sorted({form.action for form in self.forms})}"
        return matching_forms[0]

    def _read_form(self, element: HtmlElement) -> Form:
        form = Form(element.get("id", ""), element.get("action", ""), element.get("method", "get").lower())
        controls = compile_selector(":is(input, select, textarea, button)[name]:not([form])")(element)
        if form.id:
            controls += [control for control in self.select("[form][name]") if control.get("form") == form.id]
        for control in controls:
            if control.tag == "button":
                form.submits.append(control.get("name"))
            else:
                form.fields += [(control.get("name"), value) for value in _values_of(control)]
        return form


def _values_of(control: HtmlElement) -> list[str]:
    """The values that a browser would send of an untouched control."""
    if control.tag == "select":
        options = compile_selector("option")(control)
        selected = [option for option in options if "selected" in option.attrib] or options[:1]
        return [option.get("value", text_of(option)) for option in selected]
    if control.tag == "textarea":
        text = control.text_content()
        return [text.removeprefix("\r\n" if text.startswith("\r\n") else "\n")]  # HTML ignores a first newline
    if control.get("type") in {"radio", "checkbox"}:
        return [control.get("value", "on")] if "checked" in control.attrib else []
    return [control.get("value", "")]


def text_of(element: HtmlElement) -> str:
    """The visible text of an element, with a space between its parts."""
    return " ".join(" ".join(VISIBLE_TEXT(element)).split())


def check(page: Page, *, whole: bool) -> None:
    """Check nesting, ids, titles, labels and CSRF tokens of a page, and that it complies with the security policy."""
    _check_nesting(page)
    _check_ids(page, whole=whole)
    _check_policy(page)
    _check_names(page)
    for form in page.forms:
        if form.method == "post" and not form.action.startswith(OPEN_FORMS):
            assert form.values().get("csrf_token"), f"no token in the form to {form.action}"
    if whole:
        assert page.html.lstrip().lower().startswith("<!doctype html>")
        assert page.html.count("<title>") == 1
        assert 'lang="sv"' in page.html or 'lang="en"' in page.html
        assert len(page.headings) == 1, page.headings


def _check_nesting(page: Page) -> None:
    """The parser reports an end tag where none belongs, but not an element that is never closed."""
    assert not page.errors, page.errors
    ends = Counter(END_TAG.findall(page.html)) + Counter(SELF_CLOSED.findall(page.html))
    elements = Counter(element.tag for element in page.root.iter("*"))
    unclosed = {
        tag: count - ends[tag]
        for tag, count in elements.items()
        if tag not in VOID_ELEMENTS | IMPLICITLY_CLOSED and (ends[tag] or tag not in {"html", "head", "body"})
    }
    assert not any(unclosed.values()), f"elements that are never closed: {unclosed}"
    assert not page.select("form form"), "a form within a form"


def _check_ids(page: Page, *, whole: bool) -> None:
    duplicates = {name: count for name, count in Counter(page.ids).items() if count > 1}
    assert not duplicates, f"ids that stand twice: {duplicates}"
    if whole:  # a fragment may refer to ids outside it
        missing = {target for value in TARGETS(page.root) for target in value.split()} - set(page.ids)
        assert not missing, f"ids that are pointed at but not there: {missing}"


def _check_policy(page: Page) -> None:
    for element in page.root.iter("*"):
        inline_attributes = [name for name in element.attrib if INLINE_ATTRIBUTE.match(name)]
        assert not inline_attributes, f"styles or scripts of its own: <{element.tag} {dict(element.attrib)}>"
    assert not page.select("style"), "styles of its own"
    assert not page.select("script:not([src])"), "a script within the page"
    executable_links = [link for link in page.links if link.lower().startswith(("javascript:", "data:"))]
    assert not executable_links, f"links that run something: {executable_links}"
    for link in page.select("a[href][target=_blank]"):
        assert "noopener" in link.get("rel", ""), f"the page behind {link.get('href')} could reach back into this one"


def _check_names(page: Page) -> None:
    for element in page.select("a, button"):
        has_name = text_of(element) or any(element.get(name) for name in ("aria-label", "title", "alt"))
        assert has_name, f"a <{element.tag}> without a name: {dict(element.attrib)}"
    labelled = {element.get("for") for element in page.select("label[for]")}
    for control in page.select(FIELDS):
        has_name = (
            control.get("id") in labelled
            or control.get("aria-label")
            or control.get("aria-labelledby")
            or next(control.iterancestors("label"), None) is not None
        )
        assert has_name, f"a field without a label: {dict(control.attrib)}"


def as_read_from_html(text: str) -> str:
    """What a browser reads where HTML has this text: https://html.spec.whatwg.org/#preprocessing-the-input-stream"""
    return text.replace("\r\n", "\n").replace("\0", "\ufffd")
