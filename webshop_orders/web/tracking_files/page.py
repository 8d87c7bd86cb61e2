"""The list of the files with tracking codes and the form for a new one, and the page of one file."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from webshop_orders.errors import DomainError
from webshop_orders.models import ColumnRole, Finding, TrackingFile
from webshop_orders.operations.batches import running, selection
from webshop_orders.operations.tracking_files import files, listing
from webshop_orders.operations.tracking_files.listing import Group
from webshop_orders.web.batches import sentences
from webshop_orders.web.batches.page import can_undo
from webshop_orders.web.http.frame import is_framed
from webshop_orders.web.http.query_args import id_arg, text_arg
from webshop_orders.web.http.responses import render_region, wants_fragment
from webshop_orders.web.orders.forms.base import request_keys
from webshop_orders.web.tracking_files import labels
from webshop_orders.web.tracking_files.forms import COLUMN_LABELS, StartForm, UploadForm

blueprint = Blueprint("tracking_files", __name__, url_prefix="/tracking-files")


def render_list(form: UploadForm | None = None, *, error: DomainError | None = None, status: int = 200) -> Response:
    """The list, with the form that was refused and why, if one was."""
    before, batch_id = id_arg("before"), batch_arg()
    batch = selection.get(batch_id) if batch_id else None
    return render_region(
        "tracking_files/index.html",
        form=form or UploadForm.blank(),
        error=error,
        batch=batch,
        upload_url=url_for("tracking_files.read", batch=batch.id) if batch else url_for("tracking_files.read"),
        page=files.recent(before),
        before=before,
        request_key=request_keys(),
        list_url=lambda **changes: url_for(
            "tracking_files.index", **{name: value for name, value in changes.items() if value}
        ),
        status=status,
    )


def render_file(
    file: TrackingFile, *, error: DomainError | None = None, start_form: StartForm | None = None, status: int = 200
) -> Response:
    """The page of a file, with why a form on it was refused, if one was."""
    shown, after = _shown(), id_arg("after")
    counts = listing.count(file)
    batch = selection.get(file.batch_id) if file.batch_id else None
    response = render_region(
        "tracking_files/file.html",
        file=file,
        batch=batch,
        progress=running.progress(batch) if batch else None,
        can_undo=batch is not None and can_undo(batch),
        batch_token=running.token_of(batch) if batch else None,
        sentences=sentences,
        within=files.batch_within(file),
        earlier=files.earlier_same(file),
        counts=counts,
        page=listing.page(file, shown, after),
        shown=shown,
        after=after,
        error=error,
        start_form=start_form or StartForm.blank(),
        roles=[(role, COLUMN_LABELS[role]) for role in ColumnRole],
        columns=_columns(file),
        groups=Group,
        sentence=labels.sentence,
        named=labels.named,
        request_key=request_keys(),
        file_url=lambda **changes: file_url(file, **changes),
        decide_url=_url("tracking_files.decide", file, show=text_arg("show"), after=after),
        status=status,
    )
    if wants_fragment() and request.method == "POST":
        header = "HX-Replace-Url" if is_framed() or request.endpoint != "tracking_files.read" else "HX-Push-Url"
        response.headers[header] = file_url(file)
    return response


def file_url(file: TrackingFile, **changes: Any) -> str:
    """The address of a file's page, with the rows that are shown now unless `changes` say otherwise."""
    return _url("tracking_files.show", file, **{"show": text_arg("show"), **changes})


def _url(endpoint: str, file: TrackingFile, **arguments: Any) -> str:
    return url_for(endpoint, file_id=file.id, **{name: value for name, value in arguments.items() if value})


def batch_arg() -> int | None:
    """The batch whose orders are meant first, if one is given."""
    return id_arg("batch")


def _shown() -> Group | Finding | None:
    text = text_arg("show")
    if text in set(Group):
        return Group(text)
    return Finding(text) if text in set(Finding) else None


def _columns(file: TrackingFile) -> list[tuple[int, str, str]]:
    """The columns by number, each with what it is called and what is in its first row."""
    first = listing.first_cells(file)
    named = ((column, heading or labels.column_letters(column)) for column, heading in enumerate(file.headings))
    return [(column, name, first[column] if column < len(first) else "") for column, name in named]
