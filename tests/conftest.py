"""The quick layers first; the browser last: Playwright keeps an event loop running in the main thread."""

from __future__ import annotations

from pathlib import Path

import pytest

LAYERS = ("unit", "pages", "contract", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_layer)


def _layer(item: pytest.Item) -> int:
    return LAYERS.index(item.path.relative_to(Path(__file__).parent).parts[0])
