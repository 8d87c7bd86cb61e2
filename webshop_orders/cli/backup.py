"""`webshop-orders backup`: a backup of the database."""

from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from webshop_orders.backups import folder, making
from webshop_orders.cli.command import Command
from webshop_orders.clock import now
from webshop_orders.text import languages
from webshop_orders.text.formatting import file_size


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write a backup of the database to a new file, and check it, while others work.

    In a folder, the file is named after the database and the time.
    """
    path = (file / folder.new_name(now()) if file.is_dir() else file).absolute()
    size = making.make(path)
    click.echo(_("%(path)s: %(size)s, whole and readable.", path=path, size=file_size(size, languages.current())))
