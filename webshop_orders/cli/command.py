"""The base class of our commands: it reports errors in one line instead of a traceback."""

from typing import IO, Any

import click
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from webshop_orders.errors import DomainError, RuleViolation
from webshop_orders.text.patterns import CONTROL, without_direction_marks

# What SQLite says of a file that it cannot read.
RUINED = ("not a database", "malformed")


class CommandError(click.ClickException):
    """An error, reported as one sentence."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"webshop-orders: {self.message}", file=file, err=file is None)


class Command(click.Command):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DomainError as error:
            raise CommandError(str(error)) from None
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(_describe_database_error(error)) from None
        except DBAPIError as error:
            if any(sign in str(error.orig) for sign in RUINED):
                raise CommandError(_describe_database_error(error)) from None
            raise


def checked_name(name: str, *, max_length: int) -> str:
    """The name without surrounding spaces; raises RuleViolation if it is empty, too long or has control characters."""
    name = without_direction_marks(name).strip()
    if not name or len(name) > max_length or CONTROL.search(name):
        raise RuleViolation(_("Give a name of at most %(most)s characters, without line breaks.", most=max_length))
    return name


def _describe_database_error(error: DBAPIError) -> str:
    reason = " ".join(str(error.orig).split())
    return f"The database does not answer as it should: {reason}. See WEBSHOP_ORDERS_DATABASE_URL."
