"""The query string of the list of orders: read as a filter, written into links, and remembered for links back."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from flask import request, session, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.models import OrderStatus
from webshop_orders.money import payments
from webshop_orders.operations.order_list.filters import OrderFilter, Sort
from webshop_orders.text.tracking_codes import without_scanner_prefix
from webshop_orders.web.http.once_a_request import once_a_request
from webshop_orders.web.http.query_args import cursor_arg, text_arg
from webshop_orders.web.http.session_transport import SessionTransport, session_transport

SELECTING = ("status", "from", "to", "held", "waiting", "payment", "balance", "carrier", "product")
ARGUMENTS = ("q", "anywhere", *SELECTING, "sort")
# Words, days and pages are not remembered: the orders that came in since would be missing.
REMEMBERED_ARGUMENTS = ("status", "held", "waiting", "payment", "balance", "carrier", "product", "sort")
# What an order's neighbours are searched by too, since they are those of the list that was just shown.
SEARCH_ARGUMENTS = ("q", "anywhere", "from", "to")
WORD_ARGUMENTS = ("q", "anywhere")
# What neighbours are searched by where one came from a batch: its id alone.
BATCH = "batch"
# The name of the search form's button.
SUBMITTED = "open"
SESSION_KEY = "list"
SEARCH_KEY = "list_search"
# In a frame without cookies, static/frame.js remembers the query string and sends it with each request.
REMEMBERED_HEADER = "X-List"
MAX_REMEMBERED_LENGTH = 1_000
MAX_SEARCH_LENGTH = 300
MAX_SKU_LENGTH = 60
TO_REFUND = "refund"  # as `balance`
HELD = {"1": True, "0": False}
STATUSES = {status.value: status for status in OrderStatus}
SORTS = {sort.value: sort for sort in Sort}
# Characters that Werkzeug, too, leaves as they are in the query strings of `url_for`.
SAFE_CHARACTERS = "!$'()*,/:;?@"

Arguments = Mapping[str, str]


def arguments() -> dict[str, str]:
    """The list's arguments in the request's query string, without the cursors of a page."""
    query = request.args
    values = {name: text_arg(name) for name in ARGUMENTS if name in query}
    return {name: value for name, value in values.items() if value}


def order_filter(arguments: Arguments) -> OrderFilter:
    """The filter of the list's arguments and the request's cursor, without the arguments of `invalid_filters`."""
    sort, last_day = arguments.get("sort", ""), day(arguments, "to")
    return OrderFilter(
        words=without_scanner_prefix(arguments.get("q", "")),
        anywhere=arguments.get("anywhere") == "1",
        status=STATUSES.get(arguments.get("status", "")),
        placed_from=_midnight(day(arguments, "from")),
        placed_before=_midnight(last_day + timedelta(days=1) if last_day else None),
        payment=arguments.get("payment"),
        carrier=arguments.get("carrier"),
        product=arguments.get("product"),
        to_refund=arguments.get("balance") == TO_REFUND,
        held=HELD.get(arguments.get("held", "")),
        waiting=arguments.get("waiting") == "1",
        sort=SORTS.get(sort.removeprefix("-"), Sort.PLACED),
        descending=not sort or sort.startswith("-"),
        after=cursor_arg("after"),
        before=cursor_arg("before"),
    )


def day(arguments: Arguments, name: str) -> date | None:
    """A date of the arguments; None if it is not valid or so far away that it cannot be converted to UTC."""
    if name not in arguments:
        return None
    try:
        parsed = date.fromisoformat(arguments[name])
    except ValueError:
        return None
    return parsed if 1970 <= parsed.year < 9999 else None


def invalid_filters(arguments: Arguments) -> dict[str, str]:
    """Arguments that filter nothing since they are not valid, each with a sentence that says so."""
    first_day, last_day = day(arguments, "from"), day(arguments, "to")
    sentences = {
        name: _("«%(text)s» is not a date. Write it as %(example)s.", text=arguments[name], example=_today())
        for name, parsed in (("from", first_day), ("to", last_day))
        if name in arguments and parsed is None
    }
    if first_day and last_day and first_day > last_day:
        sentences["to"] = _("The last day is before the first one, so no order fits.")
    if arguments.get("status", OrderStatus.READY) not in STATUSES:
        sentences["status"] = _("There is no order status «%(text)s».", text=arguments["status"])
    if arguments.get("balance", TO_REFUND) != TO_REFUND:
        sentences["balance"] = _("There is no balance «%(text)s» to filter by.", text=arguments["balance"])
    if arguments.get("held", "1") not in HELD:
        sentences["held"] = _("«%(text)s» says neither paused nor not paused.", text=arguments["held"])
    if arguments.get("waiting", "1") != "1":
        sentences["waiting"] = _("«%(text)s» does not say that orders wait.", text=arguments["waiting"])
    return sentences


def is_submitted(arguments: Arguments) -> bool:
    """Whether the words were sent with Enter or the button, and not while they were typed."""
    return "q" in arguments and text_arg(SUBMITTED) == "1"


def url_builder(arguments: Arguments) -> Callable[..., str]:
    """A function that returns the list's address with some arguments changed or, by None, removed.

    It is the address of the list's first page unless a cursor is among the changes.
    """
    index = url_for("orders.index")

    def list_url(**changes: str | None) -> str:
        return index + _query({name: value for name, value in {**arguments, **changes}.items() if value})

    return list_url


def query_string(arguments: Arguments) -> str:
    """The list's arguments, URL-encoded."""
    return urlencode(arguments)


def remember(arguments: Arguments) -> None:
    """Keep the filter and sorting in the session for links back, and with the search for links to neighbours."""
    remembered = {
        name: value for name, value in arguments.items() if name in REMEMBERED_ARGUMENTS and _is_offered(name, value)
    }
    search = urlencode({name: value for name, value in arguments.items() if name in SEARCH_ARGUMENTS})
    _keep(SESSION_KEY, urlencode(remembered))
    _keep(SEARCH_KEY, search if len(search) <= MAX_SEARCH_LENGTH else "")


def remember_without_words(arguments: Arguments) -> None:
    """Remember the list without its words, for the only order that has them: among those it has no neighbours."""
    remember({name: value for name, value in arguments.items() if name not in WORD_ARGUMENTS})


def remember_batch(batch_id: int) -> None:
    """Go on from an order to its neighbours in a batch, until a list of orders is shown again."""
    _keep(SEARCH_KEY, urlencode({BATCH: batch_id}))


def _keep(key: str, value: str) -> None:
    if value != session.get(key, ""):
        session[key] = value


def back_to_list_query() -> str:
    """The query string of the list with the remembered filter and sorting; on the list itself, of all orders."""
    if request.endpoint == "orders.index":
        return ""
    return _query({name: value for name, value in _remembered().items() if name in REMEMBERED_ARGUMENTS})


def neighbour_query(tab: str) -> str:
    """The query string of a link to an order's neighbour in the list or the batch that was shown last."""
    remembered = _remembered()
    of_batch = {BATCH: remembered[BATCH]} if BATCH in remembered else None
    return _query({"tab": tab, **(of_batch or remembered)})


def _query(arguments: Arguments) -> str:
    return _encoded(*arguments.items()) if arguments else ""


@lru_cache(1024)
def _encoded(*arguments: tuple[str, str]) -> str:
    return f"?{urlencode(arguments, safe=SAFE_CHARACTERS)}"


@once_a_request
def _remembered() -> dict[str, str]:
    """The arguments of the list that was shown last, in an earlier request."""
    if session_transport() is SessionTransport.BEARER:
        query = request.headers.get(REMEMBERED_HEADER, "")[:MAX_REMEMBERED_LENGTH]
    else:
        query = f"{session.get(SESSION_KEY, '')}&{session.get(SEARCH_KEY, '')}"
    return {name: value for name, value in parse_qsl(query) if name in ARGUMENTS or name == BATCH}


def _is_offered(name: str, value: str) -> bool:
    """Whether the page offers an argument's value: anyone can make links, and a session has to stay small."""
    match name:
        case "status":
            return value in STATUSES
        case "payment":
            return value in payments.METHOD_LABELS
        case "balance":
            return value == TO_REFUND
        case "held":
            return value in HELD
        case "waiting":
            return value == "1"
        case "carrier":
            return any(carrier.name == value for carrier in shop_settings.current().carriers)
        case "product":
            return len(value) <= MAX_SKU_LENGTH
        case _:
            return value.removeprefix("-") in SORTS


def _today() -> date:
    return now().astimezone(ZoneInfo(shop_settings.current().time_zone)).date()


def _midnight(day: date | None) -> datetime | None:
    """The beginning of a day in the shop's time zone."""
    if day is None:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(shop_settings.current().time_zone))


TEMPLATE_GLOBALS = {"back_to_list_query": back_to_list_query, "neighbour_query": neighbour_query}
