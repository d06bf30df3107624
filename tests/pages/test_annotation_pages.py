"""The annotations page drawn by Streamlit itself: for every role, and in front of a Dify that fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components import visitor
from components import words_annotation_health as health
from components import words_annotations as said
from components.annotations.desk import TASK, Task
from components.session.keys import KEPT
from services.annotations.book import Book
from services.identity import Identity, Role
from services.outcome import Rating
from services.rope import Rope
from services.site import Site
from services.store import Owned
from services.turn import Turn
from tests.annotated import Annotated
from tests.pages.test_pages import in_use
from tests.upstream import HTML_404, Refusal

FRAME = Path(__file__).parents[2] / "pages" / "frame.py"
ADA = Identity("ada", Role.CURATOR)


@dataclass
class World:
    dify: Annotated
    site: Site
    identity: Identity = ADA

    @property
    def book(self) -> Book:
        return self.site.annotations.of(self.site.apps[0]).book

    def page(self) -> AppTest:
        return AppTest.from_file(FRAME, default_timeout=60).switch_page("annotations.py").run()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with Annotated() as dify, in_use(dify) as site:
        made = World(dify, site)
        monkeypatch.setattr(visitor, "identity", lambda _: made.identity)
        yield made


def words_of(test: AppTest) -> str:
    kinds = (test.error, test.warning, test.info, test.markdown, test.caption, test.title)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def press(test: AppTest, name: str) -> AppTest:
    test = next(button for button in test.button if button.label == name).click().run()
    assert not test.exception
    return test


def turn_to(test: AppTest, section: str) -> AppTest:
    test = test.button_group(key="an-section").set_value(section).run()
    assert not test.exception
    return test


@pytest.mark.parametrize("section", list(said.SECTIONS))
def test_every_section_is_drawn_also_for_rows_of_nulls(world: World, section: str) -> None:
    world.dify.has(None, None, None)
    world.dify.kept[0]["created_at"] = None
    world.dify.has("q", "a")
    test = turn_to(world.page(), section)
    assert not test.error
    assert not test.warning


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_below_curator_the_page_says_so_and_asks_nobody(world: World, role: Role) -> None:
    world.identity = Identity("eve", role)
    test = world.page()
    assert not test.exception
    assert "needs the role curator" in words_of(test)
    assert world.dify.asked_for("GET") == 0


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal.of(401, "unauthorized", "Access token is invalid"),
        Refusal.of(403, "forbidden", "No."),
        Refusal(404, HTML_404),
        Refusal.of(500, "internal_server_error", "Oh."),
    ],
)
def test_a_list_that_cannot_be_read_says_why(world: World, refusal: Refusal) -> None:
    world.dify.fail("annotations/list", refusal)
    test = world.page()
    assert not test.exception
    assert len(test.error) == 1
    world.dify.fail("annotations/list")
    test.button(key="try-again").click().run()
    assert not test.error


@pytest.mark.parametrize(
    ("what", "title"), [("replace", said.REPLACE_TITLE.format(n=1)), ("history", said.HISTORY_TITLE)]
)
def test_the_way_back_to_the_list(world: World, what: str, title: str) -> None:
    name = world.dify.has("q", "a")
    test = world.page()
    slug = world.site.apps[0].slug
    test.session_state[KEPT] = {slug: {TASK: Task(what, (name,))}}
    test.run()
    assert not test.exception
    assert [each.value for each in test.subheader] == [title]
    test.button(key="an-back").click().run()
    assert not test.subheader
    assert test.button(key="an-new")


def test_an_old_list_is_shown_with_a_warning(world: World) -> None:
    world.dify.has("q", "a")
    test = world.page()
    world.dify.fail("annotations/list", Refusal.of(500, "internal_server_error", "Oh."))
    test = press(test, said.AGAIN)
    assert said.OLD_LIST in words_of(test)


def test_a_new_one_is_refused_in_words_and_then_added(world: World) -> None:
    test = press(world.page(), said.ADD)
    question, answer = test.text_area
    question.set_value("What?")
    test = press(test, said.SAVE_NEW)
    assert said.INVALID["answer", "empty"] in words_of(test)
    question, answer = test.text_area
    assert question.value == "What?"
    answer.set_value("a" * 10_001)
    test = press(test, said.SAVE_NEW)
    assert "10,000" in words_of(test)
    test.text_area[1].set_value("That.")
    test = press(test, said.SAVE_NEW)
    assert world.dify.texts == [("What?", "That.")]
    assert said.DONE["add"].format(n=1) in words_of(test)
    test = press(test, said.UNDO)
    assert world.dify.texts == []
    test = press(test, said.REDO)
    assert world.dify.texts == [("What?", "That.")]
    assert said.RESTORED in words_of(test)


def test_a_draft_is_dropped_and_wanted_again(world: World) -> None:
    test = press(world.page(), said.ADD)
    test.text_area[0].set_value("What?")
    test = turn_to(press(test, said.KEEP_DRAFT), "drafts")
    test = press(test, said.CHECK)
    assert said.INVALID["answer", "empty"] in words_of(test)
    test = press(test, said.DROP)
    assert said.NO_DRAFTS in words_of(test)
    test = press(test, said.UNDO)
    assert any(button.label == said.CHECK for button in test.button)
    assert world.dify.kept == []


def test_a_disliked_answer_becomes_an_annotation(world: World) -> None:
    store = world.site.store
    store.add(Owned("a-key-of-our-own", "app", "eve", "c1"))
    turn = replace(Turn.asked("What?", id="turn-1"), text=Rope("Nonsense."), message_id="m1")
    store.save("a-key-of-our-own", turn)
    store.rate("eve", "m1", Rating("dislike", "*wrong*"))
    test = turn_to(world.page(), "drafts")
    assert r"\*wrong\*" in words_of(test)
    test = press(test, said.WRITE_ONE)
    assert [area.value for area in test.text_area] == ["What?", "Nonsense."]
    test.text_area[1].set_value("That.")
    test = press(test, said.SAVE_NEW)
    assert world.dify.texts == [("What?", "That.")]
    assert all(button.label != said.WRITE_ONE for button in test.button)


def test_a_server_that_is_not_sure_leaves_the_text_and_says_so(world: World) -> None:
    world.dify.deaf = True
    test = press(world.page(), said.ADD)
    test.text_area[0].set_value("What?")
    test.text_area[1].set_value("That.")
    test = press(test, said.SAVE_NEW)
    assert said.NOT_SURE in words_of(test)
    assert [area.value for area in test.text_area] == ["What?", "That."]


def test_health_tells_similar_pairs_and_opens_one(world: World) -> None:
    world.dify.has("How do I cancel?", "So.", 3)
    world.dify.has("how do I cancel", "Or so.", 0)
    test = turn_to(world.page(), "health")
    assert {metric.label: metric.value for metric in test.metric} == {
        health.SHARE: "–",
        health.ANSWERS: "0",
        health.NEVER_HIT: "1",
        health.ALIKE: "1",
    }
    test = press(test, said.EDIT)
    assert [area.value for area in test.text_area] == ["how do I cancel", "Or so."]
