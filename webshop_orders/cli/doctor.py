import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from webshop_orders import doctor as checks
from webshop_orders.cli.command import Command


@click.command(cls=Command)
@with_appcontext
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check database, migrations, secret, hosts and mail, and say what to mend."""
    findings = list(checks.examine())
    for finding in findings:
        click.echo(f"{'✓' if finding.is_ok else '✗'} {finding.sentence}")
    if all(finding.is_ok for finding in findings):
        click.echo(_("All is well."))
    else:
        ctx.exit(1)
