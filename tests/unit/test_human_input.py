"""Answering a form: the rest of the answer comes from the run's events, else from history."""

# ruff: noqa: F401, F811
from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import httpx
import pytest

from routes import view
from services import form_files, human_input, recovery
from services.conversations import Conversation
from services.dify.errors import Invalid
from services.identity import Denied, Identity, Role
from services.runs import Busy
from tests.frames import Frames
from tests.site import until
from tests.unit.test_question_files import picture
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


def paused(frames: Frames, **form_too: Any) -> Answer:
    """Recording a0_hitl_*: the form, then the end of the bytes without message_end."""
    form = frames.workflow("human_input_required", **{**FORM, **form_too})
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
    until(lambda: not place.busy, "the end of the other answer")
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


# Files


FILES = {
    "inputs": [
        *FORM["inputs"],
        {"output_variable_name": "scan", "type": "file", "allowed_file_types": ["image"]},
        {"output_variable_name": "notes", "type": "file-list", "number_limits": 2},
    ]
}


def wanting(world: World) -> tuple[Conversation, str]:
    world.dify.next(paused(Frames(), **FILES))
    asked = world.ask(world.place(), f"q{time.monotonic_ns()}")
    assert asked.done.wait(LONG)
    return asked.conversation, asked.turn.id


def bring(world: World, place: Conversation, turn: str, content: bytes, **query: str) -> httpx.Response:
    url = f"{world.url}/turns/{place.key}/{turn}/form/file"
    known = {"form": "form-1", "input": "scan", "name": "a.png", **query}
    return httpx.post(url, params=known, content=content, headers=world.headers, timeout=LONG)


def test_files_of_a_form_are_checked_brought_and_sent(world: World) -> None:
    place, turn = wanting(world)
    (_, scan, notes) = view.whole(0, place.turns()[0])["forms"][0]["inputs"]
    assert (scan["most"], "png" in scan["endings"], "pdf" in scan["endings"]) == (1, True, False)
    assert (notes["most"], "pdf" in notes["endings"]) == (2, True)
    for content, name, code in (
        (b"no picture", "a.png", "content"),
        (picture(), "a.pdf", "type"),
        (b"", "a.png", "empty"),
    ):
        refused = bring(world, place, turn, content, name=name)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert world.dify.uploads == []
    there = bring(world, place, turn, picture()).json()
    assert (there["type"], there["name"], there["size"]) == ("image", "a.png", len(picture()))
    others = [bring(world, place, turn, b"hi", input="notes", name=f"{n}.txt").json() for n in (1, 2)]
    assert {sent.user for sent in world.dify.uploads} == {place.user}
    inputs = {"comment": "see", "scan": [there], "notes": others}
    human_input.submit(
        world.site.runs, world.ada, world.site.apps[0], place, turn, "form-1", inputs, "approve"
    )
    sent = world.dify.submitted[0][1]["inputs"]
    local = {"transfer_method": "local_file"}
    scan_id, *note_ids = [each.id for each in world.dify.uploads]
    assert sent == {
        "comment": "see",
        "scan": {"type": "image", "upload_file_id": scan_id, **local},
        "notes": [{"type": "document", "upload_file_id": each, **local} for each in note_ids],
    }
    gone = bring(world, place, turn, picture())
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def test_only_uploads_of_its_own_go_with_a_form(world: World) -> None:
    """Dify takes any id of its app; so one that this person did not bring for this form never gets there."""
    place, turn = wanting(world)
    mine = bring(world, place, turn, picture()).json()["id"]
    upload = world.dify.uploads[0].id
    known = (place.turns()[0].forms[0], place.user)
    assert mine == form_files.claim(*known, upload)
    other_form = replace(known[0], form_id="form-2")
    for foreign in (
        upload,
        f"{upload}.",
        mine[:-1],
        mine.replace(upload, "another"),
        form_files.claim(known[0], "another-user", upload),
        form_files.claim(other_form, known[1], upload),
        form_files.claim(replace(known[0], form_token="guessed"), known[1], upload),
        "",
        "\ud800.x",
    ):
        body = {
            "form": "form-1",
            "inputs": {"scan": [{"id": foreign, "type": "image"}]},
            "action": "approve",
        }
        path = f"{world.url}/turns/{place.key}/{turn}/form"
        answer = httpx.post(path, content=json.dumps(body), headers=world.headers, timeout=LONG)
        assert (answer.status_code, world.dify.submitted) == (400, []), foreign


@pytest.mark.parametrize(
    "value",
    ["text", [{"id": "../x", "type": "image"}], [{"id": "a", "type": "video"}], [{"id": 1}], ["a"], {}],
)
def test_only_files_that_the_field_takes_are_sent(world: World, value: Any) -> None:
    place, turn = wanting(world)
    body = {"form": "form-1", "inputs": {"scan": value}, "action": "approve"}
    path = f"{world.url}/turns/{place.key}/{turn}/form"
    answer = httpx.post(path, json=body, headers=world.headers, timeout=LONG)
    assert (answer.status_code, world.dify.submitted) == (400, [])
    assert place.turns()[0].state == "paused"


def test_a_file_that_dify_refuses_is_told(world: World) -> None:
    place, turn = wanting(world)
    world.dify.fail("files/upload", Refusal.of(413, "file_too_large", "too large"))
    refused = bring(world, place, turn, picture())
    assert (refused.status_code, refused.json()["code"]) == (502, "file_too_large")
    stranger = httpx.post(f"{world.url}/turns/{place.key}/{turn}/form/file", content=b"", timeout=LONG)
    assert stranger.status_code == 403
