"""What is in a PDF, read by PDFium, as viewers do: pypdf misreads ligatures and hyphens."""

from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium


def pages_of(content: bytes) -> list[str]:
    """The text of each page, its words apart by one space."""
    with pypdfium2.PdfDocument(content) as pdf:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in pdf]


def text_of(content: bytes) -> str:
    return " ".join(pages_of(content))


def metadata_of(content: bytes) -> dict[str, str]:
    with pypdfium2.PdfDocument(content) as pdf:
        return pdf.get_metadata_dict(skip_empty=True)


def is_tagged(content: bytes) -> bool:
    with pypdfium2.PdfDocument(content) as pdf:
        return bool(pdfium.FPDFCatalog_IsTagged(pdf))


def tags_of(content: bytes, page: int = 0) -> list[tuple[str, str]]:
    """The structure of a page as a screen reader walks it: the type of each element, and its alternative text."""
    with pypdfium2.PdfDocument(content) as pdf:
        tree = pdfium.FPDF_StructTree_GetForPage(pdf[page])
        roots = [
            pdfium.FPDF_StructTree_GetChildAtIndex(tree, number)
            for number in range(pdfium.FPDF_StructTree_CountChildren(tree))
        ]
        found = [tag for root in roots for tag in _walk(root)]
        pdfium.FPDF_StructTree_Close(tree)
        return found


def _walk(element: object) -> Iterator[tuple[str, str]]:
    yield _string(pdfium.FPDF_StructElement_GetType, element), _string(pdfium.FPDF_StructElement_GetAltText, element)
    for number in range(pdfium.FPDF_StructElement_CountChildren(element)):
        child = pdfium.FPDF_StructElement_GetChildAtIndex(element, number)
        if child:
            yield from _walk(child)


def _string(read: object, element: object) -> str:
    import ctypes

    size = read(element, None, 0)  # type: ignore[operator]
    buffer = ctypes.create_string_buffer(size)
    read(element, buffer, size)  # type: ignore[operator]
    return buffer.raw.decode("utf-16-le").rstrip("\0")
