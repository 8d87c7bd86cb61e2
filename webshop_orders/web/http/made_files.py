"""Answers with a file that is made on disk before the answer begins.

A server ends an answer that breaks off in the middle as if it were whole, and nobody would see that rows are missing.
So a failure is a page in words.
"""

import errno
import io
import tempfile
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import IO
from zoneinfo import ZoneInfo

from flask import Response
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.errors import DomainError

CHUNK_BYTES = 1 << 16


class NoSpace(DomainError):
    """The disk has no room for the file."""

    status = HTTPStatus.INSUFFICIENT_STORAGE


def respond(write: Callable[[IO[bytes]], None], name: str, extension: str, mimetype: str) -> Response:
    """The file that `write` writes, called `name` and the day in the shop's time zone; raises NoSpace."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
    try:
        _write(write, file)
        size = file.seek(0, io.SEEK_END)
    except BaseException:
        file.close()
        raise
    response = Response(_chunks(file), mimetype=mimetype)
    response.call_on_close(file.close)  # of a client that did not read to the end
    response.content_length = size
    day = now().astimezone(ZoneInfo(shop_settings.current().time_zone)).date()
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}-{day}.{extension}")
    return response


def _write(write: Callable[[IO[bytes]], None], file: IO[bytes]) -> None:
    try:
        write(file)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise NoSpace(_("The server's disk has no room for the file. Tell whoever runs the order desk.")) from error


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
