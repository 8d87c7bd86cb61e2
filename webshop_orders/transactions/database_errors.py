"""Errors of the database that pass, as what the user is told of them."""

import logging
from contextlib import suppress

from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.db import failures
from webshop_orders.db.extensions import db
from webshop_orders.errors import Busy, Unavailable
from webshop_orders.logs import privacy

logger = logging.getLogger(__name__)


def as_refusal(error: BaseException | None) -> Busy | None:
    """The error as Busy or Unavailable; None where it is a defect of ours. The transaction is rolled back."""
    if not isinstance(error, SQLAlchemyError):
        return None
    with suppress(SQLAlchemyError):
        db.session.rollback()
    if failures.is_lock_failure(error):
        return Busy(_("Someone else is changing the same thing. Try again in a moment."))
    if failures.is_unavailable(error):
        logger.warning("the database does not answer as it should", extra={"error": privacy.describe(error)})
        return Unavailable(_("The database does not answer at the moment. Try again in a moment."))
    return None
