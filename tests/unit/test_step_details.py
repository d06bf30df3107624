"""What went into the steps of a run and what came out: read when it is opened, in no frame and no Turn."""

# ruff: noqa: F401, F811
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from routes import view
from services.conversations import Conversation
from services.database import StoreError
from services.step_details import LONGEST, StepDetails, step_details
from services.store import Owned, Store
from services.turn import Turn
from tests.frames import Frames
from tests.site import until
from tests.unit.test_routes import LONG, World, served, world
from tests.unit.transcripts import body, folded
from tests.upstream import Answer, Gate

LLM = {
    "inputs": {"context": "**not bold**"},
    "process_data": {"prompts": [{"role": "user", "text": "hi"}]},
    "outputs": {"text": "x" * 50_000},
}


def log(frames: Frames, identifier: str, label: str, status: str, **more: Any) -> bytes:
    """As Dify's source has it; it could not be recorded."""
    rest = {"node_execution_id": "execution-agent", "node_id": "agent", "parent_id": None, "error": None}
    return frames.workflow(
        "agent_log", **{**rest, "label": label, "status": status, **more, "id": identifier}
    )


def flow(*parts: Any, **rest: Any) -> Answer:
    return Answer(*parts, flow=True, **rest)


def details(world: World, place: Conversation, turn: str, step: str) -> Any:
    return world.get(f"/turns/{place.key}/{turn}/steps/{step}")


def test_the_data_of_a_node_is_fetched_when_it_is_opened(world: World) -> None:
    gate = Gate()
    world.dify.next(
        flow(
            lambda f: f.node("node_started", inputs=LLM["inputs"]),
            gate,
            lambda f: f.node("node_finished", status="succeeded", **LLM),
            lambda f: f.node("node_started", "none", title="Empty"),
            "Done.",
        )
    )
    place = world.place()
    run = world.ask(place)
    gate.wait_reached()
    until(lambda: bool(place.turns()[0].steps))
    (begun,) = details(world, place, run.turn.id, "node-execution-llm").json()["parts"]
    assert begun == {"name": "inputs", "text": '{\n  "context": "**not bold**"\n}', "size": 31}
    gate.open()
    assert run.done.wait(LONG)
    parts = details(world, place, run.turn.id, "node-execution-llm").json()["parts"]
    assert [(part["name"], len(part["text"]), part["size"]) for part in parts][-1] == (
        "outputs",
        LONGEST,
        50_016,
    )
    assert [part["name"] for part in parts] == ["inputs", "process_data", "outputs"]
    assert details(world, place, run.turn.id, "node-execution-none").json() == {"parts": []}
    assert details(world, place, "nobody", "node-execution-llm").status_code == 404
    # It is in no frame and in no row of a turn.
    drawn = view.whole(0, place.turns()[0])
    assert [step.get("details") for step in drawn["steps"]] == [True, None]
    assert "not bold" not in str(drawn) + repr(world.site.store.turn(run.turn.id))
    # After a restart it is still there, with the conversation's key, so that it goes with the conversation.
    assert "outputs" in StepDetails(world.site.store.database).of(run.turn.id, "node-execution-llm")
    with world.site.store.database.begin() as connection:
        assert set(connection.execute(sa.select(step_details.c.key)).scalars()) == {place.key}


def test_an_agents_log_is_nested_in_its_node(world: World) -> None:
    world.dify.next(
        flow(
            lambda f: f.node("node_started", "agent", title="Agent", node_type="agent"),
            lambda f: log(f, "r1", "ROUND 1", "start"),
            lambda f: log(f, "c1", "CALL search", "start", parent_id="r1", data={"tool": "search"}),
            lambda f: log(
                f,
                "c1",
                "CALL search",
                "success",
                parent_id="r1",
                data={"output": "found"},
                metadata={"elapsed_time": 1.5, "total_tokens": 9},
            ),
            lambda f: log(f, "c2", "CALL broken", "error", parent_id="r1", error="no such tool"),
            lambda f: log(f, "r1", "ROUND 1", "success"),
            lambda f: f.node("node_finished", "agent", title="Agent", status="succeeded"),
            "Done.",
        )
    )
    place = world.place()
    run = world.ask(place)
    assert run.done.wait(LONG)
    steps = [(s.kind, s.title, s.state, s.parent, s.elapsed, s.tokens) for s in place.turns()[0].steps]
    assert steps == [
        ("node", "Agent", "succeeded", "", None, None),
        ("log", "ROUND 1", "succeeded", "execution-agent", None, None),
        ("log", "CALL search", "succeeded", "r1", 1.5, 9),
        ("log", "CALL broken", "failed", "r1", None, None),
    ]
    assert place.turns()[0].steps[3].error == "no such tool"
    (said,) = details(world, place, run.turn.id, "log-c1").json()["parts"]
    assert (said["name"], said["text"]) == ("data", '{\n  "output": "found"\n}')


def test_what_moderation_took_back_is_in_no_steps_data(world: World) -> None:
    bad, gate = "forbidden words", Gate()
    world.dify.next(
        flow(
            lambda f: f.node("node_finished", "before", status="succeeded", outputs={"text": bad}),
            gate,
            lambda f: f.replaced("I cannot say that."),
            lambda f: f.node("node_finished", "after", status="succeeded", outputs={"text": bad}),
        )
    )
    place = world.place()
    run = world.ask(place)
    gate.wait_reached()
    until(lambda: bool(_kept(world)))  # it is on the disk already
    gate.open()
    assert run.done.wait(LONG)
    assert not any(step.details for step in place.turns()[0].steps)
    for step in ("node-execution-before", "node-execution-after"):
        assert details(world, place, run.turn.id, step).json() == {"parts": []}
    assert _kept(world) == []


def _kept(world: World) -> list[Any]:
    with world.site.store.database.begin() as connection:
        return list(connection.execute(sa.select(step_details.c.parts)).scalars())


def test_an_app_that_hides_its_steps_hides_what_they_hold(world: World) -> None:
    world.dify.site = {**world.dify.site, "show_workflow_steps": False}
    world.site.apps[0].profile()
    world.dify.next(flow(lambda f: f.node("node_finished", status="succeeded", **LLM), "Done."))
    place = world.place()
    run = world.ask(place)
    assert run.done.wait(LONG)
    assert details(world, place, run.turn.id, "node-execution-llm").status_code == 403


def test_a_turn_keeps_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.step_details.MOST", 100)
    store = Store.in_memory()
    store.add(Owned("k", "app", "ada", None))
    kept = StepDetails(store.database)
    for step in ("a", "b"):
        kept.take("t", step, {"inputs": "x" * 60})
    kept.take("t", "c", {"inputs": {"lone": "\ud800"}, "outputs": [1], "title": "no part"})
    kept.write("k", "t")
    assert [bool(kept.of("t", step)) for step in ("a", "b", "c")] == [True, False, True]
    assert list(kept.of("t", "c")) == ["inputs", "outputs"]
    kept.ended("t")


def test_a_database_that_fails_keeps_it_for_later(tmp_path: Path) -> None:
    store = Store.at(tmp_path / "console.db")
    kept = StepDetails(store.database)
    kept.take("t", "a", {"inputs": "said"})
    with pytest.raises(StoreError):
        kept.write("nobody's key", "t")
    store.add(Owned("k", "app", "ada", None))
    kept.write("k", "t")
    assert kept.of("t", "a")["inputs"] == {"text": "said", "size": 4}


def test_recorded_nodes_have_data() -> None:
    turn: Turn = folded([body("53_flow_stream")]).closed()
    assert [step.details for step in turn.steps] == [True] * len(turn.steps)
