"""`webshop-orders demo`: a demo shop, opened in the browser."""

import os
import sys
import webbrowser
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import click
from flask_babel import gettext as _

from webshop_orders import cli, config, server
from webshop_orders.cli import database
from webshop_orders.cli.command import Command
from webshop_orders.config import ENV_PREFIX
from webshop_orders.demo import inbox, mail_server, passwords, shop
from webshop_orders.demo.inbox import Inbox
from webshop_orders.demo.mail_server import MailServer
from webshop_orders.metrics import process_files
from webshop_orders.models import User
from webshop_orders.security import sign_in_links

HOST = "127.0.0.1"
DATABASE = "demo.sqlite3"


@click.command(cls=Command)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--no-browser", is_flag=True, help="Only print the link that signs you in.")
def demo(port: int, no_browser: bool) -> None:
    """Run a realistic demo shop, and open it in the browser, signed in."""
    # The application and the processes that the server starts read their settings from the environment.
    instance = Path(config.from_environment()["INSTANCE"])
    os.environ.setdefault(f"{ENV_PREFIX}DATABASE_URL", f"sqlite:///{instance / DATABASE}")
    os.environ.setdefault(f"{ENV_PREFIX}BASE_URL", server.address(HOST, port))
    os.environ.setdefault(f"{ENV_PREFIX}LOG_LEVEL", "warning")  # lest the link that signs in is lost among the requests
    mails = _open_mailbox(instance)
    process_files.use(instance)
    app = cli.load_app()
    with app.app_context():
        server.check_free(HOST, port)
        database.prepare()
        if not shop.is_filled():
            click.echo(_("Filling the shop …"))
            shop.fill(date.today())
            if mails:
                mails.inbox.clear()
                mails.inbox.add_sent_mails()
        url = server.address(HOST, port)
        password = passwords.load_or_create(instance)
        users = passwords.give(password)  # before the link is made, which a new password would end
        link = f"{url}/login/{sign_in_links.make(shop.administrator())}"
        database.disconnect()

    def announce() -> None:
        if mails:
            mails.start()
        if not no_browser and _can_open_browser():
            webbrowser.open(link)
        with app.app_context():
            # Checking a password is slow on purpose, so that nothing else waits for it.
            with_password = [user for user in users if user.has_password(password)]
            click.echo("\n".join([*_ways_in(url, link, with_password, password), *_where_mail_goes(url, mails)]))

    server.serve(app, HOST, port, workers=2, with_worker=True, when_started=announce)


def _open_mailbox(instance: Path) -> MailServer | None:
    """The server that all mail of the demo goes to; None where another one is set."""
    if os.environ.get(f"{ENV_PREFIX}MAIL_SERVER"):
        return None
    mails = MailServer(Inbox(instance / inbox.FOLDER))
    os.environ[f"{ENV_PREFIX}MAIL_SERVER"] = mail_server.HOST
    os.environ[f"{ENV_PREFIX}MAIL_PORT"] = str(mails.port)
    os.environ[f"{ENV_PREFIX}DEMO_INBOX"] = str(mails.inbox.folder)
    for name in ("MAIL_USERNAME", "MAIL_PASSWORD", "MAIL_USE_TLS"):
        os.environ.pop(f"{ENV_PREFIX}{name}", None)
    return mails


def _ways_in(url: str, link: str, users: list[User], password: str) -> Iterable[str]:
    yield _("The shop is open. This link signs you in for twelve hours, Ctrl-C closes it:")
    yield link
    if users:
        emails = ", ".join(user.email or "" for user in users)
        sentence = _("Or sign in at %(url)s as %(users)s. Password:", url=f"{url}/login", users=emails)
        yield f"{sentence} {password}"


def _where_mail_goes(url: str, mails: MailServer | None) -> Iterable[str]:
    if mails:
        yield _("Mail that the shop sends comes to %(url)s and never leaves this machine.", url=f"{url}/demo-inbox")


def _can_open_browser() -> bool:
    """Whether there is a graphical display; without one, a text browser would take over the terminal."""
    return sys.platform != "linux" or any(name in os.environ for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
