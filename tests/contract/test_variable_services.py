"""The variables of a chatflow's conversation, through the services, against the embedded backend: read,
changed by type, guarded against somebody else's change, and watched from answer to answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from services.apps import App
from services.audit import table as audit
from services.conversations import Conversation
from services.dify.client import Client
from services.dify.errors import BrokenStream, Invalid, NotFound, Unreachable
from services.dify.patience import Patience
from services.dify.variables import Variable
from services.directory import Directory
from services.draft import Draft
from services.identity import Denied, Identity, Role
from services.runs import Runs
from services.store import Store
from services.titles import Titles
from services.turn import Turn
from services.variable_log import VariableLog
from services.variable_watch import VariableWatch, place_of
from services.variables import Gone, Listing, Meanwhile, ReadOnly, change, found, listed
from tests.contract.processes import Embedded
from tests.relay import Fault, Relay, response
from tests.site import until
from tests.unit.transcripts import body

LONG = 30.0


@dataclass
class World:
    app: App
    store: Store
    log: VariableLog
    watch: VariableWatch
    runs: Runs
    directory: Directory
    ada: Identity
    place: Conversation

    def ask(self, query: str) -> Turn:
        """The turn once its changes are read. Of the first answer mostly none are known."""
        first = self.place.conversation_id is None
        run = self.runs.start(self.ada, self.app.client, self.place, Draft(query), uuid4().hex)
        assert run is not None
        assert run.done.wait(LONG)
        if first:
            until(lambda: self.log.knows(place_of(self.place)), "the reading after the first answer")
        else:
            until(lambda: run.turn.changed_variables, "the reading after an answer")
        return run.turn

    def variables(self) -> dict[str, Variable]:
        return {each.name: each for each in listed(self.app.client, place_of(self.place)).variables}

    def change(self, shown: Variable, value: object, identity: Identity | None = None) -> Variable:
        return change(identity or self.ada, self.app.client, self.log, place_of(self.place), shown, value)


@pytest.fixture
def world(embedded: Embedded, tmp_path: Path) -> Iterator[World]:
    with Client(embedded.base_url, f"{embedded.api_key}-flow") as client:
        yield built(client, tmp_path)


def built(client: Client, folder: Path) -> World:
    store = Store.at(folder / "console.sqlite3")
    app, log = App("app", client), VariableLog(store)
    app.profile()
    watch, directory = VariableWatch(log, (app,)), Directory(store)
    ada = Identity(f"ada-{uuid4()}", Role.AGENT)
    place = directory.open(ada, app, f"~{directory.new_key()}")
    directory.load(place, app)  # as a page does when it is opened
    return World(app, store, log, watch, Runs(store, Titles(), watch.answered), directory, ada, place)


def test_each_type_is_read_changed_and_kept(world: World) -> None:
    world.ask("my name is Ada")
    before = world.variables()
    assert {name: each.value_type for name, each in before.items()} == {
        "customer_name": "string",
        "visits": "number",
        "prefs": "object",
        "topics": "array[string]",
        "vip": "boolean",
        "scores": "array[number]",
        "items": "array[object]",
    }
    assert before["prefs"].value == {"theme": "dark"}
    assert before["vip"].value is False
    wanted: dict[str, Any] = {
        "customer_name": "Zoë\n=1+1 \U0001f600",
        "visits": 41,
        "prefs": {"theme": "light", "deep": [1, None, {"a": True}]},
        "topics": [],
        "vip": True,
        "scores": [0.5, 1],
        "items": [{"k": "v"}],
    }
    for name, value in wanted.items():
        assert world.change(before[name], value).value == value
    assert {name: each.value for name, each in world.variables().items()} == wanted
    with world.store.database.begin() as connection:
        rows = connection.execute(sa.select(audit).where(audit.c.action == "variable.changed")).all()
    assert [row.details for row in rows] == [{"variable": name} for name in wanted], "and no value"
    assert {(row.user, row.about) for row in rows} == {(world.ada.user, world.place.conversation_id)}
    world.ask("vip")  # the app goes on from what was set
    assert world.variables()["visits"].value == 42
    shown = tuple(before.values())
    assert [each.name for each in found(shown, "THEME")] == ["prefs"]
    assert [each.name for each in found(shown, '{"theme": "dark"}')] == ["prefs"]
    assert [each.name for each in found(shown, "", "boolean")] == ["vip"]


def test_a_value_of_another_type_is_refused_in_the_servers_words(world: World) -> None:
    world.ask("my name is Ada")
    visits = world.variables()["visits"]
    with pytest.raises(Invalid, match="Type mismatch: variable 'visits' expects number, but got string"):
        world.change(visits, "many")
    with pytest.raises(Invalid, match="not supported value type integer"):
        world.change(visits, 2.5)
    assert world.variables()["visits"].value == 1


def test_who_may_not_change_what(world: World) -> None:
    world.ask("my name is Ada")
    visits = world.variables()["visits"]
    with pytest.raises(Denied):
        world.change(visits, 5, replace(world.ada, role=Role.VIEWER))
    eve = replace(place_of(world.place), user="eve")
    with pytest.raises(NotFound):
        change(Identity("eve", Role.ADMIN), world.app.client, world.log, eve, visits, 5)
    with pytest.raises(Gone):
        world.change(replace(visits, id=str(uuid4())), 5)
    for value_type in ("file", "array[file]", "quaternion"):
        with pytest.raises(ReadOnly):
            world.change(replace(visits, value_type=value_type), 5)
    assert world.variables()["visits"].value == 1


def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(world: World) -> None:
    world.ask("my name is Ada")
    shown = world.variables()["prefs"]
    world.change(shown, {"theme": "first"})
    with pytest.raises(Meanwhile) as told:
        world.change(shown, {"theme": "second"})
    assert told.value.now.value == {"theme": "first"}
    assert world.variables()["prefs"].value == {"theme": "first"}
    assert world.change(told.value.now, {"theme": "second"}).value == {"theme": "second"}


@pytest.mark.parametrize("taken", [True, False])
def test_a_change_whose_answer_is_lost_is_told_as_it_is(
    taken: bool, embedded: Embedded, tmp_path: Path
) -> None:
    port = httpx.URL(embedded.base_url).port
    assert port is not None
    patience = Patience(repeats=0)
    with (
        Relay(port) as line,
        Client(f"{line.url}/v1", f"{embedded.api_key}-flow", patience=patience) as client,
    ):
        world = built(client, tmp_path)
        world.ask("my name is Ada")
        visits = world.variables()["visits"]
        address = f"/v1/conversations/{world.place.conversation_id}/variables/{visits.id}"
        line.next(address, Fault(cut_after=0, reset=True) if taken else Fault(refuse=True))
        if taken:
            assert world.change(visits, 7).value == 7
        else:
            with pytest.raises((Unreachable, BrokenStream)):
                world.change(visits, 7)
        assert world.variables()["visits"].value == (7 if taken else 1)


def test_what_each_answer_and_each_edit_changed(world: World) -> None:
    first = world.ask("my name is Ada")
    assert set(first.changed_variables) <= {"customer_name", "visits", "items"}  # no default is a change
    second = world.ask("How do I stop an answer? theme: light")
    assert set(second.changed_variables) >= {"visits", "prefs", "items"}
    assert "customer_name" not in second.changed_variables
    changes = {each.either.name: each for each in world.log.of_turn(place_of(world.place), second.id)}
    assert set(changes) == set(second.changed_variables)
    assert changes["visits"].lines == ("-1", "+2")
    world.change(world.variables()["vip"], True)
    third = world.ask("my name is Bo")
    assert set(third.changed_variables) == {
        "customer_name",
        "visits",
        "items",
    }  # the edit is not the answer's
    points = world.log.points(place_of(world.place))
    assert set(points[0].after) <= {each.id for each in world.variables().values()}
    assert [point.cause for point in points if point.turn != first.id] == [
        "begin",
        "answer",
        "edit",
        "answer",
    ]

    def kept() -> tuple[str, ...]:
        turn = world.store.turn(third.id)
        return turn.changed_variables if turn else ()

    until(lambda: kept() == third.changed_variables, "the turn with its changes in the store")


def test_a_conversation_from_elsewhere_is_read_before_its_next_answer(world: World) -> None:
    world.ask("my name is Ada")
    fresh = VariableLog(Store.in_memory())
    watch = VariableWatch(fresh, (world.app,))
    here = Directory(Store.in_memory())
    again = here.open(world.ada, world.app, world.place.conversation_id or "")
    here.load(again, world.app)
    watch.opened(again)
    until(lambda: fresh.knows(place_of(again)), "the reading at the opening")
    runs = Runs(Store.in_memory(), Titles(), watch.answered)
    run = runs.start(world.ada, world.app.client, again, Draft("my name is Bo"), uuid4().hex)
    assert run is not None
    assert run.done.wait(LONG)
    until(lambda: run.turn.changed_variables, "the reading after an answer")
    assert set(run.turn.changed_variables) == {"customer_name", "visits", "items"}


def test_an_app_that_has_none_is_not_asked_for_any(embedded: Embedded, tmp_path: Path) -> None:
    port = httpx.URL(embedded.base_url).port
    assert port is not None
    with Relay(port) as line, Client(f"{line.url}/v1", f"{embedded.api_key}-off") as client:
        world = built(client, tmp_path)
        run = world.runs.start(world.ada, client, world.place, Draft("hello"), uuid4().hex)
        assert run is not None
        assert run.done.wait(LONG)
        world.watch.opened(world.place)
        assert not world.watch.may_have(world.app)
        assert [path for _, path in line.requests if "variables" in path] == []


def pages(*bodies: dict[str, Any]) -> tuple[Client, list[str]]:
    """A server that gives these pages, one after another."""
    asked: list[str] = []
    left = list(bodies)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url.query, "ascii"))
        return httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0])

    return Client("http://dify.test/v1", "app-key", httpx.MockTransport(answer)), asked


def recorded(name: str) -> dict[str, Any]:
    page: dict[str, Any] = json.loads(body(name))
    return page


def rows(first: int, count: int) -> list[dict[str, Any]]:
    return [
        {"id": f"v{n}", "name": f"n{n}", "value_type": "number", "value": str(n)}
        for n in range(first, first + count)
    ]


@pytest.mark.parametrize(
    ("bodies", "count", "cut"),
    [
        ([recorded("70_variables")], 7, False),
        ([recorded("70_variables_basic_chat")], 0, False),
        # The first page says that there is more, the second one is empty.
        ([recorded("70_variables_limit2"), recorded("70_variables_last_id")], 2, True),
        ([{"data": rows(0, 100), "has_more": True}, {"data": [], "has_more": True}], 100, True),
        # A server whose pages work.
        ([{"data": rows(0, 100), "has_more": True}, {"data": rows(100, 20), "has_more": False}], 120, False),
        # One that gives the same page for ever.
        ([{"data": rows(0, 100), "has_more": True}], 100, True),
    ],
)
def test_what_a_server_lists(bodies: list[dict[str, Any]], count: int, cut: bool, world: World) -> None:
    client, asked = pages(*bodies)
    listing = listed(client, replace(place_of(world.place), conversation_id="c-1"))
    assert (len(listing.variables), listing.cut) == (count, cut)
    assert "limit=100" in asked[0]
    assert len(asked) <= 3


def test_what_a_cut_list_does_not_show_is_not_gone(world: World) -> None:
    place = replace(place_of(world.place), conversation_id="c-1")
    client, _ = pages({"data": rows(0, 3), "has_more": False})
    world.log.note(place, listed(client, place).variables, "seen")
    client, _ = pages({"data": rows(1, 2), "has_more": True}, {"data": [], "has_more": True})
    listing: Listing = listed(client, place)
    assert world.log.note(place, listing.variables, "seen", whole=not listing.cut) == ()


def test_a_server_without_the_endpoint_is_asked_once(embedded: Embedded, tmp_path: Path) -> None:
    port = httpx.URL(embedded.base_url).port
    assert port is not None
    with Relay(port) as line, Client(f"{line.url}/v1", f"{embedded.api_key}-flow") as client:
        line.always("/v1/conversations/", Fault(answer=response(404, b"<html>404</html>")))
        world = built(client, tmp_path)
        for query in ("my name is Ada", "my name is Bo"):
            run = world.runs.start(world.ada, client, world.place, Draft(query), uuid4().hex)
            assert run is not None
            assert run.done.wait(LONG)
            until(lambda: not world.watch.may_have(world.app), "the reading after an answer")
        assert len([path for _, path in line.requests if path.endswith("/variables")]) == 1
