"""Saved views and ready prompts: whose they are, and prompts with odd gaps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.identity import Denied, Identity, Role
from services.store import Store
from services.work.case import Filters, Meanwhile
from services.work.filling import filled, variables
from services.work.prompts import NoSuchPrompt
from services.work.views import NoSuchView
from services.work.work import Work
from tests.unit import archived
from tests.upstream import Upstream

CURATOR = Identity("cleo", Role.CURATOR)
AGENT = Identity("ada", Role.AGENT)
OTHER = Identity("otto", Role.AGENT)


@pytest.fixture
def work(store: Store) -> Iterator[Work]:
    with Upstream() as dify, archived.world_over(dify, store) as made:
        yield made.site.work


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Dear {{name}}, your {{ order no }} of {{name}}", ("name", "order no")),
        ("nothing", ()),
        ("{{}} {{ }} {{\n}} {name} { {name} }", ()),
        ("{{{inner}}}", ("inner",)),
        ("{{outer {{inner}} }}", ("inner",)),
        ("{{a}}{{b}}", ("a", "b")),
        ("{{unclosed", ()),
        ("{{über größe}} {{日本}}", ("über größe", "日本")),
        ("{{a\nb}}", ()),
    ],
)
def test_gaps(text: str, names: tuple[str, ...]) -> None:
    assert variables(text) == names
    assert filled(text, {}) == text  # what nobody filled stays to be seen
    assert not set(variables(filled(text, dict.fromkeys(names, "x")))) & set(names)


def test_a_value_is_text_whatever_stands_in_it() -> None:
    assert filled("{{a}} {{b}}", {"a": "{{b}}", "b": r"\1 \g<0>"}) == r"{{b}} \1 \g<0>"
    assert filled("{{{a}}}", {"a": ""}) == "{}"
    assert filled("{{" * 50_000 + "}}" * 50_000, {}) == "{{" * 50_000 + "}}" * 50_000


def test_prompts_are_ones_own_or_everybodys(work: Work) -> None:
    prompts = work.prompts
    own = prompts.make(AGENT, "app", " Greeting\n ", "Dear {{name}}", shared=False)
    assert (own.title, own.variables) == ("Greeting", ("name",))
    with pytest.raises(Denied):
        prompts.make(AGENT, "app", "x", "y", shared=True)
    with pytest.raises(Denied):
        prompts.change(AGENT, "app", own.id, 1, "x", "y", shared=True)
    team = prompts.make(CURATOR, "app", "Farewell", "Bye", shared=True)
    assert [p.title for p in prompts.of(AGENT, "app")] == ["Farewell", "Greeting"]
    assert [p.title for p in prompts.of(OTHER, "app")] == ["Farewell"]
    assert prompts.of(AGENT, "another") == []
    for work_on in (
        lambda: prompts.change(OTHER, "app", own.id, 1, "x", "y", shared=False),
        lambda: prompts.delete(CURATOR, "app", own.id),  # a curator does not even see it
        lambda: prompts.filled(OTHER, "app", own.id, {}),
        lambda: prompts.delete(AGENT, "another", own.id),
        lambda: prompts.restore(AGENT, "app", own.id),  # it is not deleted
    ):
        with pytest.raises(NoSuchPrompt):
            work_on()
    with pytest.raises(Denied):
        prompts.delete(AGENT, "app", team.id)
    assert prompts.filled(AGENT, "app", own.id, {"name": "Bo"}) == "Dear Bo"
    prompts.delete(AGENT, "app", own.id)
    assert [p.title for p in prompts.of(AGENT, "app")] == ["Farewell"]
    prompts.restore(AGENT, "app", own.id)
    assert [p.title for p in prompts.of(AGENT, "app")] == ["Farewell", "Greeting"]


def test_two_who_write_the_same_prompt(work: Work) -> None:
    team = work.prompts.make(CURATOR, "app", "T", "one", shared=True)
    work.prompts.change(CURATOR, "app", team.id, 1, "T", "two", shared=True)
    with pytest.raises(Meanwhile) as told:
        work.prompts.change(CURATOR, "app", team.id, 1, "T", "three", shared=True)
    assert told.value.now.text == "two"
    assert work.prompts.change(CURATOR, "app", team.id, 1, "T", "two", shared=True).version == 2
    assert work.prompts.change(CURATOR, "app", team.id, 2, "T", "three", shared=True).version == 3


@pytest.mark.parametrize(("title", "text"), [("", "x"), ("x", " "), ("x" * 81, "x"), ("x", "x" * 20_001)])
def test_no_prompt(work: Work, title: str, text: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        work.prompts.make(AGENT, "app", title, text, shared=False)


def test_views_are_ones_own_or_the_teams(work: Work) -> None:
    views, mine = work.views, Filters(status="open", assignee="me", days=7)
    own = views.save(AGENT, "app", "Mine ", mine, shared=False)
    with pytest.raises(Denied):
        views.save(AGENT, "app", "Team", mine, shared=True)
    team = views.save(CURATOR, "app", "Team", Filters(tag="vip"), shared=True)
    assert [(v.name, v.filters, v.mine) for v in views.of(AGENT, "app")] == [
        ("Mine", mine, True),
        ("Team", Filters(tag="vip"), False),
    ]
    assert [v.name for v in views.of(OTHER, "app")] == ["Team"]
    for view in (own, team):
        with pytest.raises(NoSuchView):
            views.delete(OTHER, "app", view.id)
    views.delete(AGENT, "app", own.id)
    assert [v.name for v in views.of(AGENT, "app")] == ["Team"]
    views.restore(AGENT, "app", own.id)
    assert [v.name for v in views.of(AGENT, "app")] == ["Mine", "Team"]
    with pytest.raises(ValueError, match="name"):
        views.save(AGENT, "app", "x" * 61, mine, shared=False)
