"""How much work the HTML of a mail makes for the inliner, which would crash or eat all memory over too much of it."""

import re
from html import unescape

# The inliner would overflow its stack some ten thousand elements deep; so few tags cannot even come near.
FEW_TAGS = 3_000
DEEPEST = 200
# Where a paragraph ends within <b>, the next one begins with a <b> of its own, attributes and all.
MOST_CARRIED = 20_000_000
# The rules of a template's own are written into each element that they fit, each declaration compared with the others.
MOST_STYLED = 40_000_000
MOST_COMPARED = 1_000_000_000

CLOSED_AT_ONCE = {"br", "hr", "img", "input", "meta", "link", "col"}
CARRIED = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
HIDING = {"style", "title", "textarea", "xmp", "noembed", "noframes", "noscript", "iframe", "script", "plaintext"}
FOREIGN = {"math", "svg"}
BEGUN = re.compile(r"<(?=[a-z!?/])", re.IGNORECASE)
PLAIN = re.compile(
    r"<(/?)([a-z][a-z0-9:-]*+)"
    r"(?:[\s/]*+[^\s/>=\"'<]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'>][^\s>]*+)?+)?+)*+[\s/]*+>"
    r"|<!--(?!-?>)(?:(?!--!?>).)*+-->",
    re.IGNORECASE | re.DOTALL,
)
HIDDEN = re.compile(r"[^<]*+</([a-z]++)\s*+>", re.IGNORECASE)
STYLES = re.compile(r"<style(?=[\t\n\f\r />]).*?(?:</style[\t\n\f\r />]|\Z)", re.IGNORECASE | re.DOTALL)

NOT_SHOWN = re.compile(
    r"<(style|title|head)(?=[\s/>]).*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^>]*+>?", re.DOTALL | re.IGNORECASE
)


def visible_text(html: str) -> str:
    return unescape(NOT_SHOWN.sub(" ", html))


def is_too_deep(html: str) -> bool:
    """Whether elements stand too deep within each other, or repeat each other too often.

    Only what all readers of HTML understand alike counts as closed: an end within a comment, an attribute or another
    element closes nothing, and where the writing is in doubt, nothing after it does.
    """
    tags = html.count("<")
    opened: list[tuple[str, int]] = []
    deepest = carried = carried_in_all = at = 0
    while begun := BEGUN.search(html, at):
        plain = PLAIN.match(html, begun.start())
        name = (plain[2] or "").lower() if plain else ""
        hidden = HIDDEN.match(html, plain.end()) if plain and name in HIDING else None
        doubtful = name in HIDING and not plain[1] and not (hidden and hidden[1].lower() == name) if plain else True
        if not plain or doubtful or name in FOREIGN:
            rest = len(html) - begun.start()
            deepest = max(deepest, len(opened) + len(BEGUN.findall(html, begun.start())))
            carried_in_all += (carried + rest) * html.count("<", begun.start())
            break
        at = plain.end()
        if plain[1] and opened and opened[-1][0] == name:
            carried -= opened.pop()[1]
        elif name and not plain[1] and name not in CLOSED_AT_ONCE:
            opened.append((name, len(plain[0]) if name in CARRIED else 0))
            carried += opened[-1][1]
        deepest = max(deepest, len(opened))
        carried_in_all += carried
    return (tags > FEW_TAGS and deepest > DEEPEST) or carried_in_all > MOST_CARRIED


def is_too_styled(html: str) -> bool:
    """Whether the styles of a template's own are too many for so many elements."""
    styles = STYLES.findall(html)
    tags, length = html.count("<"), sum(len(style) for style in styles)
    declarations = sum(style.count(":") for style in styles)
    return length * tags > MOST_STYLED or declarations**2 * tags > MOST_COMPARED
