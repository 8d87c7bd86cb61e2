"""PDF files as typst makes them, and what must not depend on it."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

import pytest
from flask import Flask

from tests.pdf import reading
from tests.web.conftest import on_sqlite
from webshop_orders.pdf import typesetting

pytestmark = on_sqlite

TEMPLATE = """#let data = json(bytes(sys.inputs.data))
#set document(title: "Prov", date: none)
#set text(font: FONT, lang: "sv", hyphenate: false)
= Prov
#data.text
"""


@pytest.fixture
def template(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A template that shows a text, in a folder of templates of its own."""
    monkeypatch.setattr(app, "template_folder", str(tmp_path))
    file = tmp_path / "text.typ"
    file.write_text(TEMPLATE.replace("FONT", "data.font"), encoding="utf-8")
    return file


def typeset(text: str) -> bytes:
    return typesetting.typeset("text.typ", {"text": text})


@pytest.mark.parametrize(
    "text",
    [
        "#panic() *fet* _kursiv_ @ref $x^2$ `kod` <etikett> = rubrik",
        "-48,00 och 007 och 1e3",
        "\"citat\" 'enkelt' -- --- ... ~ \\ /* */ // https://example.com",
        "Åsa Öberg-Ærøskøbing, Łódź, Škoda, Þór, Ελλάδα, Київ, Việt, 5 × 3 – 2 €",
        "effekt, fjäder, afflux",  # which other files have as ligatures
    ],
)
def test_text_is_never_markup_and_is_read_back_as_it_was(template: Path, text: str) -> None:
    assert reading.text_of(typeset(text)) == f"Prov {text}"


def test_it_is_a_tagged_file_with_a_title_and_the_same_bytes_twice(template: Path) -> None:
    content = typeset("Åsa")

    assert reading.is_tagged(content)
    assert reading.metadata_of(content)["Title"] == "Prov"
    assert content == typeset("Åsa")


def test_a_letter_that_no_font_has_does_not_stop_the_file(template: Path) -> None:
    """The standard for readers of PDF/UA forbids it, so such a file is tagged without saying that it keeps to that."""
    content = typeset("Åsa \N{CJK UNIFIED IDEOGRAPH-6F22} \N{WRAPPED PRESENT}")

    assert reading.is_tagged(content)
    assert b"pdfuaid" in typeset("Åsa")
    assert b"pdfuaid" not in content


def test_what_typst_warns_of_is_logged(template: Path, caplog: pytest.LogCaptureFixture) -> None:
    template.write_text(TEMPLATE.replace("FONT", '"No Such Font"'), encoding="utf-8")
    typeset("Åsa")

    assert "unknown font family" in caplog.text


def test_a_fault_of_the_template_is_an_error_with_its_line(template: Path) -> None:
    template.write_text("#missing", encoding="utf-8")

    with pytest.raises(RuntimeError) as raised:
        typeset("Åsa")
    assert "text.typ:1" in raised.value.diagnostic  # type: ignore[attr-defined]


def test_what_large_files_took_is_given_back(template: Path) -> None:
    """typst would keep what it worked out for the last ten of them."""
    text = "Stearinljus, 12-pack, vita " * 15_000
    typeset(text)
    after_one = _megabytes()
    for number in range(8):
        typeset(f"{number} {text}")

    assert _megabytes() < 1.5 * after_one


def _megabytes() -> float:
    (kilobytes,) = re.findall(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(kilobytes) / 1000


def test_threads_make_files_beside_each_other(template: Path) -> None:
    texts = [f"nr {number}" for number in range(8)]
    contexts = [copy_context() for _text in texts]

    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda context, text: context.run(typeset, text), contexts, texts))
    assert made == [typeset(text) for text in texts]
