"""The logo: what is taken for a picture is told by its content, and so is its size."""

import struct
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image as Picture
from sqlalchemy import select

from tests.factories import stored_shop
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Logo
from webshop_orders.operations.settings import images, logo
from webshop_orders.operations.settings.images import Image
from webshop_orders.transactions.unit_of_work import writing


def picture(kind: str, size: tuple[int, int] = (120, 40), **options: object) -> bytes:
    file = BytesIO()
    Picture.new("RGB", size, "teal").save(file, kind, **options)
    return file.getvalue()


PICTURES = {
    "png": (picture("PNG"), "image/png"),
    "jpeg": (picture("JPEG"), "image/jpeg"),
    "progressive jpeg": (picture("JPEG", progressive=True), "image/jpeg"),
    "jpeg with a comment": (picture("JPEG", comment=b"\xff\xc0" * 500), "image/jpeg"),
    "gif": (picture("GIF"), "image/gif"),
    "webp": (picture("WEBP"), "image/webp"),
    "webp, lossless": (picture("WEBP", lossless=True), "image/webp"),
    "webp, extended": (picture("WEBP", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00"), "image/webp"),
}
NONE = {
    "nothing": b"",
    "text": b"Logotyp",
    "script": b"<script>alert(1)</script>",
    "page": b"<!doctype html><p>Hej",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "svg after a mark": b"\xef\xbb\xbf<?xml version='1.0'?><svg/>",
    "bmp": picture("BMP"),
    "pdf": b"%PDF-1.7",
    "a png that ends after its mark": images.PNG,
    "a png without a size": images.PNG + b"\0\0\0\rIHDR\0\0",
    "a png of no width": images.PNG + b"\0\0\0\rIHDR" + struct.pack(">II", 0, 5),
    "a jpeg that ends": picture("JPEG")[:30],
    "a jpeg without a frame": b"\xff\xd8\xff\xd9" + b"\0" * 50,
    "a jpeg whose segments have no length": b"\xff\xd8\xff\xe0\0\0" * 40,
    "a webp that ends": picture("WEBP")[:22],
    "another riff": b"RIFF\0\0\0\0WAVEVP8 " + b"\0" * 40,
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_known_with_its_size(name: str) -> None:
    content, media_type = PICTURES[name]
    assert images.read(content) == Image(media_type, 120, 40)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_breaks_off_is_never_an_error(name: str) -> None:
    content, _media_type = PICTURES[name]
    for end in range(min(len(content), 400)):
        images.read(content[:end])


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_picture_is_refused(app: Flask, name: str) -> None:
    assert images.read(NONE[name]) is None
    with pytest.raises(RuleViolation) as refusal, writing():
        logo.replace(NONE[name])
    assert refusal.value.field == "logo"
    assert (stored_shop().logo, db.session.scalars(select(Logo)).all()) == (None, [])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (picture("PNG") + b"\0" * logo.MAX_BYTES, "200 kB"),
        (picture("GIF", (logo.MAX_PIXELS + 1, 1)), "4000 bildpunkter"),
    ],
)
def test_a_picture_that_is_too_large_is_refused(app: Flask, content: bytes, why: str) -> None:
    with pytest.raises(RuleViolation, match=why), writing():
        logo.replace(content)


def test_a_new_logo_takes_the_place_of_the_one_before(app: Flask) -> None:
    for kind in ("PNG", "JPEG"):
        with writing():
            logo.replace(picture(kind))
    (stored,) = db.session.scalars(select(Logo)).all()
    assert (stored.media_type, stored.width, stored.content) == ("image/jpeg", 120, picture("JPEG"))
    assert stored.digest == stored_shop().logo
    assert logo.find(stored.digest) is stored
    assert logo.find("0" * 16) is None


def test_a_logo_is_taken_away(app: Flask) -> None:
    with writing():
        logo.replace(picture("PNG"))
    with writing():
        logo.remove()
    assert (stored_shop().logo, db.session.scalars(select(Logo)).all()) == (None, [])
