"""A Turn as the browser gets it."""

from __future__ import annotations

import json
import time
from dataclasses import fields, replace

from routes import view
from routes.live import _json
from services.conversations import FIELDS
from services.dify.form import HumanInput
from services.dify.step import Step
from services.rope import Rope
from services.turn import Turn
from tests.unit.test_saved_and_store import FULL

STATE = {"index", "id", "state", "error", "asked_at", "answered_at", "timings", "usage"}
IDS = {"message_id", "conversation_id", "task_id"}
PUBLIC = STATE | IDS | {"query", "attachments", "answer", "replaced", "reasoning", "thoughts", "steps"}
PUBLIC |= {"citations", "files", "annotation", "whole", "rating", "changed_variables", "forms", "attempt_of"}
PUBLIC |= {"replaced_reason"}


def test_a_full_turn() -> None:
    whole = view.whole(3, FULL)
    assert set(whole) == PUBLIC
    assert (whole["index"], whole["id"], whole["answer"]) == (3, "turn-1", "answer grown")
    assert whole["error"] == {"code": "code", "message": "words", "status": 400}
    assert whole["annotation"] == {"id": "a", "author": "Ada"}
    assert whole["timings"] == {"first_text": 0.25, "total": 1.25, "reasoning": 0.75}
    assert whole["steps"][0] == {
        "id": "s",
        "kind": "node",
        "title": "LLM",
        "node_id": "n",
        "node_type": "llm",
        "state": "succeeded",
        "elapsed": 1.5,
        "tokens": 7,
        "retries": 3,
        "error": "err",
        "parent": "parent",
        "round": 2,
    }
    (thought,) = whole["thoughts"]
    assert thought["calls"] == [{"tool": "tool", "labels": {"en": "Tool"}, "observation": "seen"}]
    assert thought["files"] == ["f1", "f2"]
    json.dumps(whole)


def test_inputs_and_addresses_of_files_stay_on_the_server() -> None:
    """Signed URLs open a file for whoever holds them."""
    text = json.dumps(view.whole(0, FULL))
    assert "https://x/y" not in text
    assert "nick" not in text


def test_what_is_empty_is_left_out_of_a_whole_turn() -> None:
    assert set(view.whole(0, Turn.asked("q", id="t"))) == {"index", "id", "state", "query", "timings"}


def test_what_became_empty_is_told() -> None:
    turn = replace(FULL, error=None, text=Rope(""), task_id="")
    assert view.changed(1, turn, {"error", "text", "task_id"}) == {
        "index": 1,
        "id": "turn-1",
        "error": None,
        "answer": "",
        "task_id": None,
    }


def test_a_form_is_told_without_the_token_that_opens_it() -> None:
    field = {"output_variable_name": "n", "type": "select", "default": {"type": "constant", "value": "b"}}
    field["option_source"] = {"type": "constant", "value": ["a", "b"]}
    form = HumanInput("tok", "f", "Ask", "Say {{#$output.n#}}", (field,), ({"id": "ok", "title": "OK"},))
    (told,) = view.whole(0, Turn.asked("q", forms=(form,)))["forms"]
    assert "tok" not in json.dumps(told)
    assert told["inputs"] == [{"name": "n", "type": "select", "default": "b", "options": ["a", "b"]}]
    assert (told["open"], told["actions"]) == (True, [{"id": "ok", "title": "OK", "style": ""}])


def test_all_changed_is_the_whole_turn() -> None:
    assert view.changed(1, FULL, {*FIELDS, "text"}) == {**view.whole(1, FULL), "retry_in": None, "spoken": ""}


def test_of_a_list_that_the_reader_has_only_the_rest_is_told() -> None:
    first, second, third = (Step(f"s{n}", "node", "running") for n in range(3))
    done = replace(second, state="succeeded")
    before, after = replace(FULL, steps=(first, second)), replace(FULL, steps=(first, done, third))
    told = view.changed(1, after, {"steps", "error"}, before)
    assert told["steps"]["from"] == 1
    assert [(step["id"], step["state"]) for step in told["steps"]["items"]] == [
        ("s1", "succeeded"),
        ("s2", "running"),
    ]
    assert told["error"] == view.changed(1, after, {"error"})["error"]
    assert len(view.changed(1, after, {"steps"})["steps"]) == 3
    assert len(view.changed(1, after, {"steps"}, replace(FULL, steps=()))["steps"]) == 3
    assert view.changed(1, replace(FULL, steps=()), {"steps"}, before)["steps"] == []
    assert view.changed(1, replace(FULL, steps=(first,)), {"steps"}, before)["steps"] == {
        "from": 1,
        "items": [],
    }


def test_every_part_is_a_field() -> None:
    assert set(view.PARTS) <= {f.name for f in fields(Turn)}


def test_any_text_can_be_sent() -> None:
    assert json.loads(_json({"a": "\ud800 \u2028\n\r\0 😀"})) == {"a": "? \u2028\n\r\0 😀"}
    assert b"\n" not in _json("a\nb\r")


def test_a_second_attempt_is_told_by_how_long_it_takes() -> None:
    assert 8 < view.whole(0, replace(FULL, retry_at=time.time() + 9))["retry_in"] <= 9
    assert "retry_in" not in view.whole(0, replace(FULL, retry_at=time.time() - 9))
