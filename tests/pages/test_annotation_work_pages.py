"""The sections for many annotations at once, drawn by Streamlit itself: every end of a job, no database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import pytest
import sqlalchemy as sa

from components import words_annotation_work as said
from services.annotations.reply import PATIENCE, Switch, annotation_reply_jobs
from services.database import StoreError
from tests.pages.test_annotation_pages import World, press, turn_to, words_of, world

__all__ = ["world"]


def has(world: World, status: str, age: float = 0.0, job_id: str = "j", error: str = "") -> None:
    at = time.time() - age
    switch = Switch("s", "app", "ada", "enable", 0.9, "openai", "m", job_id, status, error, at)
    with world.site.store.database.begin() as connection:
        connection.execute(sa.insert(annotation_reply_jobs).values(asdict(switch)))


@pytest.mark.parametrize(
    ("status", "age", "words"),
    [
        ("waiting", PATIENCE + 1, "Nothing came of it for 30 s."),
        ("completed", 0, "Switched on."),
        ("error", 0, "It could not be switched on."),
        ("forgotten", 0, "The app knows this job no longer"),
        ("asked", 0, "Whether the app has heard of it is not known"),
        ("paused", 0, "The app says of the job: paused."),
    ],
)
def test_every_end_of_a_job_is_told(world: World, status: str, age: float, words: str) -> None:
    has(world, status, age, "" if status == "asked" else "j", "Provider *x* does not exist.")
    test = turn_to(world.page(), "reply")
    shown = words_of(test) + "\n".join(str(each.value) for each in test.success)
    assert words in shown
    assert not test.button(key="re-enable").disabled
    assert not test.button(key="re-disable").disabled
    offers = [each.label for each in test.button if each.label == said.LOOK_AGAIN]
    assert len(offers) == (status == "waiting")


def test_a_switch_that_the_server_refuses_is_told_with_its_words(world: World) -> None:
    has(world, "completed")
    test = turn_to(world.page(), "reply")
    test = press(test, said.SET_ANEW)  # the scripted server has no such endpoint
    assert "The app refused to switch it on." in words_of(test)


@pytest.mark.parametrize("section", ["import", "reply", "tests"])
def test_without_a_database_the_page_says_so(
    world: World, section: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def down() -> Iterator[sa.Connection]:
        raise StoreError("down")
        yield

    test = world.page()
    monkeypatch.setattr(world.site.store.database, "begin", down)
    test = turn_to(test, section)
    assert [each.value for each in test.warning]
