"""The shop's logo, which anyone may see: customers have it on paper."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.errors import NotFound
from webshop_orders.operations.settings import logo

blueprint = Blueprint("logo", __name__)

# A picture and nothing else, also where someone opens it as a page.
POLICY = "default-src 'none'; sandbox"


@blueprint.get("/logo/<digest>")
def show(digest: str) -> Response:
    found = logo.find(digest)
    if found is None:
        raise NotFound(_("There is no such logo."))
    response = Response(found.content, content_type=found.media_type)
    response.headers["Content-Security-Policy"] = POLICY
    return response
