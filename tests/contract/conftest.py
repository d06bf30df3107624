"""Fixtures: the embedded backend, one for the session or one of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from tests.contract.processes import Embedded, running


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with running(tmp_path_factory.mktemp("embedded")) as server:
        yield server


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., AbstractContextManager[Embedded]]:
    """Starts a backend of the test's own; every one of a test has the same data."""
    return lambda *arguments, **options: running(tmp_path / "data", *arguments, **options)


@pytest.fixture(scope="session")
def client(embedded: Embedded) -> Iterator[httpx.Client]:
    with embedded.client() as opened:
        yield opened
