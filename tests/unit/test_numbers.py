"""The numbers: each question counted once, summed by the reader's days, followed when ratings change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from services.dify.parts import AnnotationReply, Usage
from services.identity import Denied, Identity, Role
from services.numbers.figures import Figures
from services.numbers.measure import measured, measures
from services.numbers.numbers import Numbers
from services.numbers.period import DAY, Period
from services.outcome import Failure, Rating, Timings
from services.rope import Rope
from services.store import Owned, Store
from services.turn import Turn

ADA = Identity("ada", Role.CURATOR)
NOON = 1_763_726_400.0  # Friday, 21 November 2025, 12:00 UTC
USED = Usage(10, 20, 30, total_price="0.0013415", currency="USD")
ENGINE = sa.create_engine("sqlite://")


def asked(
    store: Store,
    number: int,
    at: float = NOON,
    *,
    app: str = "app",
    user: str = "eve",
    place: int | None = None,
    **known: Any,
) -> Turn:
    place = number if place is None else place
    store.add(Owned(f"key-{app}-{user}-{place}", app, user, f"c-{app}-{user}-{place}"))
    fields: dict[str, Any] = {"state": "complete", "usage": USED, "timings": Timings(0.5, 2.0)}
    fields |= {"id": f"turn-{number}", "message_id": f"m{number}", "asked_at": at}
    turn = Turn.asked("q", **fields | known)
    store.save(f"key-{app}-{user}-{place}", turn)
    return turn


def over(first: date, last: date, zone: tzinfo = UTC) -> Period:
    return Period(first, last, zone)


FRIDAY = date(2025, 11, 21)
WEEK = over(date(2025, 11, 17), date(2025, 11, 23))


def test_everything_is_in_the_sums(store: Store) -> None:
    numbers = Numbers(store)
    asked(store, 0, place=0)
    asked(store, 1, place=0, annotation=AnnotationReply("a"), timings=Timings(1.5))
    asked(store, 2, state="stopped", usage=None, timings=Timings())
    asked(store, 3, state="failed", error=Failure("x"), usage=None, timings=Timings())
    asked(store, 4, NOON + DAY, user="ben", state="incomplete", usage=None, timings=Timings())
    asked(store, 5, NOON + DAY, app="other", usage=replace(USED, total_price="2", currency=" eur "))
    asked(store, 6, NOON - 30 * DAY)
    store.rate("eve", "m0", Rating("like"))
    store.rate("eve", "m1", Rating("dislike", "no"))
    store.rate("ben", "m1", Rating("like", "of somebody who was not asked"))
    report = numbers.report(ADA, WEEK, None)
    assert report.total == Figures(
        conversations=5,
        questions=6,
        answers=3,
        stopped=1,
        failed=2,
        annotated=1,
        likes=1,
        dislikes=1,
        prompt_tokens=30,
        completion_tokens=60,
        total_tokens=90,
        prices=report.total.prices,
        first_median=0.5,
        first_p95=1.4,
    )
    assert report.currencies == ["EUR", "USD"]
    assert (report.total.price("USD"), report.total.price("EUR")) == (Decimal("0.002683"), 2)
    assert (report.total.like_rate, report.total.annotated_share) == (0.5, 1 / 3)
    assert {day: each.questions for day, each in report.days.items() if each.questions} == {
        FRIDAY: 4,
        date(2025, 11, 22): 2,
    }
    assert len(report.days) == 7
    assert {slug: each.questions for slug, each in report.apps.items()} == {"app": 5, "other": 1}
    people = numbers.people(ADA, WEEK, None)
    assert {user: (each.questions, each.likes) for user, each in people.items()} == {
        "eve": (5, 1),
        "ben": (1, 0),
    }
    assert list(people) == ["eve", "ben"]
    assert numbers.report(ADA, WEEK, ["other"]).total.questions == 1
    assert numbers.report(ADA, WEEK, []).total == Figures()
    assert numbers.since(ADA, None) == NOON - 30 * DAY
    assert numbers.since(ADA, ["unheard of"]) is None


def test_the_share_of_likes_follows_ratings_that_change(store: Store) -> None:
    numbers = Numbers(store)
    asked(store, 0)
    rates: list[float | None] = []
    for rating in (None, Rating("like"), Rating("dislike"), None):
        store.rate("eve", "m0", rating)
        rates.append(numbers.report(ADA, WEEK, None).total.like_rate)
    assert rates == [None, 1.0, 0.0, None]


def test_what_becomes_known_later_is_counted_as_it_then_is(store: Store) -> None:
    numbers = Numbers(store)
    turn = asked(store, 0, state="stopped", usage=None)
    store.save("key-app-eve-0", replace(turn, usage=USED))
    total = numbers.report(ADA, WEEK, None).total
    assert (total.questions, total.stopped, total.total_tokens) == (1, 1, 30)


def test_an_answer_on_its_way_is_not_counted(store: Store) -> None:
    numbers = Numbers(store)
    turn = asked(store, 0, state="streaming", usage=None)
    assert numbers.report(ADA, WEEK, None).total.questions == 0
    assert numbers.counting.catch_up() == ""
    store.save("key-app-eve-0", replace(turn, state="complete"))
    assert numbers.report(ADA, WEEK, None).total.questions == 1


class Killed(BaseException):
    """As by kill -9: nothing of ours runs any more."""


def test_a_kill_while_earlier_questions_are_counted_counts_nothing_twice(
    opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = opened()  # nobody counts here, as before the migration
    for number in range(30):
        asked(before, number)
    before.close()
    monkeypatch.setattr("services.numbers.counting.BATCH", 10)
    deaths, survived = 0, 0
    for life in range(24):
        store = opened()
        numbers, beats = Numbers(store), 0

        def die(*_: object, beats_left: int = life % 6) -> None:
            nonlocal beats
            beats += 1
            if beats > beats_left:
                raise Killed

        def arm(connection: sa.Connection) -> None:
            sa.event.listen(connection, "before_cursor_execute", die)
            sa.event.listen(connection, "commit", die)

        engine = store.database._engine
        store.ready()
        sa.event.listen(engine, "engine_connect", arm)
        try:
            numbers.counting.run(threading.Event())
            survived += 1
        except Killed:
            deaths += 1
        store.close()
    assert deaths and survived
    store = opened()
    asked(store, 30)
    numbers = Numbers(store)
    asked(store, 31)
    numbers.counting.run(threading.Event())
    numbers.counting.run(threading.Event())
    assert numbers.report(ADA, WEEK, None).total.questions == 32


@pytest.mark.parametrize(
    ("turn", "row"),
    [
        ({}, {"total_tokens": None, "price": None, "currency": "", "first_ms": None, "at": 7}),
        ({"asked_at": -5.0, "timings": Timings(-1.0)}, {"at": 7, "first_ms": None}),
        ({"asked_at": float("nan"), "timings": Timings(float("inf"))}, {"at": 7, "first_ms": None}),
        ({"usage": Usage(3, 4)}, {"prompt_tokens": 3, "total_tokens": 7}),
        ({"usage": Usage(-3, total_tokens=10**12)}, {"prompt_tokens": None, "total_tokens": None}),
        ({"usage": Usage(total_price=" 0.5 ", currency="usd")}, {"price": 500_000_000, "currency": "USD"}),
        ({"usage": Usage(total_price="0", currency="USD")}, {"price": 0, "currency": "USD"}),
        ({"usage": Usage(total_price="1e-3")}, {"price": 1_000_000, "currency": ""}),
        ({"usage": Usage(total_price="NaN", currency="USD")}, {"price": None, "currency": ""}),
        ({"usage": Usage(total_price="-1", currency="USD")}, {"price": None}),
        ({"usage": Usage(total_price="free", currency="USD")}, {"price": None}),
        ({"usage": Usage(total_price="1e40", currency="USD")}, {"price": None}),
        ({"whole": True, "timings": Timings(3.0, 3.0)}, {"first_ms": None}),
    ],
)
def test_odd_data_is_left_out_and_the_rest_counted(turn: dict[str, Any], row: dict[str, Any]) -> None:
    found = measured(Turn.asked("q", id="t", state="complete", **turn), 7.0)
    assert {name: found[name] for name in row} == row


@given(st.text(max_size=12), st.floats(), st.floats(), st.integers())
def test_no_data_is_too_odd(price: str, asked_at: float, first: float, tokens: int) -> None:
    usage = Usage(tokens, total_price=price, currency=price)
    found = measured(
        Turn.asked("q", id="t", state="complete", usage=usage, asked_at=asked_at, timings=Timings(first)), 7.0
    )
    assert all(found[name] is None or found[name] >= 0 for name in ("price", "first_ms", "prompt_tokens"))
    assert len(found["currency"]) <= 8


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2025, 10, 26), 25),
        ("Europe/Berlin", date(2025, 3, 30), 23),
        ("Australia/Lord_Howe", date(2025, 4, 6), 24.5),
        ("Asia/Kathmandu", date(2025, 4, 6), 24),
        ("Africa/Cairo", date(2025, 4, 25), 23),  # at midnight, which is left out
    ],
)
def test_days_are_the_readers_when_clocks_change(store: Store, zone: str, day: date, hours: float) -> None:
    numbers, here = Numbers(store), ZoneInfo(zone)
    period = over(date.fromordinal(day.toordinal() - 3), date.fromordinal(day.toordinal() + 3), here)
    start = over(day, day, here).since
    every = int(hours * 4)
    row = measured(Turn.asked("q", state="complete"), 0.0)
    row |= {"place": "", "app": "app", "user": "eve"}
    with store.database.begin() as connection:  # a question each quarter of an hour
        rows = [row | {"turn_id": str(n), "at": start + n * 900} for n in range(-1, every + 1)]
        connection.execute(sa.insert(measures), rows)
    counts = {each: figures.questions for each, figures in numbers.report(ADA, period, None).days.items()}
    before, after = (date.fromordinal(day.toordinal() + way) for way in (-1, 1))
    assert (counts[before], counts[day], counts[after]) == (1, every, 1)
    assert numbers.report(ADA, over(day, day, here), None).total.questions == every


@given(
    st.integers(1_000_000_000, 2_000_000_000),
    st.integers(1, 400),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Africa/Casablanca", "Pacific/Apia", "UTC"]),
)
def test_every_moment_is_in_the_day_that_its_clock_shows(now: int, days: int, zone: str) -> None:
    here = ZoneInfo(zone)
    period = Period.of_days(days, here, now)
    assert period.since <= now < period.until
    assert len(list(period.days)) == days
    with ENGINE.connect() as connection:
        for at in (now, period.since, period.until - 1):
            number = connection.execute(sa.select(period.day_of(sa.literal(at)))).scalar_one()
            assert Period.date_of(number) == datetime.fromtimestamp(at, here).date()


def test_each_question_is_read_in_pages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.numbers.numbers.PAGE", 3)
    numbers = Numbers(store)
    for number in range(10):
        asked(store, number, NOON + number // 4)
    store.rate("eve", "m3", Rating("like"))
    rows = list(numbers.questions(ADA, WEEK, ["app"]))
    assert [row["turn_id"] for row in rows] == [f"turn-{number}" for number in range(10)]
    assert [row["rating"] for row in rows if row["rating"]] == ["like"]


def test_a_deleted_conversation_stays_counted(store: Store) -> None:
    numbers = Numbers(store)
    asked(store, 0)
    with store.database.begin() as connection:
        connection.execute(sa.text("DELETE FROM turns"))
    assert numbers.report(ADA, WEEK, None).total.total_tokens == 30
    columns = set(measures.c.keys())
    assert not columns & {"query", "answer", "conversation_id"}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_numbers_are_for_curators(store: Store, role: Role) -> None:
    numbers, nobody = Numbers(store), Identity("eve", role)
    for read in (numbers.report, numbers.people, numbers.questions):
        with pytest.raises(Denied):
            read(nobody, WEEK, None)
    with pytest.raises(Denied):
        numbers.since(nobody, None)


def test_text_of_an_answer_is_not_looked_at(store: Store) -> None:
    """Nothing of what was said is in the row, however it is looked at."""
    Numbers(store)
    asked(store, 0, text=Rope("an answer with secrets"))
    with store.database.begin() as connection:
        row = connection.execute(sa.select(measures)).one()
    assert "secret" not in repr(row)
