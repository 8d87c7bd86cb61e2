"""What may stand in a path: Werkzeug's own `<int>` takes other scripts' digits and numbers of any length."""

from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter


class OrderNumber(BaseConverter):
    regex = r"[^/\x00-\x1f\x7f]{1,64}"


class Id(BaseConverter):
    regex = r"[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: Any) -> str:
        return str(value)


def install(app: Flask) -> None:
    app.url_map.converters.update(number=OrderNumber, id=Id)
