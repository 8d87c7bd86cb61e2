"""Reading files of tracking codes, checking what their rows mean, and carrying them out."""

from flask import Response, g, url_for
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from webshop_orders.connectors.tracking_files import reading
from webshop_orders.errors import DomainError, NoChange, RuleViolation
from webshop_orders.models import TrackingFile
from webshop_orders.operations.tracking_files import files, starting
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.http.fields import INCOMPLETE
from webshop_orders.web.http.responses import flash_message, see_other, wants_fragment
from webshop_orders.web.orders.forms.base import actor_of_form
from webshop_orders.web.tracking_files.forms import Choice, StartForm, UploadForm, submitted_columns
from webshop_orders.web.tracking_files.page import batch_arg, blueprint, file_url, render_file, render_list


@blueprint.get("")
def index() -> Response:
    return render_list()


@blueprint.post("")
def read() -> Response:
    """Read a file or a paste, and lead to its page."""
    form = UploadForm()
    if not form.validate():
        return render_list(form, status=422)
    try:
        file = _add(form)
    except DomainError as error:
        form.add_error(error)
        return render_list(form, error=error, status=error.status)
    return _respond(file)


def _add(form: UploadForm) -> TrackingFile:
    upload, text = form.file, form.text.data or ""
    if upload is not None and text.strip():
        raise RuleViolation(_("Choose a file or paste a table, not both."), field="text")
    if upload is None and not text.strip():
        raise RuleViolation(_("Choose a file, or paste a table."))
    data = upload.read() if upload is not None else text.encode("utf-8", "surrogatepass")
    table = reading.read_file(data) if upload is not None else reading.read_text(text)
    with writing():
        return files.add(
            table,
            reading.file_name(upload.filename if upload is not None else None),
            files.digest_of(data),
            within_batch_id=batch_arg(),
            by=form.actor,
        )


@blueprint.get("/<id:file_id>")
def show(file_id: int) -> Response:
    return render_file(files.get(file_id))


@blueprint.post("/<id:file_id>/columns")
def choose_columns(file_id: int) -> Response:
    try:
        with writing():
            file = files.lock(file_id)
            files.choose_columns(file, submitted_columns(file))
    except RuleViolation as error:
        return render_file(files.get(file_id), error=error, status=error.status)
    flash_message(_("The columns are chosen, and remembered for files with these headings."))
    return _respond(file)


@blueprint.post("/<id:file_id>/decisions")
def decide(file_id: int) -> Response:
    try:
        choice = Choice()
        with writing():
            file = files.lock(file_id)
            files.decide(file, choice.decision, number=choice.number, finding=choice.finding, seq=choice.seq)
    except RuleViolation as error:
        return render_file(files.get(file_id), error=error, status=error.status)
    return _respond(file)


@blueprint.post("/<id:file_id>/start")
def start(file_id: int) -> Response:
    form = StartForm()
    try:
        if not form.validate():
            raise RuleViolation(INCOMPLETE)
        with writing():
            file = files.lock(file_id)
            starting.start(file, expected=form.expected.data, ships=form.ships.data, by=actor_of_form())
    except RuleViolation as error:
        return render_file(files.get(file_id), error=error, start_form=form, status=error.status)
    sentence = ngettext(
        "%(count)s row of the file is being carried out.",
        "%(count)s rows of the file are being carried out.",
        form.expected.data,
        count=format_decimal(form.expected.data),
    )
    flash_message(sentence)
    return _respond(file)


@blueprint.post("/<id:file_id>/retry")
def retry(file_id: int) -> Response:
    """Try the refused orders again, with what was asked about them confirmed."""
    try:
        with writing():
            file = files.lock(file_id)
            starting.retry(file, by=g.user.actor)
    except (NoChange, RuleViolation) as error:
        return render_file(files.get(file_id), error=error, status=error.status)
    return _respond(file)


@blueprint.post("/<id:file_id>/removal")
def remove(file_id: int) -> Response:
    try:
        with writing():
            file = files.lock(file_id)
            name = file.name
            files.remove(file)
    except RuleViolation as error:
        return render_file(files.get(file_id), error=error, status=error.status)
    flash_message(_("%(name)s is removed. No order was changed.", name=name))
    if not wants_fragment():
        return see_other(url_for("tracking_files.index"))
    response = render_list()
    response.headers["HX-Replace-Url"] = url_for("tracking_files.index")
    return response


def _respond(file: TrackingFile) -> Response:
    return render_file(file) if wants_fragment() else see_other(file_url(file))
