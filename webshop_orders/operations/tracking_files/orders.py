"""The orders that the rows of a file name, found for all rows at once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.db.parameters import in_parts
from webshop_orders.models import BatchOrder, DeliveryStatus, Order, Shipment, TrackingCode
from webshop_orders.text.tracking_codes import INVISIBLE, compact

ORDERS: Any = Order.__table__.c
SHIPMENT_REFERENCE = re.compile(r"(.*[0-9].*)-([1-9][0-9]{0,2})")
WORDS = re.compile(r"[^\s,;:/()|]+")
MAX_WORDS = 8  # of a text that has the number among other words
MAX_LENGTH = 100


class Named(NamedTuple):
    """An order that a text names, and its shipment, if the text names that."""

    order_id: int
    seq: int | None = None


@dataclass
class ShipmentFacts:
    seq: int
    is_shipped: bool
    codes: set[str] = field(default_factory=set)  # as `compact` writes them


@dataclass
class OrderFacts:
    """What is needed of an order to say what a row does to it."""

    id: int
    number: str
    shipping_method: str | None
    is_closed: bool  # cancelled, or its personal data are erased
    last_seq: int
    shipments: dict[int, ShipmentFacts] = field(default_factory=dict)

    @property
    def open_seqs(self) -> list[int]:
        return [shipment.seq for shipment in self.shipments.values() if not shipment.is_shipped]

    def reference(self, seq: int) -> str:
        return f"{self.number}-{seq}"


class OrderNames:
    """Finds orders by number, shipment's reference, the shop's own number or an external reference.

    It reads all that the texts may mean when it is made. The orders of a batch are meant before others.
    """

    def __init__(self, texts: Iterable[str], within_batch_id: int | None = None) -> None:
        self._prefix = shop_settings.current().number_prefix
        keys = {key for text in texts for key in self._all_keys(text)}
        self._numbers: dict[str, tuple[int, int]] = {}
        self._others: dict[str, set[int]] = defaultdict(set)
        for some in in_parts(sorted(keys)):
            for order_id, number, last_seq in _select(ORDERS.number, some, ORDERS.number, ORDERS.last_seq):
                self._numbers[number] = (order_id, last_seq)
            for column in (ORDERS.shop_number, ORDERS.external_reference):
                for order_id, key in _select(column, some, column):
                    self._others[key].add(order_id)
        of_batch = select(BatchOrder.order_id).where(BatchOrder.batch_id == within_batch_id)
        self.within = set(db.session.scalars(of_batch)) if within_batch_id is not None else None

    def find(self, text: str) -> set[Named]:
        """The orders that a text names: none, one, or several that nothing tells apart."""
        whole = _clean(text)
        found = self._by_key(whole) or {named for word in _words(whole) for named in self._by_number(word)}
        in_batch = {named for named in found if self.within and named.order_id in self.within}
        return in_batch or found

    def _by_key(self, text: str) -> set[Named]:
        for key in _cases(text):  # our own number is what was meant, whatever else has it
            if key in self._numbers:
                return {Named(self._numbers[key][0])}
        named = {Named(order_id) for key in _with_sign(text) for order_id in self._others.get(key, ())}
        for key in _cases(text):
            named |= self._of_shipment(key)
        for key in self._completed(text):
            if key in self._numbers:
                named.add(Named(self._numbers[key][0]))
            named |= self._of_shipment(key)
        return named

    def _by_number(self, word: str) -> set[Named]:
        """The order of a word within other words, which is its number or a shipment's reference and nothing less."""
        for key in _cases(word):
            if key in self._numbers:
                return {Named(self._numbers[key][0])}
            if named := self._of_shipment(key):
                return named
        return set()

    def _of_shipment(self, key: str) -> set[Named]:
        match = SHIPMENT_REFERENCE.fullmatch(key)
        order_id, last_seq = self._numbers.get(match[1], (0, 0)) if match else (0, 0)
        return {Named(order_id, int(match[2]))} if match and order_id and int(match[2]) <= last_seq else set()

    def _all_keys(self, text: str) -> Iterator[str]:
        whole = _clean(text)
        for key in (
            *_with_sign(whole),
            *self._completed(whole),
            *(case for word in _words(whole) for case in _cases(word)),
        ):
            yield key
            if match := SHIPMENT_REFERENCE.fullmatch(key):
                yield match[1]

    def _completed(self, text: str) -> list[str]:
        """The number without the shop's prefix, or with a blank in its place."""
        letters = re.sub(r"[\W_]", "", self._prefix)
        squeezed = "".join(text.split()).lstrip("#")
        if letters and squeezed.casefold().startswith(letters.casefold()):
            squeezed = squeezed[len(letters) :].lstrip("-_ ")
        return [f"{self._prefix}{squeezed}"] if squeezed[:1].isdigit() else []


def read_facts(order_ids: Iterable[int]) -> dict[int, OrderFacts]:
    """What is needed of orders, by their ids."""
    facts: dict[int, OrderFacts] = {}
    for some in in_parts(sorted(set(order_ids))):
        columns = (
            ORDERS.number,
            ORDERS.shipping_method,
            ORDERS.cancelled_at,
            ORDERS.personal_data_erased_at,
            ORDERS.last_seq,
        )
        for row in db.session.execute(select(ORDERS.id, *columns).where(ORDERS.id.in_(some))):
            closed = row.cancelled_at is not None or row.personal_data_erased_at is not None
            facts[row.id] = OrderFacts(row.id, row.number, row.shipping_method, closed, row.last_seq)
        shipments = select(Shipment.order_id, Shipment.seq, Shipment.status).where(Shipment.order_id.in_(some))
        for order_id, seq, status in db.session.execute(shipments.order_by(Shipment.order_id, Shipment.seq)):
            facts[order_id].shipments[seq] = ShipmentFacts(seq, status is DeliveryStatus.SHIPPED)
        codes = select(TrackingCode.order_id, Shipment.seq, TrackingCode.code).join(TrackingCode.shipment)
        for order_id, seq, code in db.session.execute(codes.where(TrackingCode.order_id.in_(some))):
            facts[order_id].shipments[seq].codes.add(compact(code))
    return facts


def orders_with_codes(codes: Iterable[str]) -> dict[str, dict[int, str]]:
    """The numbers of the orders that have codes, by the code as `compact` writes it and the order's id."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    spellings = {spelling for code in codes for spelling in (code, compact(code), f"00{compact(code)}")}
    for some in in_parts(sorted(spellings)):
        statement = select(TrackingCode.code, ORDERS.id, ORDERS.number).join(Order, ORDERS.id == TrackingCode.order_id)
        for code, order_id, number in db.session.execute(statement.where(TrackingCode.code.in_(some))):
            found[compact(code)][order_id] = number
    return found


def _select(column: Any, keys: Sequence[str], *columns: Any) -> Iterable[Any]:
    return db.session.execute(select(ORDERS.id, *columns).where(column.in_(keys)))


def _clean(text: str) -> str:
    return " ".join(INVISIBLE.sub("", text).split())[:MAX_LENGTH]


def _words(text: str) -> list[str]:
    words = WORDS.findall(text)[:MAX_WORDS]
    return [word.strip(".#\"'«»“”") for word in words if any(map(str.isdigit, word))]


def _cases(text: str) -> list[str]:
    return list(dict.fromkeys([text, text.upper()])) if text else []


def _with_sign(text: str) -> list[str]:
    """A number as it is and in capitals, with and without #, which Shopify writes before it."""
    bare = text.removeprefix("#").strip()
    return list(dict.fromkeys(form for case in _cases(bare) for form in (case, f"#{case}"))) if bare else []
