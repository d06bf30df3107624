"""The page of feedback drawn by Streamlit itself: for every role, for every reason why nothing opens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components import visitor
from components import words_annotation_work as said_tests
from components import words_annotations as said_annotations
from components import words_feedback as said
from services.identity import Identity, Role
from services.site import Site
from tests.pages.test_pages import in_use
from tests.rated import Rated
from tests.site import until
from tests.upstream import HTML_404, Refusal

FRAME = Path(__file__).parents[2] / "pages" / "frame.py"
ADA = Identity("ada", Role.CURATOR)
HOSTILE = "![x](http://evil/a.png) :material/home: <b>"


@dataclass
class World:
    dify: Rated
    site: Site
    identity: Identity = ADA

    def page(self, opened: str = "") -> AppTest:
        test = AppTest.from_file(FRAME, default_timeout=60)
        if opened:
            test.query_params["f"] = opened
        return drawn(test.switch_page("feedback.py").run())

    def read(self) -> None:
        app = self.site.apps[0]
        self.site.feedback.read_again(ADA, app)
        until(lambda: not self.site.feedback.standing(ADA, app).reading)

    def open(self, given: dict[str, Any]) -> AppTest:
        self.read()
        return self.page(given["id"])


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with Rated() as dify, in_use(dify) as site:
        made = World(dify, site)
        monkeypatch.setattr(visitor, "identity", lambda _: made.identity)
        yield made


def drawn(test: AppTest) -> AppTest:
    assert not test.exception
    return test


def words_of(test: AppTest) -> str:
    kinds = (test.error, test.warning, test.info, test.markdown, test.caption, test.title, test.text)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def headings(test: AppTest) -> list[str]:
    return [str(heading.value) for heading in test.subheader]


def press(test: AppTest, name: str) -> AppTest:
    return drawn(next(button for button in test.button if button.label == name).click().run())


def components(test: AppTest) -> dict[str, Any]:
    """The data of each component of the page, by its name."""
    elements = [element.proto for element in test.get("bidi_component")]
    return {proto.component_name: json.loads(proto.json)[0] for proto in elements}


def metrics(test: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in test.metric}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_below_curator_the_page_says_so_and_asks_nobody(world: World, role: Role) -> None:
    world.identity = replace(ADA, role=role)
    assert "curator" in words_of(world.page("some"))
    assert [path for _, path, _ in world.dify.requests if "feedback" in path or "user" in path] == []


def test_numbers_and_charts_of_a_period(world: World) -> None:
    world.dify.rate("like")
    world.dify.rate("dislike", "wrong")
    world.read()
    test = world.page()
    assert components(test)["list_feedback"]["app"] == "app"
    test = drawn(test.button_group(key="fb-period").set_value("").run())
    assert metrics(test) == {"Ratings": "2", "Like rate": "50%", "Dislikes": "1", "Open dislikes": "1"}
    assert not test.get("vega_lite_chart")
    test = drawn(test.toggle(key="fb-charts").set_value(True).run())
    assert len(test.get("vega_lite_chart")) == 2


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (Refusal(404, HTML_404), said.NOT_THERE),
        (Refusal.of(401, "unauthorized", "Access token is invalid"), said.FAILED),
        (Refusal.of(500, "internal_server_error", "Oh."), said.FAILED),
    ],
)
def test_a_reading_that_fails_says_why_and_keeps_what_it_read(
    world: World, refusal: Refusal, words: str
) -> None:
    world.dify.rate()
    world.read()
    world.dify.fail("app/feedbacks", refusal)
    world.read()
    test = world.page()
    assert words in words_of(test)
    assert test.button(key="fb-again")
    assert world.site.feedback.standing(ADA, world.site.apps[0]).known == 1
    world.dify.fail("app/feedbacks")
    press(test, said.READ_AGAIN)
    until(lambda: words not in words_of(test.run()))


def test_a_complaint_becomes_an_annotation_is_proved_and_handled(world: World) -> None:
    first = world.dify.answered("Where is it?", "In the attic.")
    world.dify.answered("Another?", "Yes.")
    test = world.open(first)
    assert "Where is it?" in words_of(test)
    assert said.CORRECT not in headings(test), "what stands there is the old answer"
    test = press(test, said.ANNOTATE)
    assert said.CORRECT in headings(test)
    answer = next(area for area in test.text_area if area.label == said_annotations.ANSWER)
    assert answer.value == "In the attic."
    answer.set_value("In the **cellar**.").run()
    assert components(drawn(test))["annotations_preview"]["text"] == "In the **cellar**."
    # The tab is closed and opened again: what was typed is there.
    test = world.page(first["id"])
    answer = next(area for area in test.text_area if area.label == said_annotations.ANSWER)
    assert answer.value == "In the **cellar**."
    world.dify.fail("annotations/create", Refusal.of(500, "internal_server_error", "Oh."))
    test = press(test, said_annotations.SAVE_NEW)
    answer = next(area for area in test.text_area if area.label == said_annotations.ANSWER)
    assert answer.value == "In the **cellar**."
    world.dify.fail("annotations/create")
    test = press(test, said_annotations.SAVE_NEW)
    assert world.dify.texts == [("Where is it?", "In the **cellar**.")]
    assert said.MADE in words_of(test)
    assert said.CORRECT in headings(test)
    assert said.REPLY_OFF in words_of(test)
    test = press(test, said_tests.TRY)
    assert world.dify.asked[-1].body["query"] == "Where is it?"
    assert said_tests.NOT_ANSWERED in words_of(test)
    test = press(test, said.HANDLE)
    assert "Handled. " in words_of(test)
    test = press(test, said.REOPEN)
    assert "Handled. " not in words_of(test)
    # It is saved, so nothing of it waits to be typed on; and another tab knows what was made of it.
    assert world.site.feedback.typed(ADA, world.site.apps[0], first["id"]) is None
    assert said.MADE in words_of(world.page(first["id"]))
    test = press(test, said_annotations.UNDO)
    assert world.dify.texts == []
    assert said.MADE not in words_of(test)


def test_given_up_is_given_up(world: World) -> None:
    given = world.dify.answered("q", "a")
    test = press(press(world.open(given), said.ANNOTATE), said_annotations.CANCEL)
    assert world.site.feedback.typed(ADA, world.site.apps[0], given["id"]) is None
    assert not [area for area in drawn(test).text_area if area.label == said_annotations.ANSWER]


def test_next_and_previous_and_back(world: World) -> None:
    ids = [world.dify.answered(f"q{n}", f"a{n}")["id"] for n in range(3)]
    world.read()
    test = world.page(ids[1])
    assert "q1" in words_of(test)
    assert "q0" in words_of(press(test, said.NEXT))
    assert test.button(key="fb-next").disabled
    assert "q1" in words_of(press(test, said.PREVIOUS))
    test = press(test, said.BACK)
    assert components(test)["list_feedback"]["at"] == ids[1]


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"from_source": "admin", "from_end_user_id": None}, "unnamed"),
        ({"from_end_user_id": "11111111-1111-4111-8111-111111111111"}, "stranger"),
        ({"message_id": "gone"}, "message"),
        ({"conversation_id": "gone"}, "deleted"),
    ],
)
def test_what_cannot_be_opened_says_why_and_can_be_annotated_still(
    world: World, known: dict[str, Any], why: str
) -> None:
    test = world.open(world.dify.answered("q", "a", **known))
    assert said.UNREACHED[why] in words_of(test)
    test = press(test, said.WRITE)
    question, answer, *_ = test.text_area
    question.set_value("A question")
    answer.set_value("An answer")
    press(drawn(test.run()), said_annotations.SAVE_NEW)
    assert world.dify.texts == [("A question", "An answer")]


def test_a_dify_that_fails_is_told_and_asked_again(world: World) -> None:
    given = world.dify.answered("q", "a")
    world.dify.fail("end-users", Refusal.of(500, "internal_server_error", "Oh."))
    test = world.open(given)
    assert len(test.error) == 1
    world.dify.fail("end-users")
    test.button(key="try-again").click().run()
    assert not drawn(test).error
    assert components(test)["transcript"]["find"] == given["message_id"]


def test_what_was_taken_back_says_so(world: World) -> None:
    assert said.GONE in words_of(world.page("not-there"))


def test_foreign_words_stay_words(world: World) -> None:
    person = world.dify.person("eve", name=HOSTILE)
    given = world.dify.answered(HOSTILE, HOSTILE, content=HOSTILE, from_end_user_id=person)
    test = world.open(given)
    drawn_as_markdown = "\n".join(str(e.value) for kind in (test.markdown, test.caption) for e in kind)
    assert "![x](" not in drawn_as_markdown
    assert HOSTILE in words_of(test)  # st.text knows no markdown
