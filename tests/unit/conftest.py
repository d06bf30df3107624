from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import services.postgres
import services.sqlite
from services.store import Store
from tests import postgres

# Time is not what these tests are about, and the machine may be busy.
settings.register_profile("console", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("console")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    if not (programs := postgres.programs()):
        pytest.skip("PostgreSQL is not installed")
    with postgres.running(programs) as server, pytest.MonkeyPatch.context() as patience:
        # A busy machine must not look like a server that is away.
        patience.setattr(services.postgres, "CONNECT_WAIT", 20)
        patience.setattr(services.postgres, "ANSWER_WAIT", 20.0)
        patience.setattr(services.postgres._Connection, "wait_for", 20.0)
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Store]]:
    """Opens a database of this test's own, at first empty; each time anew, as another process would."""
    monkeypatch.setattr(services.sqlite, "LOCK_WAIT", 20.0)
    stores: list[Store] = []
    url = request.getfixturevalue("postgresql").database() if request.param == "postgresql" else None

    def store() -> Store:
        stores.append(Store.on(url) if url else Store.at(tmp_path / "data" / "console.sqlite3"))
        return stores[-1]

    yield store
    for each in stores:
        each.close()


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    return opened()
