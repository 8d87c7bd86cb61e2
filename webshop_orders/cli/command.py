"""A command that says what went wrong in one line, never in a traceback."""

from typing import IO, Any

import click
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from webshop_orders.errors import DomainError, RuleViolation
from webshop_orders.text.patterns import CONTROL


class Failure(click.ClickException):
    """What went wrong, in a sentence."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"webshop-orders: {self.message}", file=file, err=file is None)


class Command(click.Command):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DomainError as refusal:
            raise Failure(str(refusal)) from None
        except (OperationalError, ProgrammingError) as error:
            raise Failure(_about_database(error)) from None
        except DBAPIError as error:
            if "not a database" in str(error.orig):
                raise Failure(_about_database(error)) from None
            raise


def checked_name(name: str, *, most: int) -> str:
    """A name as typed, without spaces around it; raises Refused for one that cannot be shown on one line."""
    name = name.strip()
    if not name or len(name) > most or CONTROL.search(name):
        raise RuleViolation(_("Give a name of at most %(most)s characters, without line breaks.", most=most))
    return name


def _about_database(error: DBAPIError) -> str:
    reason = " ".join(str(error.orig).split())
    return f"The database does not answer as it should: {reason}. See WEBSHOP_ORDERS_DATABASE_URL."
