"""Which views are above a user's list, in which sequence, and who can put them there."""

import pytest
from flask import Flask

from tests.factories import make_user
from webshop_orders.db.extensions import db
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import SavedView, User
from webshop_orders.operations.order_list import overview, pinned_views, saved_views
from webshop_orders.operations.order_list.pinned_views import MAX_PINNED
from webshop_orders.transactions.unit_of_work import writing


@pytest.fixture
def anna(app: Flask) -> User:
    return make_user("anna@example.com", name="Anna Lind")


@pytest.fixture
def bo(app: Flask) -> User:
    return make_user("bo@example.com", name="Bo Ek")


def make_view(user: User, name: str, *, shared: bool = False) -> int:
    with writing():
        view = SavedView(user_id=user.id, name=name, shared=shared, query=f"q={name}")
        db.session.add(view)
    return view.id


def pin(user: User, *view_ids: int) -> None:
    for view_id in view_ids:
        with writing():
            pinned_views.pin(view_id, by=user)


def pinned(user: User) -> list[str]:
    return [view.name for view in overview.read(user).pinned_views]


@pytest.mark.parametrize("change", [pinned_views.pin, pinned_views.unpin])
def test_only_a_view_that_the_user_sees_can_be_pinned(anna: User, bo: User, change: object) -> None:
    private = make_view(bo, "Bos")
    for view_id in (private, 999):
        with pytest.raises(NotFound), writing():
            change(view_id, by=anna)  # type: ignore[operator]
        with pytest.raises(NotFound), writing():
            pinned_views.move(view_id, earlier=True, by=anna)
    assert pinned(anna) == pinned(bo) == []


def test_no_more_are_pinned_than_there_is_room_for(anna: User) -> None:
    views = [make_view(anna, f"Vy {number}") for number in range(MAX_PINNED + 1)]
    pin(anna, *views[:-1])
    with pytest.raises(RuleViolation, match=f"fäst {MAX_PINNED} vyer"), writing():
        pinned_views.pin(views[-1], by=anna)
    pin(anna, views[0])  # it is pinned already
    assert len(pinned(anna)) == MAX_PINNED
    with writing():
        pinned_views.unpin(views[3], by=anna)
    pin(anna, views[-1])
    assert pinned(anna)[-1] == f"Vy {MAX_PINNED}"


def test_each_user_has_their_own_pins_of_shared_views(anna: User, bo: User) -> None:
    mine, shared = make_view(anna, "Min"), make_view(bo, "Allas", shared=True)
    pin(anna, shared, mine)
    assert (pinned(anna), pinned(bo)) == (["Allas", "Min"], [])
    with writing():
        pinned_views.move(mine, earlier=True, by=anna)
    pin(bo, shared)
    assert (pinned(anna), pinned(bo)) == (["Min", "Allas"], ["Allas"])


def test_pinned_views_change_places_and_stay_at_the_ends(anna: User) -> None:
    first, second, third = (make_view(anna, name) for name in "CAB")
    pin(anna, first, second, third)
    for view_id, earlier, expected in (
        (third, True, "CBA"),
        (third, True, "BCA"),
        (third, True, "BCA"),
        (first, False, "BAC"),
        (first, False, "BAC"),
    ):
        with writing():
            pinned_views.move(view_id, earlier=earlier, by=anna)
        assert "".join(pinned(anna)) == expected


def test_moving_what_is_not_pinned_changes_nothing(anna: User) -> None:
    first, second = make_view(anna, "A"), make_view(anna, "B")
    pin(anna, first)
    with writing():
        pinned_views.move(second, earlier=True, by=anna)
        pinned_views.unpin(second, by=anna)
    assert pinned(anna) == ["A"]


def test_a_view_that_is_removed_or_no_longer_shared_is_pinned_nowhere(anna: User, bo: User) -> None:
    removed, private, kept = (make_view(bo, name, shared=True) for name in ("Bort", "Privat", "Kvar"))
    pin(anna, removed, private, kept)
    pin(bo, removed, private)
    with writing():
        saved_views.remove(removed, by=bo)
        saved_views.change(private, "Privat", shared=False, by=bo)
    assert (pinned(anna), pinned(bo)) == (["Kvar"], ["Privat"])
    with writing():
        pinned_views.move(kept, earlier=True, by=anna)  # among those that are seen
    with writing():
        saved_views.change(private, "Privat", shared=True, by=bo)
    assert set(pinned(anna)) == {"Kvar", "Privat"}
