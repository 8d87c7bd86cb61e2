import pytest

from tests.backups.databases import WITH_PROGRAMS


@pytest.fixture(autouse=True)
def _with_programs_of_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", WITH_PROGRAMS)
