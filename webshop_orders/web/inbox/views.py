"""Inkorgen: what needs a person, each row with what mends it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from webshop_orders.errors import AlreadyDone, ConfirmationRequired, DomainError, NoChange, NotFound, RuleViolation
from webshop_orders.models import InboxKind
from webshop_orders.operations.inbox import listing, snoozing
from webshop_orders.operations.inbox.listing import InboxPage, ListedItem, Position
from webshop_orders.operations.order_list import cursors
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import authorization, inbox_counts
from webshop_orders.web.auth.permissions import MENDED_AT
from webshop_orders.web.http.days import quick_days
from webshop_orders.web.http.formatting import day
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.query_args import cursor_arg, text_arg
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.inbox import mends
from webshop_orders.web.inbox.forms import AsideForm, MendForm
from webshop_orders.web.inbox.kinds import KINDS
from webshop_orders.web.inbox.links import GO_INTO_BATCHES, LINKS
from webshop_orders.web.inbox.mends import DONE_ALREADY, MENDS
from webshop_orders.web.inbox.sentences import sentence
from webshop_orders.web.orders.forms.base import request_keys

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")

ASIDE = "aside"


@blueprint.get("")
def index() -> Response:
    return _render()


@blueprint.post("/<id:item_id>/mending")
def mend(item_id: int) -> Response:
    """Mend what a row is about; one that somebody else has mended meanwhile goes away."""
    form = MendForm(item_id)
    return _change(item_id, form, lambda item: mends.carry_out(item, form))


@blueprint.post("/<id:item_id>/snooze")
def put_aside(item_id: int) -> Response:
    form = AsideForm()

    def change(item: ListedItem) -> str:
        if not form.validate() or form.day is None:
            raise RuleViolation(_("Choose a day, or write one."))
        try:
            with writing():
                snoozing.put_aside(item.id, form.day, by=g.user.actor)
        except RuleViolation as reason:
            raise RuleViolation(str(reason), field=form.other_day.name) from reason
        return _("Put aside until %(day)s.", day=day(form.day))

    return _change(item_id, form, change)


@blueprint.post("/<id:item_id>/return")
def put_back(item_id: int) -> Response:
    def change(item: ListedItem) -> str:
        with writing():
            snoozing.bring_back(item.id, by=g.user.actor)
        return _("It is in the inbox again.")

    return _change(item_id, BaseForm(), change)


def _change(item_id: int, form: BaseForm, change: Callable[[ListedItem], str]) -> Response:
    """Change a row, and answer with the list; a refusal is shown in its row."""
    item = listing.find(item_id)
    try:
        if item is None:
            raise NoChange(DONE_ALREADY)
        authorization.require(MENDED_AT[item.kind])
        said = change(item)
    except (NoChange, AlreadyDone, NotFound) as reason:
        said = str(reason)
    except ConfirmationRequired as reason:
        form.warnings = reason.warnings
        return _render(refused_at=item_id, form=form, status=reason.status)
    except DomainError as reason:
        if not form.errors:  # which say more
            form.add_error(reason)
        return _render(refused_at=item_id, form=form, status=reason.status)
    flash_message(said)
    if not wants_fragment():
        return see_other(_url())
    inbox_counts.read_again()
    return _render()


def _render(*, refused_at: int | None = None, form: BaseForm | None = None, status: int = 200) -> Response:
    mendable = inbox_counts.mendable_kinds()
    kind = _kind()
    page = _page((kind,) if kind else mendable)
    return render_region(
        "inbox/index.html",
        page=page,
        is_aside=_is_aside(),
        kind=kind,
        kinds={each: words for each, words in KINDS.items() if each in mendable},
        counts=inbox_counts.by_kind(),
        mends=MENDS,
        links=LINKS,
        go_into_batches=GO_INTO_BATCHES,
        sentence=sentence,
        quick_days=quick_days(),
        refused_at=refused_at,
        refused_mend=form if isinstance(form, MendForm) else None,
        refused_day=form if isinstance(form, AsideForm) else None,
        form_errors=form.form_errors if form else [],
        request_key=request_keys(),
        inbox_url=_url,
        next_url=_next_url(page),
        is_first_page=not cursor_arg("after"),
        status=status,
    )


def _page(kinds: tuple[InboxKind, ...]) -> InboxPage:
    cursor = cursors.decode(cursor_arg("after"), datetime)
    after = Position(cursor.key, cursor.order_id) if cursor else None
    return listing.put_aside_page(kinds, after) if _is_aside() else listing.page(kinds, after)


def _kind() -> InboxKind | None:
    """The kind that the list is filtered by; None for one that the user cannot mend."""
    chosen = text_arg("kind")
    return next((kind for kind in inbox_counts.mendable_kinds() if kind.value == chosen), None)


def _is_aside() -> bool:
    return text_arg("show") == ASIDE


def _url(endpoint: str = "inbox.index", **changes: Any) -> str:
    """An address with the present filter and page, some of it changed."""
    kind = _kind()
    present = {
        "kind": kind.value if kind else None,
        "show": ASIDE if _is_aside() else None,
        "after": cursor_arg("after"),
    }
    return url_for(endpoint, **{**present, **changes})


def _next_url(page: InboxPage) -> str | None:
    if page.next_after is None:
        return None
    return _url(after=cursors.encode(cursors.Position(page.next_after.at, page.next_after.id)))
