"""`webshop-orders demo`: a demo shop, opened in the browser."""

import os
import sys
import webbrowser
from datetime import date

import click
from flask_babel import gettext as _

from webshop_orders import config, server
from webshop_orders.cli import database
from webshop_orders.cli.command import Command
from webshop_orders.config import ENV_PREFIX
from webshop_orders.db.extensions import db
from webshop_orders.demo import shop
from webshop_orders.security import sign_in_links

HOST = "127.0.0.1"
DATABASE = "demo.sqlite3"


@click.command(cls=Command)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--no-browser", is_flag=True, help="Only print the link that signs you in.")
def demo(port: int, no_browser: bool) -> None:
    """Run a realistic demo shop, and open it in the browser, signed in."""
    from webshop_orders import create_app

    # The processes that the server starts read their database and base URL from the environment.
    os.environ.setdefault(f"{ENV_PREFIX}DATABASE_URL", f"sqlite:///{config.from_environment()['INSTANCE'] / DATABASE}")
    os.environ.setdefault(f"{ENV_PREFIX}BASE_URL", server.address(HOST, port))
    with create_app().app_context():
        server.check_free(HOST, port)
        database.prepare()
        if not shop.is_filled():
            click.echo(_("Filling the shop …"))
            shop.fill(date.today())
        link = f"{server.address(HOST, port)}/login/{sign_in_links.make(shop.administrator())}"
        invitation = _("The shop is open. This link signs you in, Ctrl-C closes it:")
        db.session.remove()
        db.engine.dispose()

    def announce() -> None:
        click.echo(f"{invitation}\n{link}")
        if not no_browser and _can_open_browser():
            webbrowser.open(link)

    server.serve(HOST, port, workers=2, with_worker=True, when_started=announce)


def _can_open_browser() -> bool:
    """Whether there is a graphical display; without one, a text browser would take over the terminal."""
    return sys.platform != "linux" or any(name in os.environ for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
