"""The shapes of charts."""

from webshop_orders.web.inbox import charts


def test_a_column_is_as_high_as_its_share_of_the_largest() -> None:
    assert [column.height for column in charts.columns([0, 5, 10, 1_000_000_000])] == [0, 2.0, 2.0, 100.0]
    assert charts.columns([]) == []
    assert charts.shares([0, -1]) == [0, 0]
