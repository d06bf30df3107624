"""What a browser says of itself is a claim like any other."""

from __future__ import annotations

from datetime import UTC
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from components import visitor


@pytest.mark.parametrize(
    "claim", ["", "Europe", "A" * 5_000, "../../etc/passwd", "\0", "No/Where", "zone.tab"]
)
def test_a_time_zone_that_is_none(monkeypatch: pytest.MonkeyPatch, claim: str) -> None:
    monkeypatch.setattr(visitor.st, "context", SimpleNamespace(timezone=claim))
    assert str(visitor.zone()) == str(UTC)


def test_a_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor.st, "context", SimpleNamespace(timezone="Europe/Berlin"))
    assert visitor.zone() == ZoneInfo("Europe/Berlin")
