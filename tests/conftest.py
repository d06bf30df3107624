"""The quick layers first; the browser last: Playwright keeps an event loop running in the main thread."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from httpx._transports import default

LAYERS = ("unit", "pages", "contract", "browser")


@pytest.fixture(scope="session", autouse=True)
def _certificates_read_once() -> Iterator[None]:
    """A client reads all that the system trusts, for 30 ms, and thousands of clients are made here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(default, "create_ssl_context", cache(default.create_ssl_context))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[int, int]:
    """Of the browser's files the long ones first, or one would be left at the end, for one process alone."""
    layer = LAYERS.index(item.path.relative_to(Path(__file__).parent).parts[0])
    return layer, -item.path.stat().st_size if LAYERS[layer] == "browser" else 0
