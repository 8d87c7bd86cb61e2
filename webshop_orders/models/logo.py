from __future__ import annotations

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.db.extensions import Base


class Logo(Base):
    """The shop's logo, as it was uploaded: a table of one row at most, apart from the settings that each page reads.

    `digest` names its content, and `shop.logo` has it too; the size is in pixels.
    """

    __tablename__ = "logos"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str]
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
