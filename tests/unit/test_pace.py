"""Turns are shared among those who take them."""

from __future__ import annotations

from services.pace import COUNTED, LATELY, Pace


def pauses(pace: Pace, people: int, now: float) -> set[float]:
    """Of everybody, once a count has been made."""
    for who in range(people):
        pace.pause(who, now)
    now += COUNTED * 1.01
    return {pace.pause(who, now) for who in range(people)}


def test_one_alone_goes_as_fast_as_allowed() -> None:
    assert pauses(Pace(0.01, 100), 1, 0.0) == {0.01}


def test_many_share() -> None:
    assert pauses(Pace(0.01, 100), 20, 0.0) == {0.2}


def test_whoever_stopped_takes_no_share() -> None:
    pace = Pace(0.01, 100)
    pauses(pace, 20, 0.0)
    assert pauses(pace, 1, 2 * LATELY) == {0.01}


def test_whoever_left_takes_no_share() -> None:
    pace = Pace(0.01, 100)
    pauses(pace, 20, 0.0)
    for who in range(1, 20):
        pace.leave(who)
    assert pace.pause(0, 3 * COUNTED) == 0.01
