"""PDF files by typst, which comes with the extra `webshop-orders[pdf]`, as does the font."""

from __future__ import annotations

import json
from functools import cache
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import current_app
from flask_babel import gettext as _

from webshop_orders.errors import DomainError

if TYPE_CHECKING:
    import typst

MEDIA_TYPE = "application/pdf"
EXTRA = "webshop-orders[pdf]"
FONT = "Source Sans Pro"
# Readers of PDF/UA can read all of a file aloud, which a letter that no font here has makes impossible.
ACCESSIBLE = "ua-1"
MISSING_LETTER = "could not be displayed with font"
BROKEN_PICTURE = "failed to process image"
# typst keeps what it worked out for the last files, a megabyte a page. So many empty ones later it is forgotten.
FILES_REMEMBERED = 10
LARGE = 100_000  # bytes
ONE_AT_A_TIME = Lock()


class UnreadablePicture(ValueError):
    """A picture in the data breaks off, or is of a kind that typst does not know."""


class NoPdf(DomainError):
    """What PDF files are made with is not installed."""

    status = HTTPStatus.NOT_IMPLEMENTED


def is_installed() -> bool:
    return all(find_spec(module) for module in ("typst", "font_source_sans_pro"))


def check_installed() -> None:
    """Raise NoPdf where the extra is not installed."""
    if not is_installed():
        raise NoPdf(_("PDF files need %(extra)s, which is not installed here.", extra=EXTRA))


def typeset(template: str, data: dict[str, Any]) -> bytes:
    """The PDF that a template among `templates/` makes of data; raises NoPdf and UnreadablePicture.

    It is tagged for screen readers. The same data give the same bytes.
    """
    check_installed()
    import typst

    compiler = typst.Compiler(
        Path(current_app.template_folder or "") / template,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps({**data, "font": FONT})},
    )
    with ONE_AT_A_TIME:
        content = _compile_accessibly(compiler)
        if len(content) > LARGE:
            _forget_files()
    return content


def _compile_accessibly(compiler: typst.Compiler) -> bytes:
    import typst

    try:
        return _compile(compiler, ACCESSIBLE)
    except typst.TypstError as error:
        if BROKEN_PICTURE in error.message:
            raise UnreadablePicture(error.message) from error
        if MISSING_LETTER not in error.message:
            raise
        return _compile(compiler)


def _compile(compiler: typst.Compiler, standard: str | None = None) -> bytes:
    content, found = compiler.compile_with_warnings(format="pdf", pdf_standards=standard or [])  # type: ignore[arg-type]
    for warning in found:
        current_app.logger.warning("typst: %s", warning.diagnostic)
    assert isinstance(content, bytes)
    return content


def _forget_files() -> None:
    import typst

    for _file in range(FILES_REMEMBERED):
        typst.Compiler(b"", font_paths=_fonts()).compile(format="pdf")


@cache
def _fonts() -> typst.Fonts:
    """The font of our own, and those of the system for letters that it lacks; reading them all takes some time."""
    import font_source_sans_pro
    import typst

    return typst.Fonts(font_paths=[font_source_sans_pro.font_directory])
