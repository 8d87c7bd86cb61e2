"""The HTML of a mail: what its readers see of it, and how much work it makes for the inliner.

The inliner (css-inline, which parses with html5ever) overflows its stack some ten thousand elements deep, and takes
any amount of memory where elements repeat each other. No parser decides whether a mail may reach it: lxml nests by
rules of its own, and those that nest as html5ever does fail on the same input; see docs/decisions.md.
"""

import re
from dataclasses import dataclass
from typing import Any

from lxml.etree import HTMLParser

# With no more tags than this, elements cannot nest anywhere near ten thousand deep.
SAFE_TAG_COUNT = 3_000
MAX_DEPTH = 200
# In characters: where a paragraph ends within <b>, the next one begins with a copy of that <b>, attributes included.
MAX_CARRIED = 20_000_000
# The inliner compares the rules of a <style> with each element, and the declarations of each rule with each other.
MAX_STYLE_WORK = 40_000_000
MAX_DECLARATION_WORK = 1_000_000_000

VOID = {"br", "hr", "img", "input", "meta", "link", "col"}
FORMATTING = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
RAW_TEXT = {"style", "title", "textarea", "xmp", "noembed", "noframes", "noscript", "iframe", "script", "plaintext"}
FOREIGN = {"math", "svg"}
INVISIBLE = {"head", "style", "title"}
MARKUP = re.compile(r"<(?=[a-z!?/])", re.IGNORECASE)
# A tag or a comment that all parsers end at the same character.
PLAIN = re.compile(
    r"<(?P<end>/?)(?P<name>[a-z][a-z0-9:-]*+)"
    r"(?:[\s/]*+[^\s/>=\"'<]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'>][^\s>]*+)?+)?+)*+[\s/]*+>"
    r"|<!--(?!-?>)(?:(?!--!?>).)*+-->",
    re.IGNORECASE | re.DOTALL,
)
PLAIN_RAW_TEXT = re.compile(r"[^<]*+</([a-z]++)\s*+>", re.IGNORECASE)
STYLE = re.compile(r"<style(?=[\t\n\f\r />]).*?(?:</style[\t\n\f\r />]|\Z)", re.IGNORECASE | re.DOTALL)


def visible_text(html: str) -> str:
    """The words that a reader of HTML sees, with a space in place of each tag."""
    parser = HTMLParser(target=_VisibleText())
    parser.feed(html)
    return str(parser.close())


class _VisibleText:
    """Collects text while lxml parses; without a tree, so that time and memory stay linear."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.invisible = 0

    def start(self, tag: str, attributes: Any) -> None:
        self.text.append(" ")
        self.invisible += tag in INVISIBLE

    def end(self, tag: str) -> None:
        self.text.append(" ")
        self.invisible -= tag in INVISIBLE

    def data(self, text: str) -> None:
        if not self.invisible:
            self.text.append(text)

    def close(self) -> str:
        return "".join(self.text)


@dataclass(frozen=True)
class Nesting:
    """Upper bounds: the depth of elements, and the characters of open formatting elements, added up over all tags."""

    depth: int
    carried: int


def is_too_deep(html: str) -> bool:
    """Whether elements nest too deeply, or repeat each other too often, for the inliner."""
    tags = html.count("<")
    if tags <= SAFE_TAG_COUNT and tags * len(html) <= MAX_CARRIED:
        return False  # whatever is open at each tag
    nesting = measure_nesting(html)
    return (tags > SAFE_TAG_COUNT and nesting.depth > MAX_DEPTH) or nesting.carried > MAX_CARRIED


def measure_nesting(html: str) -> Nesting:
    """The nesting of HTML, counted in one pass over its tags.

    An element counts as closed only by its own end tag, where nothing else is open within it. Where the markup is
    ambiguous, such as a comment that parsers end differently, nothing after it counts as closed.
    """
    open_elements: list[tuple[str, int]] = []
    depth = open_characters = carried = position = 0
    while markup := MARKUP.search(html, position):
        plain = PLAIN.match(html, markup.start())
        if not plain or _is_ambiguous(html, plain):
            remaining = len(html) - markup.start()
            depth = max(depth, len(open_elements) + len(MARKUP.findall(html, markup.start())))
            carried += (open_characters + remaining) * html.count("<", markup.start())
            break
        name, is_end, position = (plain["name"] or "").lower(), bool(plain["end"]), plain.end()
        if is_end and open_elements and open_elements[-1][0] == name:
            open_characters -= open_elements.pop()[1]
        elif name and not is_end and name not in VOID:
            open_elements.append((name, len(plain[0]) if name in FORMATTING else 0))
            open_characters += open_elements[-1][1]
        depth = max(depth, len(open_elements))
        carried += open_characters
    return Nesting(depth, carried)


def is_too_styled(html: str) -> bool:
    """Whether the template's own <style> elements are too much work for so many elements."""
    styles = STYLE.findall(html)
    tags, length = html.count("<"), sum(len(style) for style in styles)
    declarations = sum(style.count(":") for style in styles)
    return length * tags > MAX_STYLE_WORK or declarations**2 * tags > MAX_DECLARATION_WORK


def _is_ambiguous(html: str, plain: re.Match[str]) -> bool:
    """Whether parsers may differ on what follows a tag: foreign content, or raw text that is more than text."""
    name = (plain["name"] or "").lower()
    if name in FOREIGN:
        return True
    if name not in RAW_TEXT or plain["end"]:
        return False
    content = PLAIN_RAW_TEXT.match(html, plain.end())
    return content is None or content[1].lower() != name
