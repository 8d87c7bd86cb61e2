"""`webshop-orders doctor`: diagnostics of a deployment."""

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from webshop_orders import doctor as checks
from webshop_orders.cli.command import Command


@click.command(cls=Command)
@with_appcontext
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check database, migrations, secret, hosts and mail, and report what to fix."""
    diagnostics = list(checks.diagnose())
    for diagnostic in diagnostics:
        click.echo(f"{'✓' if diagnostic.is_ok else '✗'} {diagnostic.sentence}")
    if all(diagnostic.is_ok for diagnostic in diagnostics):
        click.echo(_("All is well."))
    else:
        ctx.exit(1)
