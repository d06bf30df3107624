"""The page of people and what stands on it about privacy, drawn by Streamlit itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import streamlit as st
from streamlit.testing.v1 import AppTest

from components import visitor, words_people, words_privacy
from services.audit import table as audit
from services.identity import Identity, Role
from services.people.table import Person
from tests.pages.test_pages import World, in_use, said
from tests.site import until
from tests.upstream import Refusal, Upstream, row

DAN, CAT = Identity("dan", Role.ADMIN, "Dan"), Identity("cat", Role.CURATOR, "Cat")
EVE = Identity("eve", Role.AGENT, "Eve")


class Who:
    """Whoever looks now: AppTest sends no cookies."""

    now = DAN


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(visitor, "identity", lambda _: Who.now)
    Who.now = DAN
    with Upstream() as dify, in_use(dify) as made:
        yield World(dify, made)


def person(world: World, user: str = "zoe", *, rated: bool = True) -> Person:
    ids = {"end_user_id": world.dify.end_user(user)} if rated else {}
    world.site.people.sightings.saw("app", user=user, how="feedback", **ids)
    (found,) = world.site.people.page(DAN, world.site.apps[0], user).rows
    return found


def press(test: AppTest, label: str) -> AppTest:
    (button,) = [each for each in test.button if each.label == label]
    return button.click().run()


def given(test: AppTest, component: str) -> dict[str, Any]:
    """The data of a component."""
    (data,) = [e.proto.json for e in test.get("bidi_component") if e.proto.component_name == component]
    (known,) = json.loads(data)
    return dict(known)


def trail(world: World) -> list[tuple[str, str]]:
    with world.site.store.database.begin() as connection:
        rows = connection.execute(sa.select(audit.c.action, audit.c.about).order_by(audit.c.id))
        return [(row.action, row.about) for row in rows]


def test_the_directory_says_who_can_be_in_it(world: World) -> None:
    test = world.page("people.py")
    assert not test.exception
    assert "Dify's API lists no end users" in said(test)
    assert given(test, "list_people")["app"] == "app"


@pytest.mark.parametrize("who", [EVE, Identity("vic", Role.VIEWER)])
def test_who_may_not_look_is_told_so_and_nothing_is_asked(world: World, who: Identity) -> None:
    known, Who.now = person(world), who
    for address in ({}, {"p": known.id}, {"p": known.id, "look": "c"}):
        test = world.page("people.py", **address)
        assert "needs the role curator" in said(test)
        assert not test.exception
    assert world.dify.requests == []
    assert trail(world) == []


def test_an_agent_to_whom_it_was_granted_may(world: World) -> None:
    world.site.looks.grant(DAN, "eve", "Eve")
    known, Who.now = person(world), EVE
    test = world.page("people.py", p=known.id)
    assert "zoe" in said(test)
    assert words_privacy.ERASE not in [each.label for each in test.expander]


def test_the_way_there_is_for_those_who_may_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: dict[str, str] = {}
    draw = st.navigation

    def noted(pages: list[Any], **looks: Any) -> Any:
        drawn.update({page.title: page.visibility for page in pages})
        return draw(pages, **looks)

    monkeypatch.setattr(st, "navigation", noted)
    Who.now = EVE
    world.page()
    assert drawn["People"] == "hidden"
    world.site.looks.grant(DAN, "eve", "Eve")
    world.page()
    assert drawn["People"] == "visible"


def test_the_card_tells_what_dify_says_and_lists_conversations(world: World) -> None:
    kept = world.dify.keep(row("q", "a"), user="zoe")
    kept.name = "About *everything*"
    known, Who.now = person(world), CAT
    test = world.page("people.py", p=known.id)
    assert not test.exception
    assert [code.value for code in test.code] == ["zoe", world.dify.end_user("zoe")]
    for told in ("service-api", "a rating", words_people.SESSION, "21 Nov 2026"):
        assert told in said(test).replace("\\", ""), told
    assert trail(world) == [("look.list", "zoe")]
    assert [each for each in test.button if each.key == f"look-{kept.id}"]
    asked = len(world.dify.requests)
    assert not test.run().exception
    assert len(world.dify.requests) - asked <= 2, "the card is not asked for again with each run"


def test_somebody_known_by_one_id_alone(world: World) -> None:
    test = world.page("people.py", p=person(world, "new", rated=False).id)
    assert words_people.NO_DIFY_ID in said(test)
    world.site.people.sightings.saw("app", end_user_id="00000000-0000-4000-8000-000000000000", how="feedback")
    (stranger,) = world.site.people.page(DAN, world.site.apps[0], "0000-4000").rows
    test = world.page("people.py", p=stranger.id)
    assert words_people.NO_USER in said(test)
    assert words_people.NO_END_USER in said(test)
    assert words_people.GONE in said(world.page("people.py", p="nobody"))


def test_a_conversation_is_read_and_nothing_can_be_done(world: World) -> None:
    kept = world.dify.keep(row("q", "a"), user="zoe")
    known, Who.now = person(world), CAT
    test = world.page("people.py", p=known.id, look=kept.id)
    assert not test.exception
    assert "was written down" in said(test)
    assert trail(world) == [("look.conversation", kept.id)]
    assert not test.chat_input
    data = given(test, "transcript")
    assert data["allow"]["rate"] is False
    assert data["allow"]["stop"] is False
    assert data["key"] not in {kept.id}
    gone = world.page("people.py", p=known.id, look="00000000-0000-4000-8000-000000000000")
    assert words_people.NOT_THERE in said(gone)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("zoe", words_people.NO_ID),
        ("00000000-0000-4000-8000-000000000000", words_people.NO_END_USER),
        ("11111111-1111-4111-8111-111111111111", "error"),
    ],
)
def test_a_look_up_that_finds_nobody(world: World, typed: str, told: str) -> None:
    if told == "error":
        world.dify.fail("end-users", Refusal.of(500, "unknown", "broken"))
    test = world.page("people.py")
    test.text_input(key="people-id").set_value(typed).run()
    test = press(test, words_people.LOOK_UP_GO)
    assert not test.exception
    assert test.error if told == "error" else told in said(test)


def test_a_look_up_leads_to_the_card(world: World) -> None:
    test = world.page("people.py")
    test.text_input(key="people-id").set_value(world.dify.end_user("zoe")).run()
    press(test, words_people.LOOK_UP_GO)
    (found,) = world.site.people.page(DAN, world.site.apps[0], "zoe").rows
    assert test.query_params.get("p") in (found.id, [found.id])


def test_retention_is_told(world: World) -> None:
    def privacy() -> AppTest:
        test = world.page("people.py")
        test.button_group[0].set_value("privacy").run()
        return test

    assert "RETENTION_DAYS is not set" in said(privacy())
    world.site.retention.days = 30
    assert words_privacy.NOT_YET in said(privacy())
    world.site.retention.sweep()
    assert "nothing was too old" in said(privacy())


def test_erasing_shows_what_there_is_and_what_came_of_it(world: World) -> None:
    for number in range(3):
        world.dify.keep(row(f"q {number}", "a"), user="zoe")
    world.site.store.prefer("zoe", "greeting", "hello")
    known = person(world)
    test = world.page("people.py", p=known.id)
    assert "- 1 settings" in said(test)
    test.checkbox(key="privacy-dify-zoe").check().run()
    world.dify.fail("delete", Refusal.of(403, "no_permission", "no"), Refusal(204))
    test = press(test, words_privacy.GO)
    assert not test.exception
    assert words_people.GONE in said(test)
    assert "Erased: 3 rows and files" in str([each.value for each in test.success])
    until(lambda: any(action == "person.erased_at_dify" for action, _ in trail(world)), "the end at Dify")
    test.run()
    assert "no_permission" in said(test)
    test = press(test, words_privacy.CLOSE)
    assert not test.success
    assert "zoe" not in str(trail(world))


def test_somebody_of_whom_nothing_is_kept(world: World) -> None:
    test = world.page("people.py")
    test.button_group[0].set_value("privacy").run()
    test.text_input(key="privacy-who").set_value("nobody").run()
    test = press(test, words_privacy.SHOW)
    assert words_privacy.NOTHING.format(name="nobody") in said(test)
    assert words_privacy.CANNOT in said(test)
