"""What one person may take: counted over a sliding time, refused with how long to wait."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.limits import HOUR, MINUTE, Limits, Meter, TooMuch
from services.settings_error import SettingsError


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_question_too_many_waits_until_the_first_is_a_minute_old() -> None:
    clock = Clock()
    meter = Meter(Limits(sends=2), clock)
    meter.send("ada", 0)
    clock.now = 10.0
    meter.send("ada", 0)
    meter.send("ben", 0)
    with pytest.raises(TooMuch) as refused:
        meter.send("ada", 0)
    assert (refused.value.code, refused.value.retry_after) == ("limit_sends", MINUTE - 10.0)
    clock.now = MINUTE
    meter.send("ada", 0)  # a refused one was not counted
    with pytest.raises(TooMuch):
        meter.send("ada", 0)


def test_answers_at_once() -> None:
    meter = Meter(Limits(runs=2))
    meter.send("ada", 1)
    with pytest.raises(TooMuch) as refused:
        meter.send("ada", 2)
    assert (refused.value.code, refused.value.retry_after) == ("limit_runs", None)


def test_bytes_of_an_hour() -> None:
    clock = Clock()
    meter = Meter(Limits(uploads=100), clock)
    meter.upload("ada", 60)
    clock.now = 60.0
    meter.upload("ada", 40)
    with pytest.raises(TooMuch) as refused:
        meter.upload("ada", 70)
    assert refused.value.retry_after == HOUR
    clock.now = HOUR
    meter.upload("ada", 60)


def test_one_file_alone_is_for_the_rules_of_files_to_refuse() -> None:
    Meter(Limits(uploads=100)).upload("ada", 1_000)


def test_nothing_is_limited_by_0() -> None:
    meter = Meter(Limits(0, 0, 0))
    for _ in range(1_000):
        meter.send("ada", 1_000)
        meter.upload("ada", 10**9)


def test_many_threads_take_no_more_than_there_is() -> None:
    meter, let = Meter(Limits(sends=50)), []

    def ask() -> None:
        for _ in range(20):
            try:
                meter.send("ada", 0)
                let.append(1)
            except TooMuch:
                pass

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(let) == 50


def test_limits_are_settings() -> None:
    assert Limits.read({}) == Limits()
    told = {"LIMIT_SENDS": "5", "LIMIT_RUNS": " 0 ", "LIMIT_UPLOADS_MB": "2"}
    assert Limits.read(told) == Limits(5, 0, 2_000_000)
    for wrong in ("-1", "five", "1.5", "²"):
        with pytest.raises(SettingsError, match="LIMIT_RUNS"):
            Limits.read({"LIMIT_RUNS": wrong})


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 40)), max_size=60))
def test_whoever_waits_as_long_as_told_gets_through(steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    meter = Meter(Limits(uploads=100), clock)
    for pause, size in steps:
        clock.now += pause
        try:
            meter.upload("ada", size)
        except TooMuch as refused:
            assert refused.retry_after is not None
            assert 0 < refused.retry_after <= HOUR + 1
            clock.now += refused.retry_after
            meter.upload("ada", size)
