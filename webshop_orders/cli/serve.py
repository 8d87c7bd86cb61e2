"""`webshop-orders serve`: the production server."""

from collections.abc import Iterable

import click
from flask.cli import ScriptInfo, pass_script_info
from flask_babel import gettext as _

from webshop_orders.cli import database
from webshop_orders.cli.command import Command
from webshop_orders.config import ENV_PREFIX
from webshop_orders.security.embed_hosts import LOOPBACK_HOSTS


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Number of server processes.")
@click.option("--no-migrate", is_flag=True, help="Do not apply migrations.")
@click.option("--no-worker", is_flag=True, help="Do not start a mail worker.")
@pass_script_info
def serve(info: ScriptInfo, host: str, port: int, workers: int, no_migrate: bool, no_worker: bool) -> None:
    """Run the order desk: apply migrations, serve requests, and run a mail worker."""
    from webshop_orders import server
    from webshop_orders.metrics import process_files

    app = info.load_app()
    process_files.use(app.config["INSTANCE"])
    with app.app_context():
        server.check_free(host, port)
        if not no_migrate:
            database.prepare()
            database.warn_if_newer()
        started = _("The order desk answers at %(address)s", address=server.address(host, port))
        if _rejects_other_machines(host, app.config["OWN_HOSTS"]):
            click.echo(
                _("Other machines are refused. Set %(prefix)sBASE_URL or …TRUSTED_HOSTS.", prefix=ENV_PREFIX), err=True
            )
        database.disconnect()
    server.serve(app, host, port, workers=workers, with_worker=not no_worker, when_started=lambda: click.echo(started))


def _rejects_other_machines(host: str, own_hosts: Iterable[str]) -> bool:
    """Whether the server listens to other machines, but no host name is trusted that they could request."""
    return host not in {*LOOPBACK_HOSTS, "::1"} and set(own_hosts) == set(LOOPBACK_HOSTS)
