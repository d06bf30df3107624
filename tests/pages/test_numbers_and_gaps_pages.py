"""The numbers and the gaps pages drawn by Streamlit itself: every role, every state, and no database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from components import words_account
from components import words_gaps as gaps
from components import words_numbers as numbers
from services.database import StoreError
from services.dify.parts import Usage
from services.identity import Identity, Role
from services.outcome import Failure, Rating, Timings
from services.rope import Rope
from services.store import Owned
from services.turn import Turn
from tests.pages.test_annotation_pages import ADA, FRAME, World, press, words_of, world
from tests.upstream import Refusal

__all__ = ["world"]
PAGES = ("numbers.py", "gaps.py")


def page(name: str) -> AppTest:
    test = AppTest.from_file(FRAME, default_timeout=60).switch_page(name).run()
    assert not test.exception
    return test


def asked(world: World, number: int, question: str = "What?", **known: Any) -> None:
    store = world.site.store
    store.add(Owned(f"key-{number}", "app", "eve", f"c{number}"))
    turn = Turn.asked(question, id=f"turn-{number}", message_id=f"m{number}", asked_at=time.time() - 60)
    fields: dict[str, Any] = {"state": "complete", "text": Rope("An answer."), **known}
    store.save(f"key-{number}", replace(turn, **fields))


def metrics(test: AppTest) -> dict[str, str]:
    return {metric.label: str(metric.value) for metric in test.metric}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_below_curator_a_page_says_so_and_asks_nobody(world: World, name: str, role: Role) -> None:
    world.identity = Identity("eve", role)
    asked(world, 0)
    before = len(world.dify.requests)
    needs = words_account.NEEDS.partition("{mine}")[0].format(role=words_account.NAMES[Role.CURATOR])
    assert needs in words_of(page(name))
    assert not any("annotations" in path for _, path, _ in world.dify.requests[before:])


@pytest.mark.parametrize("name", PAGES)
def test_without_a_database_a_page_says_so(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def down() -> Iterator[sa.Connection]:
        raise StoreError("down")
        yield

    monkeypatch.setattr(world.site.store.database, "begin", down)
    assert numbers.UNREADABLE in words_of(page(name))


def test_numbers_begin_with_a_question(world: World) -> None:
    test = page("numbers.py")
    assert numbers.NONE_YET in words_of(test)
    assert [button.label for button in test.button if button.key == "nu-ask"] == [numbers.ASK]
    asked(world, 0, asked_at=time.time() - 60 * 86_400)
    test = page("numbers.py")
    assert numbers.NONE_THEN in words_of(test)
    test = press(test, numbers.LONGER)
    assert metrics(test)[numbers.QUESTIONS] == "1"


def test_numbers_are_drawn_whatever_was_measured(world: World) -> None:
    asked(
        world, 0, usage=Usage(10, 20, 12_345, total_price="0.0013415", currency="USD"), timings=Timings(0.5)
    )
    asked(world, 1, usage=Usage(total_price="2.5", currency="=*EUR*"))
    asked(world, 2, state="failed", error=Failure("x"))
    asked(world, 3, state="stopped", timings=Timings(-3.0))
    world.site.store.rate("eve", "m0", Rating("dislike"))
    test = page("numbers.py")
    assert metrics(test) == {
        numbers.CONVERSATIONS: "4",
        numbers.QUESTIONS: "4",
        numbers.ANSWERS: "2",
        numbers.ERRORS: "1",
        numbers.STOPS: "1",
        numbers.LIKES: "0%",
        numbers.ANNOTATED: "0%",
        numbers.FIRST: "0.5 s",
        numbers.FIRST_P95: "0.5 s",
        numbers.TOKENS: "12.3 k",
        "Price, =*\ufeffEUR*\ufeff": "2.50",
        "Price, USD": "0.0013",
    }
    for chart in numbers.CHARTS:
        test = test.button_group(key="nu-chart").set_value(chart).run()
        assert not test.exception
    for kind, first in (("day", None), ("app", "App"), ("person", "Person eve")):
        test = test.button_group(key="nu-kind").set_value(kind).run()
        assert not test.exception
        table = test.dataframe[0].value
        assert table[numbers.QUESTIONS].sum() == 4
        assert first is None or table[numbers.NAMES[kind]].tolist() == [first]


def test_numbers_of_a_site_whose_app_is_away(world: World) -> None:
    """What went through this site is known here."""
    asked(world, 0)
    for name in ("info", "parameters", "site", "meta"):
        world.dify.fail(name, Refusal.of(500, "internal_server_error", "Oh."))
    assert metrics(page("numbers.py"))[numbers.QUESTIONS] == "1"


def test_a_gap_is_covered_by_one_annotation(world: World) -> None:
    for number, question in enumerate(("How do I reset my password?", "reset *password*", "reset password")):
        asked(world, number, question, state="failed", error=Failure("x"))
    asked(world, 5, "Who are you?")
    world.site.store.rate("eve", "m5", Rating("dislike", "*wrong*"))
    test = page("gaps.py")
    assert r"reset \*password\*" in words_of(test)
    assert gaps.INTRO.format(way=gaps.WAYS["letters"]) in words_of(test)
    assert r"“\*wrong\*”" in words_of(test)
    test = press(test, gaps.WRITE)
    question, answer = test.text_area
    assert question.value.lower().startswith(("reset", "how do i reset"))
    answer.set_value("Click on Forgot.")
    test = press(test, "Add")
    ((text, _),) = world.dify.texts
    assert "Covered: " in words_of(test)
    cases = world.site.annotation_work.cases.all(ADA, world.site.apps[0])
    assert {case.expected_question for case in cases} == {text}
    assert len(cases) == 2  # those that differ in signs alone are one phrasing
    test = test.button_group(key="ga-show").set_value("covered").run()
    assert [badge for badge in test.markdown if gaps.STANDINGS["covered"] in str(badge.value)]
    test = press(test, gaps.BRING_BACK)
    assert gaps.NONE["covered"] in words_of(test)
    test = press(test, gaps.TO_OPEN)
    assert "An annotation asks nearly the same" in words_of(test)
    test = press(test, gaps.ALIKE_COVERS)
    assert "Covered: " in words_of(test)


def test_a_gap_is_dismissed_and_wanted_again(world: World) -> None:
    asked(world, 0, "reset password", state="incomplete", text=Rope(""))
    test = press(page("gaps.py"), gaps.DISMISS)
    assert gaps.NONE["open"] in words_of(test)
    test = press(test, gaps.UNDO)
    assert gaps.WHYS["incomplete"].format(n=1) in words_of(test)


def test_a_chosen_phrasing_is_kept_as_a_draft(world: World) -> None:
    for number, question in enumerate(("reset password", "reset password", "How do I reset my password?")):
        asked(world, number, question, state="failed", error=Failure("x"))
    test = page("gaps.py")
    chosen = [button for button in test.button if button.label == gaps.WRITE_THIS]
    test = chosen[1].click().run()
    assert test.text_area[0].value == "How do I reset my password?"
    test = press(test, "Keep as draft")
    assert "A draft is kept for: " in words_of(test)
    drafts = world.site.annotations.of(world.site.apps[0]).drafts
    (draft,) = drafts.open(ADA)
    drafts.keep(ADA, draft.question, "Click.", draft_id=draft.id)
    drafts.check(ADA, draft.id)
    drafts.publish(ADA, draft.id)
    page("gaps.py")
    assert len(world.site.annotation_work.cases.all(ADA, world.site.apps[0])) == 2


def test_other_phrases_tell_who_does_not_know(world: World) -> None:
    asked(world, 0, "What is it?", text=Rope("Pas la moindre idée."))
    test = page("gaps.py")
    assert gaps.NONE["open"] in words_of(test)
    test.text_area[0].set_value("moindre idee")
    test = press(test, gaps.PHRASES_SAVE)
    assert gaps.WHYS["unknown"].format(n=1) in words_of(test)


def test_a_gap_that_an_annotation_of_the_same_question_may_answer_is_told(world: World) -> None:
    world.dify.has("How do I reset my password", "Click.")
    asked(world, 0, "How do I reset my password?", state="failed", error=Failure("x"))
    world.site.annotations.of(world.site.apps[0]).book.rows(ADA)
    test = page("gaps.py")
    test = press(test, gaps.EDIT_ALIKE)
    assert [area.value for area in test.text_area] == ["How do I reset my password", "Click."]
    test.text_area[1].set_value("Click twice.")
    test = press(test, "Save")
    assert world.dify.texts == [("How do I reset my password", "Click twice.")]
    assert "Covered: " in words_of(test)


def test_a_suggestion_is_dismissed_and_wanted_again(world: World) -> None:
    asked(world, 0)
    world.site.store.rate("eve", "m0", Rating("dislike"))
    test = page("annotations.py").button_group(key="an-section").set_value("drafts").run()
    test = press(test, "Dismiss")
    assert not [button for button in test.button if button.key == "an-suggest-m0"]
    test = press(test, "Undo")
    assert [button for button in test.button if button.key == "an-suggest-m0"]
