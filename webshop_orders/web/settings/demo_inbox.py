"""Demo-inkorg: the mails that a demo shop has sent, as their recipients see them. Only the demo serves it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Blueprint, Response, current_app
from flask_babel import gettext as _

from webshop_orders.errors import NotFound
from webshop_orders.web.http.responses import render_region
from webshop_orders.web.http.security_headers import sandboxed_mail

blueprint = Blueprint("demo_inbox", __name__, url_prefix="/demo-inbox")


@dataclass(frozen=True)
class ReceivedMail:
    id: int
    at: datetime
    sender: str
    recipient: str
    subject: str
    html: str
    text: str


@blueprint.get("")
def index() -> Response:
    return _render()


@blueprint.get("/<id:mail_id>")
def show(mail_id: int) -> Response:
    return _render(_get(mail_id))


@blueprint.get("/<id:mail_id>/body")
def body(mail_id: int) -> Response:
    return sandboxed_mail(_get(mail_id).html)


def _render(shown_mail: ReceivedMail | None = None) -> Response:
    files = sorted(_folder().glob("*.eml"), key=lambda file: int(file.stem), reverse=True)
    return render_region("settings/demo_inbox.html", mails=[_read(file) for file in files], shown_mail=shown_mail)


def _get(mail_id: int) -> ReceivedMail:
    file = _folder() / f"{mail_id}.eml"
    if not file.exists():
        raise NotFound(_("There is no such mail."))
    return _read(file)


def _folder() -> Path:
    return Path(current_app.config["DEMO_INBOX"])


def _read(file: Path) -> ReceivedMail:
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    return ReceivedMail(
        id=int(file.stem),
        at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
        sender=str(mail["From"] or ""),
        recipient=", ".join(map(str, mail.get_all("Delivered-To", []))),
        subject=str(mail["Subject"] or ""),
        html=_content(mail, "html"),
        text=_content(mail, "plain"),
    )


def _content(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    try:
        return str(part.get_content()) if part is not None else ""
    except (LookupError, ValueError):  # of an encoding that does not exist
        return ""
