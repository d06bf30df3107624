"""The quick layers first; the browser last: Playwright keeps an event loop running in the main thread."""

from __future__ import annotations

from pathlib import Path

import pytest

LAYERS = ("unit", "pages", "contract", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[int, int]:
    """Of the browser's files the long ones first, or one would be left at the end, for one process alone."""
    layer = LAYERS.index(item.path.relative_to(Path(__file__).parent).parts[0])
    return layer, -item.path.stat().st_size if LAYERS[layer] == "browser" else 0
