"""The nesting of a mail's HTML is never counted too low, and its visible text is what a parser takes for text."""

import random
from collections.abc import Iterator

import css_inline
import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from webshop_orders.mailing.html import FORMATTING, measure_nesting, visible_text

NAMES = (
    "a", "address", "b", "b", "body", "br", "button", "caption", "col", "colgroup", "dd", "div", "font", "form",
    "frameset", "h1", "head", "hr", "html", "i", "iframe", "img", "input", "li", "marquee", "math", "mi", "nobr",
    "noframes", "noscript", "object", "option", "p", "plaintext", "rt", "ruby", "script", "select", "span", "strike",
    "style", "table", "tbody", "td", "template", "textarea", "th", "title", "tr", "ul", "wbr", "xmp",
)  # fmt: skip
PIECES = (
    "x", "<!--", "-->", "--!>", "<!-->", "<!-- </b> -->", "<![CDATA[", "]]>", "</b >", "<b", "<b/>", '"', "'",
    "<p title='", "<title><!--</title>", "<math>" + "<col>" * 8, '</p ">', "</i x>", "</", "<?", ">",
)  # fmt: skip
# <html>, <head> or <body>, and the rows that parsers add to tables.
IMPLIED = 6


def documents(seed: int, number: int) -> Iterator[str]:
    chance = random.Random(seed)
    for _ in range(number):
        yield "".join(piece(chance) for _ in range(chance.randrange(1, 40)))


def piece(chance: random.Random) -> str:
    name = chance.choice(NAMES)
    kind = chance.random()
    if kind < 0.45:
        attributes = chance.choice(["", "", f" id={chance.randrange(4)}", " x=</b>"])
        return f"<{name}{attributes}>"
    if kind < 0.55:
        return chance.choice(["<div>", "</div>"]) * 8
    return f"</{name}>" if kind < 0.75 else chance.choice(PIECES)


def depth_of(root: LexborNode | None) -> int:
    deepest, pending = 0, [(root, 1)] if root else []
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        pending += [(child, depth + 1) for child in node.iter()]
    return deepest


@pytest.mark.parametrize("seed", range(5))
def test_nesting_is_never_counted_lower_than_the_inliner_nests(seed: int) -> None:
    for html in documents(seed, 1_000):
        nesting = measure_nesting(html)
        inlined = LexborHTMLParser(css_inline.inline(html))
        tag_count = sum(html.lower().count(f"<{name}") for name in FORMATTING)

        assert depth_of(inlined.root) <= nesting.depth + IMPLIED, html
        assert len(inlined.css(",".join(FORMATTING))) <= tag_count + nesting.carried, html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ""),
        ('<p title="a > b">c', "c"),
        ("<head><title>a</title><style>b</style></head><body>c", "c"),
        ("<style>a", ""),
        ("a<!-- b --!>c<!-- d", "ac"),
        ("a &lt;b&gt; &amp; &#229;", "a <b> & å"),
        ("<p>a<br>b<td>c", "a b c"),
    ],
)
def test_readers_see_words_and_no_markup(html: str, expected: str) -> None:
    assert " ".join(visible_text(html).split()) == expected
