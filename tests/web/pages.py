"""What holds for every page, whatever it shows."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "use"}
POINTING = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "form", "list", "popovertarget")
TELLING = {"aria-label", "title", "alt"}


@dataclass
class Form:
    id: str
    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    submits: list[str] = field(default_factory=list)

    def values(self) -> dict[str, str]:
        """What a browser would send of it, with nothing typed or ticked."""
        return dict(self.fields)


@dataclass
class Option:
    """One of a select's; its text is its value unless it has one of its own."""

    given: str | None
    selected: bool
    text: str = ""

    @property
    def value(self) -> str:
        return self.text.strip() if self.given is None else self.given


class Page(HTMLParser):
    """A page or fragment taken apart, as far as its checks and its forms need."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.complaints: list[str] = []
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.words: list[str] = []
        self.buttons: list[str] = []
        self.badges: list[str] = []
        self.labelled: set[str] = set()
        self.inputs: list[dict[str, str]] = []
        self._open: list[str] = []
        self._select: str | None = None
        self._options: list[Option] = []
        self._textarea: str | None = None
        self._elsewhere: list[tuple[str, str, str]] = []
        self._named = True
        self.feed(html)
        for form_id, name, value in self._elsewhere:
            for form in self.forms:  # in a fragment, it may stand around it
                if form.id == form_id:
                    form.fields.append((name, value))

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        for name in POINTING:
            self.targets += given.get(name, "").split()
        if tag == "style" or any(name == "style" or name.startswith(("on", "hx-on")) for name in given):
            self.complaints.append(f"styles or scripts of its own: <{tag} {given}>")
        if tag == "script" and "src" not in given:
            self.complaints.append("a script within the page")
        if "badge-status" in given.get("class", ""):
            self.badges.append("")
        if tag in {"a", "button"}:
            self.buttons.append("")
            self._named = any(given.get(name) for name in TELLING)
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            if given.get("target") == "_blank" and "noopener" not in given.get("rel", ""):
                self.complaints.append(f"the page behind {given['href']} could reach back into this one")
        if tag == "form":
            if "form" in self._open[:-1]:
                self.complaints.append("a form within a form")
            self.forms.append(Form(given.get("id", ""), given.get("action", ""), given.get("method", "get").lower()))
        if tag == "label":
            self.labelled.add(given.get("for", ""))
        if tag == "h1":
            self.headings.append("")
        self._take_field(tag, given)

    def _take_field(self, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "option":
            self._options.append(Option(given.get("value"), "selected" in given))
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden":
            self.inputs.append({**given, "within": " ".join(self._open)})
        if "form" in given:
            self._elsewhere.append((given["form"], name, given.get("value", "")))
            return
        if not self.forms or not name:
            return
        fields = self.forms[-1].fields
        if tag == "input" and given.get("type") in {"radio", "checkbox"}:
            if "checked" in given:
                fields.append((name, given.get("value", "on")))
        elif tag == "input":
            fields.append((name, given.get("value", "")))
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "textarea":
            self._textarea = name
            fields.append((name, ""))
        elif tag == "button":
            self.forms[-1].submits.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            chosen = [option for option in self._options if option.selected] or self._options[:1]
            self.forms[-1].fields += [(self._select, option.value) for option in chosen]
            self._select = None
        if tag == "textarea" and self._textarea and self.forms:
            name, value = self.forms[-1].fields[-1]
            first_break = "\r\n" if value.startswith("\r\n") else "\n"  # which HTML leaves out
            self.forms[-1].fields[-1] = (name, value.removeprefix(first_break))
            self._textarea = None
        if tag in {"a", "button"} and not self._named:
            self.complaints.append(f"a <{tag}> without a name")
        if tag in self._open:
            while self._open.pop() != tag:
                self.complaints.append(f"</{tag}> closes what is open within it")

    def handle_data(self, data: str) -> None:
        if self._textarea and self.forms:
            name, value = self.forms[-1].fields[-1]
            self.forms[-1].fields[-1] = (name, value + data)
        if self._open[-1:] == ["option"]:
            self._options[-1].text += data
        if "h1" in self._open:
            self.headings[-1] += data
        if not {"script", "style", "template"} & set(self._open):
            self.words.append(data)
            self._named = self._named or bool(data.strip())
            if {"a", "button"} & set(self._open):
                self.buttons[-1] = " ".join([*self.buttons[-1].split(), *data.split()])
            if self.badges and not self.badges[-1]:
                self.badges[-1] = data.strip()

    @property
    def left_open(self) -> list[str]:
        return [tag for tag in self._open if tag not in {"p", "li", "option"}]

    def form(self, action: str) -> Form:
        """The form that posts to an address; there has to be one."""
        found = [form for form in self.forms if form.action == action]
        assert found, f"no form posts to {action}; there are {sorted({form.action for form in self.forms})}"
        return found[0]


def check(page: Page, *, whole: bool) -> None:
    """See that a page is well made: ids, titles, labels, proofs of origin, and nothing that the policy forbids."""
    twice = {one for one in page.ids if page.ids.count(one) > 1}
    assert not twice, f"ids that stand twice: {twice}"
    # A fragment points at what stands around it, too.
    lost = set(page.targets) - set(page.ids) if whole else set()
    assert not lost, f"ids that are pointed at but not there: {lost}"
    assert not page.complaints, page.complaints
    assert not page.left_open, f"elements that are never closed: {page.left_open}"
    running = [link for link in page.links if link.lower().startswith(("javascript:", "data:"))]
    assert not running, f"links that run something: {running}"
    for one in page.inputs:
        named = one.get("id") in page.labelled or "label" in one["within"].split() or one.get("aria-label")
        assert named, f"a field without a label: {one}"
    for form in page.forms:
        if form.method == "post":
            assert form.values().get("csrf_token"), f"no proof of origin in the form to {form.action}"
    if whole:
        assert page.html.lstrip().lower().startswith("<!doctype html>")
        assert page.html.count("<title>") == 1
        assert 'lang="sv"' in page.html or 'lang="en"' in page.html
        assert len(page.headings) == 1, page.headings
