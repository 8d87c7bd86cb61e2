"""Large JSON read value by value: the same values as all at once, however the text is cut into chunks."""

import io
import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import on_sqlite
from webshop_orders.connectors.files import json_stream
from webshop_orders.connectors.files.json_stream import JsonStream
from webshop_orders.errors import MalformedInput

pytestmark = on_sqlite

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.text(max_size=30)
    | st.sampled_from([0.25, -1e300, 1e-7])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values=st.lists(VALUES, max_size=8), size=st.integers(1, 40), indent=st.sampled_from([None, 1]))
def test_the_elements_of_an_array_are_those_of_the_whole(
    app: Flask, values: list[Any], size: int, indent: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "CHUNK_CHARACTERS", size)
        stream = JsonStream(io.StringIO(json.dumps(values, indent=indent)))
        assert list(stream.items()) == values
        assert stream.peek() == ""


@pytest.mark.parametrize("text", ["[1, 2", "[1 2]", '["a', "[tru]", "[1,]", "{", "[NaN]", '[{"a": 1, "a": 2}]'])
def test_a_malformed_array_is_refused(app: Flask, text: str) -> None:
    with pytest.raises(MalformedInput):
        list(JsonStream(io.StringIO(text)).items())


def test_the_place_of_an_error_is_counted_from_the_start_of_the_file(app: Flask) -> None:
    stream = JsonStream(io.StringIO("[" + "1, " * 100_000 + "x]"))
    with pytest.raises(MalformedInput, match="300002"):
        list(stream.items())
