"""The shop's logo on what is printed: uploaded, checked and kept in the database."""

from __future__ import annotations

import hashlib

from flask_babel import gettext as _
from sqlalchemy import delete, select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Logo
from webshop_orders.operations.settings import images

MAX_BYTES = 200_000
MAX_PIXELS = 4_000  # on each side


def find(digest: str) -> Logo | None:
    """The logo with this digest, unless another one has replaced it."""
    return db.session.scalar(select(Logo).where(Logo.digest == digest))


def replace(content: bytes) -> None:
    """Set the shop's logo; raises RuleViolation for what is no picture, or too large."""
    if not content:
        raise RuleViolation(_("Choose a file with the logo."), field="logo")
    if len(content) > MAX_BYTES:
        raise RuleViolation(_("The file is too large: a logo has at most 200 kB."), field="logo")
    image = images.read(content)
    if image is None:
        raise RuleViolation(_("The file is no picture of the kinds PNG, JPEG, WebP and GIF."), field="logo")
    if max(image.width, image.height) > MAX_PIXELS:
        raise RuleViolation(
            _("The picture is too large: at most %(most)s pixels on each side.", most=MAX_PIXELS), field="logo"
        )
    shop = shop_settings.for_update()
    shop.logo = hashlib.sha256(content).hexdigest()[:16]
    db.session.execute(delete(Logo))
    db.session.add(
        Logo(
            digest=shop.logo,
            media_type=image.media_type,
            width=image.width,
            height=image.height,
            content=content,
        )
    )


def remove() -> None:
    """Take the shop's logo away."""
    shop_settings.for_update().logo = None
    db.session.execute(delete(Logo))
