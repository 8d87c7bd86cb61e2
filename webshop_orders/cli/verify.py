"""`webshop-orders verify`: whether the database is as the rules say."""

from collections.abc import Iterator
from itertools import islice

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders import verification
from webshop_orders.cli.command import Command, CommandError
from webshop_orders.cli.progress import progress_bar
from webshop_orders.db import migrations
from webshop_orders.verification import Check, Violation

MOST_SHOWN = 20  # of one check


@click.command(cls=Command)
@click.option("--all", "shows_all", is_flag=True, help=f"Show everything that is broken, not {MOST_SHOWN} of a kind.")
@with_appcontext
@click.pass_context
def verify(ctx: click.Context, shows_all: bool) -> None:
    """Check the whole database against the rules, read only, and say how to mend what is broken."""
    if not migrations.is_current():
        raise CommandError(_("The database lacks migrations. Run «webshop-orders serve» first, which migrates it."))
    found = check_everything(None if shows_all else MOST_SHOWN)
    if not found:
        click.echo(_("All is well."))
        return
    click.echo(ngettext("%(count)s thing is broken.", "%(count)s things are broken.", found, count=found), err=True)
    ctx.exit(1)


def check_everything(most: int | None = MOST_SHOWN) -> int:
    """Run all checks and say what they found, so much of each at the most; returns how much it was."""
    found = 0
    with verification.snapshot():
        for check in verification.checks():
            found += _run(check, most)
            if found and check.is_vital:
                click.echo(_("The other checks rest on this, and were not run."))
                break
    return found


def _run(check: Check, most: int | None) -> int:
    """Run a check and say what it found; returns how much that was."""
    name = str(check.name)
    with progress_bar(check.size(), name) as progress:
        violations = check.run(progress)
        shown = list(islice(violations, most))
        more = sum(1 for _violation in violations)
    click.echo(f"{'✗' if shown else '✓'} {name}{_rule(check.number)}")
    for violation in shown:
        click.echo("\n".join(_lines(violation)))
    if more:
        click.echo("  " + ngettext("… and %(count)s more.", "… and %(count)s more.", more, count=more))
    return len(shown) + more


def _lines(violation: Violation) -> Iterator[str]:
    yield f"  {violation.sentence}{_rule(violation.rule)}"
    yield f"    {violation.mend}"


def _rule(number: int | None) -> str:
    return " " + _("(rule %(number)s)", number=number) if number else ""
