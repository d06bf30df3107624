"""Answering a form: the rest of the answer comes from the run's events, else from history."""

# ruff: noqa: F401, F811
from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from services import human_input, recovery
from services.conversations import Conversation
from services.dify.errors import Invalid
from services.identity import Denied, Identity, Role
from services.runs import Busy
from tests.frames import Frames
from tests.site import until
from tests.unit.test_routes import LONG, World, served, world
from tests.upstream import CUT, Answer, Gate, Refusal

FORM: dict[str, Any] = {
    "form_id": "form-1",
    "form_token": "token-1",
    "node_title": "Ask a human",
    "form_content": "Please approve.\n\n{{#$output.comment#}}",
    "inputs": [{"output_variable_name": "comment", "type": "paragraph", "default": {"value": "fine"}}],
    "actions": [{"id": "approve", "title": "Approve", "button_style": "primary"}],
}
GIVEN = ({"comment": "go on"}, "approve")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "PAUSES", (0.02,) * 8)
    monkeypatch.setattr(recovery, "SECOND_LOOK", 0.02)


def paused(frames: Frames) -> Answer:
    """Recording a0_hitl_*: the form, then the end of the bytes without message_end."""
    form = frames.workflow("human_input_required", **FORM)
    return Answer("Before. ", form, frames.workflow("workflow_paused"), flow=True, end=False, frames=frames)


def waiting(world: World) -> tuple[Conversation, Frames, str]:
    frames = Frames()
    world.dify.next(paused(frames))
    asked = world.ask(world.place(), f"q{time.monotonic_ns()}")
    assert asked.done.wait(LONG)
    assert asked.turn.state == "paused"
    world.dify.messages()[-1].update(status="paused", answer="Before.")
    return asked.conversation, frames, asked.turn.id


def rest_of(frames: Frames) -> tuple[bytes, ...]:
    """Recording a2_events_finished_run."""
    resumed = frames.workflow("workflow_started", reason="resumption")
    return (resumed, frames.message("Approved."), frames.message_end(), frames.workflow_finished())


def submit(world: World, place: Conversation, turn: str, form: str = "form-1") -> None:
    app, given = world.site.apps[0], (world.site.runs, world.ada)
    human_input.submit(*given, app, place, turn, form, *GIVEN)


def ended(place: Conversation, turn: str) -> Any:
    until(lambda: place.turn(turn).final)  # type: ignore[union-attr]
    return place.turn(turn)


def test_the_answer_goes_on_after_its_form(world: World) -> None:
    place, frames, turn = waiting(world)
    gate = Gate()
    first, *others = rest_of(frames)
    world.dify.rest[frames.run_id] = (first, gate, *others)
    body = {"form": "form-1", "inputs": {"comment": "go on"}, "action": "approve"}
    path = f"{world.url}/turns/{place.key}/{turn}/form"
    sent = httpx.post(path, json=body, headers=world.headers, timeout=LONG)
    assert sent.status_code == 204
    gate.wait_reached()
    assert place.busy
    with pytest.raises(human_input.NoSuchForm):
        submit(world, place, turn)
    gate.open()
    after = ended(place, turn)
    assert (after.state, after.answer) == ("complete", "Before. Approved.")
    assert [(f.submitted, f.choice) for f in after.forms] == [(True, "Approve")]
    assert after.answered_at is not None
    assert after.timings.total is None or after.timings.total >= 0
    token, given = world.dify.submitted[0]
    assert (token, given["inputs"], given["action"]) == ("token-1", {"comment": "go on"}, "approve")
    assert given["user"] == place.user
    until(lambda: world.site.store.turn(turn) == after)
    # It is one question and one message, however often its stream was opened.
    assert (len(place.turns()), len(world.dify.asked)) == (1, 1)


@pytest.mark.parametrize("rest", [(), (b"",), "finished", "cut"])
def test_events_that_say_nothing_leave_it_to_history(world: World, rest: Any) -> None:
    """Such a stream may only say that the run is over, hang, or be cut (behaviour of 1.16)."""
    place, frames, turn = waiting(world)
    told = {"finished": (frames.workflow_finished(),), "cut": (rest_of(frames)[1], CUT)}
    world.dify.rest[frames.run_id] = told.get(rest, ()) if isinstance(rest, str) else rest
    world.dify.messages()[-1].update(status="normal", answer="Before. Approved.")
    submit(world, place, turn)
    after = ended(place, turn)
    assert (after.state, after.answer, after.error) == ("complete", "Before. Approved.", None)


def test_a_form_that_somebody_else_has_answered(world: World) -> None:
    place, frames, turn = waiting(world)
    world.dify.rest[frames.run_id] = rest_of(frames)
    world.dify.fail("form", Refusal.of(412, "human_input_form_submitted", "already"))
    submit(world, place, turn)
    after = ended(place, turn)
    assert (after.answer, after.forms[0].submitted, after.forms[0].choice) == ("Before. Approved.", True, "")


def test_a_refusal_leaves_the_form_as_it_was_and_an_expired_one_is_closed(world: World) -> None:
    place, _, turn = waiting(world)
    world.dify.fail("form", Refusal.of(400, "invalid_form_data", "Missing required inputs: comment"))
    with pytest.raises(Invalid):
        submit(world, place, turn)
    before = place.turn(turn)
    assert before is not None
    assert (before.state, before.forms[0].submitted) == ("paused", False)
    world.dify.fail("form", Refusal.of(412, "human_input_form_expired", "late"))
    with pytest.raises(Invalid):
        submit(world, place, turn)
    after = place.turn(turn)
    assert after is not None
    assert (after.state, after.forms[0].expired) == ("paused", True)


def test_who_may_answer_and_when(world: World) -> None:
    place, _, turn = waiting(world)
    app, viewer = world.site.apps[0], Identity(world.ada.user, Role.VIEWER)
    with pytest.raises(Denied):
        human_input.submit(world.site.runs, viewer, app, place, turn, "form-1", *GIVEN)
    for wrong in (("nobody", "form-1"), (turn, "form-2")):
        with pytest.raises(human_input.NoSuchForm):
            submit(world, place, *wrong)
    gate = Gate()
    world.dify.next(Answer("a", gate))
    world.ask(place, "meanwhile")  # recording a0_hitl_chat_while_paused: Dify takes it
    gate.wait_reached()
    with pytest.raises(Busy):
        submit(world, place, turn)
    gate.open()
    assert world.dify.submitted == []
    body = {"form": "form-1", "inputs": {"comment": 1}, "action": "approve"}
    path = f"{world.url}/turns/{place.key}/{turn}/form"
    assert httpx.post(path, json=body, headers=world.headers, timeout=LONG).status_code == 400


def test_a_form_is_still_there_after_a_restart(world: World) -> None:
    """The store has it, and history tells it again with its token (a0_hitl_messages_while_paused)."""
    place, frames, turn = waiting(world)
    kept = world.site.store.turn(turn)
    assert kept is not None
    assert (kept.state, kept.forms[0].form_token, kept.workflow_run_id) == (
        "paused",
        "token-1",
        frames.run_id,
    )
    definition = {**FORM, "form_token": "token-2"}
    extra = {"type": "human_input", "workflow_run_id": frames.run_id, "submitted": False}
    world.dify.messages()[-1]["extra_contents"] = [{**extra, "form_definition": definition}]
    fresh = Conversation(place.owned)
    world.site.directory.load(fresh, world.site.apps[0])
    (shown,) = fresh.turns()
    assert (shown.id, shown.state, shown.forms[0].form_token) == (turn, "paused", "token-2")
    world.dify.messages()[-1]["extra_contents"] = [
        {
            **extra,
            "submitted": True,
            "form_definition": {**definition, "form_token": None},
            "form_submission_data": {
                "action_text": "Approve",
                "rendered_content": "Please approve.\n\ngo on",
            },
        }
    ]
    world.dify.messages()[-1].update(status="normal", answer="Before. Approved.")
    fresh = Conversation(place.owned)
    world.site.directory.load(fresh, world.site.apps[0])
    (shown,) = fresh.turns()
    assert (shown.state, shown.answer) == ("complete", "Before. Approved.")
    assert (shown.forms[0].choice, shown.forms[0].rendered) == ("Approve", "Please approve.\n\ngo on")
