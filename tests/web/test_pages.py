"""The page checks detect each kind of error, put into an otherwise valid page."""

import pytest

from tests.web.pages import Page, check

VALID_PAGE = """<!doctype html><html lang="sv"><head><title>Ordrar</title></head><body><h1>Ordrar</h1>
<form method="post" action="/x"><input type="hidden" name="csrf_token" value="t">
<label for="a">A</label><input id="a" name="a" aria-describedby="b"><p id="b">B</p>
<select name="s" aria-label="S"><option>En</option><option value="2" selected>Två</option></select>
<textarea name="t" aria-label="T">
text</textarea><button name="n" value="v">Spara</button></form></body></html>"""


def test_a_valid_page_passes() -> None:
    check(Page(VALID_PAGE), whole=True)


def test_a_form_sends_what_a_browser_would() -> None:
    assert Page(VALID_PAGE).form("/x").values() == {"csrf_token": "t", "a": "", "s": "2", "t": "text"}


@pytest.mark.parametrize(
    ("original", "replacement"),
    [
        ('<p id="b">', '<p id="a">'),
        ('for="a"', 'for="c"'),
        ('aria-describedby="b"', 'aria-describedby="c"'),
        ('<label for="a">A</label>', ""),
        ('name="csrf_token"', 'name="token"'),
        ('value="t"', 'value=""'),
        ("<h1>Ordrar</h1>", ""),
        ("<h1>Ordrar</h1>", "<h1>A</h1><h1>B</h1>"),
        ("<title>Ordrar</title>", ""),
        ("<title>Ordrar</title>", "<title>A</title><title>B</title>"),
        (' lang="sv"', ""),
        ("<!doctype html>", ""),
        ("<h1>", '<h1 style="color: red">'),
        ("<h1>", '<h1 onclick="alert(1)">'),
        ("<h1>", '<h1 hx-on:click="alert(1)">'),
        ("<h1>", "<style>h1 {}</style><h1>"),
        ("<h1>", "<script>alert(1)</script><h1>"),
        ("<h1>", '<a href="javascript:alert(1)">A</a><h1>'),
        ("<h1>", '<a href="https://example.com" target="_blank">A</a><h1>'),
        ("<h1>", '<a href="/x"></a><h1>'),
        ("<h1>", "<div><h1>"),
        ("<h1>", "</div><h1>"),
        ("<h1>Ordrar</h1>", "<div><h1>Ordrar</div></h1>"),
        ("<h1>Ordrar</h1>", "<div><h1><b>Ordrar</h1></div>"),
        ("<h1>Ordrar</h1>", "<h1><b><i>Ordrar</b></i></h1>"),
        ("Spara", ""),
        ("</form>", '<form method="post"></form></form>'),
    ],
)
def test_an_error_is_detected(original: str, replacement: str) -> None:
    assert original in VALID_PAGE
    with pytest.raises(AssertionError):
        check(Page(VALID_PAGE.replace(original, replacement)), whole=True)
