"""The memory of a server stays where it is, however many requests it has answered."""

import sys

import pytest

from benchmarks import memory

MOST_GROWTH = 1.1

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize(("requests", "orders"), [(1_000, 300), pytest.param(50_000, 10_000, marks=pytest.mark.soak)])
def test_a_server_grows_by_a_tenth_at_most(requests: int, orders: int) -> None:
    readings = memory.measure(requests, orders=orders)

    print([f"{kilobytes / 1024:.1f} MB" for kilobytes in readings])
    assert readings[-1] <= MOST_GROWTH * readings[0], readings
