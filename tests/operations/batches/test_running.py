"""What is to be done with a batch is said at once, and carried out later."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories import make_order, make_product
from tests.operations.batches.test_selection import ANNA, make
from tests.statements import executed
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import AlreadyDone, Forbidden, NoChange, RuleViolation
from webshop_orders.models import Actor, ActorKind, Batch, BatchAction, BatchOrder, BatchOrderState, BatchState
from webshop_orders.operations.batches import running, selection
from webshop_orders.operations.batches.running import Progress
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.transactions.unit_of_work import writing

BO = Actor(ActorKind.STAFF, "Bo", user_id=2)
LISTED, WAITING, DONE, REFUSED = BatchOrderState


@pytest.fixture
def batch(app: Flask) -> Batch:
    make_product("LJUS")
    return make([make_order(("LJUS", 1)).number for _ in range(4)])


def start(batch: Batch, action: BatchAction = BatchAction.SHIP, **how: object) -> int:
    how = {"by": ANNA, **how}
    with writing():
        return running.start(selection.lock(batch.id), action, how.pop("options", {}), **how)  # type: ignore[arg-type]


def rows(batch: Batch) -> list[BatchOrder]:
    db.session.rollback()
    of_batch = select(BatchOrder).where(BatchOrder.batch_id == batch.id).order_by(BatchOrder.position)
    return list(db.session.scalars(of_batch.execution_options(populate_existing=True)))


def states(batch: Batch) -> list[BatchOrderState]:
    return [row.state for row in rows(batch)]


def become(batch: Batch, *outcomes: BatchOrderState, version: int | None = 2) -> None:
    """Have a worker's outcomes for the first orders of a batch."""
    with writing():
        for place, state in enumerate(outcomes, start=1):
            db.session.execute(
                update(BatchOrder)
                .where(BatchOrder.batch_id == batch.id, BatchOrder.position == place)
                .values(state=state, due_at=None, version=version, reason="Nej." if state is REFUSED else None)
            )
        running.finish()
        db.session.refresh(batch)


def test_a_closed_batch_is_not_started(batch: Batch) -> None:
    with writing():
        selection.close(selection.lock(batch.id))
    with pytest.raises(RuleViolation, match="är stängd"):
        start(batch)


def test_a_batch_that_is_worked_on_is_neither_started_nor_closed_nor_tried_again(batch: Batch) -> None:
    start(batch)
    with pytest.raises(NoChange, match="körs redan"):
        start(batch, BatchAction.CANCEL)
    with pytest.raises(NoChange, match="körs redan"), writing():
        running.retry(selection.lock(batch.id), by=ANNA)
    with pytest.raises(RuleViolation, match="Vänta tills"), writing():
        selection.close(selection.lock(batch.id))
    assert batch.action is BatchAction.SHIP


def test_a_form_that_is_sent_twice_starts_once_even_where_the_first_is_done(batch: Batch) -> None:
    shown = running.token_of(batch)
    start(batch, shown=shown)
    become(batch, DONE, DONE, DONE, DONE)
    with pytest.raises(AlreadyDone):
        start(batch, shown=shown)
    assert states(batch) == [DONE] * 4


@pytest.mark.parametrize("status", [None, "shipped", "lost"])
def test_a_status_that_cannot_be_set_by_hand_is_refused(status: str | None, batch: Batch) -> None:
    with pytest.raises(RuleViolation, match="Välj en leveransstatus"):
        start(batch, BatchAction.SET_STATUS, options={"status": status})
    assert batch.state is BatchState.DRAFT


@pytest.mark.parametrize("only", [[], [0]])
def test_none_of_its_orders_is_refused(only: list[int], batch: Batch) -> None:
    with pytest.raises(RuleViolation, match="minst en order"):
        start(batch, only=only)


def test_all_orders_of_a_batch_wait_from_now_on_in_the_name_of_whoever_started_it(batch: Batch) -> None:
    assert start(batch, options={"agreed": ["no-code"], "other": 1}, by=BO) == 4

    assert states(batch) == [WAITING] * 4
    assert all(row.due_at and row.due_at <= now() for row in rows(batch))
    assert (batch.state, batch.action, batch.actor.name) == (BatchState.RUNNING, BatchAction.SHIP, "Bo")
    assert batch.options == {"agreed": ["no-code"], "ship_all": False}
    assert running.progress(batch) == Progress(total=4, waiting=4)


def test_orders_that_are_not_chosen_stay_listed(batch: Batch) -> None:
    chosen = [row.order_id for row in rows(batch)[1:3]]

    assert start(batch, only=chosen) == 2

    assert states(batch) == [LISTED, WAITING, WAITING, LISTED]


def test_the_same_action_leaves_what_it_did_and_another_begins_anew(batch: Batch) -> None:
    first, *others = [row.order_id for row in rows(batch)]
    start(batch, only=others)
    become(batch, LISTED, DONE, DONE, REFUSED)

    start(batch, only=[first])
    assert states(batch) == [WAITING, DONE, DONE, REFUSED]

    become(batch, DONE)
    start(batch, BatchAction.SEND_CONFIRMATION, only=[first])
    assert states(batch) == [WAITING, LISTED, LISTED, LISTED]


def test_a_worker_that_held_an_order_before_holds_it_no_longer(batch: Batch) -> None:
    start(batch)
    held = [row.attempts for row in rows(batch)]
    with writing():
        running.stop(selection.lock(batch.id))
    start(batch)

    assert all(row.attempts > before for row, before in zip(rows(batch), held, strict=True))


def test_what_was_refused_is_tried_again_with_other_options(batch: Batch) -> None:
    start(batch)
    become(batch, DONE, REFUSED, REFUSED, DONE)
    assert batch.state is BatchState.FINISHED
    assert batch.finished_at is not None

    with writing():
        assert running.retry(selection.lock(batch.id), {"agreed": ["no-code"]}, by=BO) == 2

    assert states(batch) == [DONE, WAITING, WAITING, DONE]
    assert [row.reason for row in rows(batch)] == [None] * 4
    assert (batch.options["agreed"], batch.finished_at, batch.actor.name) == (["no-code"], None, "Bo")


def test_nothing_is_tried_again_where_nothing_was_refused(batch: Batch) -> None:
    with pytest.raises(RuleViolation, match="nekades"), writing():
        running.retry(selection.lock(batch.id), by=ANNA)
    start(batch)
    become(batch, DONE, DONE, DONE, DONE)
    with pytest.raises(RuleViolation, match="nekades"), writing():
        running.retry(selection.lock(batch.id), by=ANNA)


def test_a_batch_is_stopped_with_what_is_done_left_done(batch: Batch) -> None:
    start(batch)
    become(batch, DONE)

    with writing():
        assert running.stop(selection.lock(batch.id)) == 3

    assert states(batch) == [DONE, LISTED, LISTED, LISTED]
    assert batch.state is BatchState.FINISHED
    with pytest.raises(NoChange), writing():
        running.stop(selection.lock(batch.id))


@pytest.mark.parametrize("action", [None, BatchAction.SEND_CONFIRMATION])
def test_what_cannot_be_taken_back_is_not(action: BatchAction | None, batch: Batch) -> None:
    if action is not None:
        start(batch, action)
        become(batch, DONE, DONE, DONE, DONE, version=None)
    with pytest.raises(RuleViolation, match="inget av omgången att ta tillbaka"):
        start(batch, BatchAction.UNDO)


def test_only_whoever_started_a_batch_takes_it_back(batch: Batch) -> None:
    start(batch)
    become(batch, DONE, DONE, REFUSED, REFUSED)
    with pytest.raises(Forbidden, match="Bara Anna"):
        start(batch, BatchAction.UNDO, by=BO)


def test_the_orders_that_a_batch_changed_wait_to_be_taken_back(batch: Batch) -> None:
    start(batch)
    become(batch, DONE, DONE, REFUSED, REFUSED)
    become(batch, DONE, version=None)  # there was nothing to change

    assert start(batch, BatchAction.UNDO) == 1

    assert states(batch) == [LISTED, WAITING, LISTED, LISTED]
    assert rows(batch)[1].version == 2


def test_refused_orders_are_read_by_page_with_their_reasons(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PAGE", 2)
    start(batch)
    become(batch, REFUSED, DONE, REFUSED, REFUSED)

    first = running.refused(batch)
    last = running.refused(batch, first.next_after)

    assert [(row.position, row.reason, row.customer) for row in [*first.rows, *last.rows]] == [
        (place, "Nej.", "Åsa Öberg") for place in (1, 3, 4)
    ]
    assert (first.next_after, last.next_after) == (3, None)
    assert [row.state for row in running.page(batch).rows] == [REFUSED, DONE]


def test_a_click_takes_as_many_statements_for_any_number_of_orders(app: Flask) -> None:
    make_product("LJUS")

    def click(action: BatchAction) -> int:
        with executed() as statements, writing():
            running.start(selection.create(OrderFilter(), by=ANNA), action, {}, by=ANNA)
        return len(statements)

    make_order(("LJUS", 1))
    of_one = click(BatchAction.SHIP)
    for _ in range(9):
        make_order(("LJUS", 1))

    assert click(BatchAction.SHIP) == of_one
    assert of_one <= 12
