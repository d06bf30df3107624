"""Every app of the embedded backend does what it is there for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.client import HTTPConnection
from typing import Any
from uuid import uuid4

import httpx
import pytest

from embedded.arithmetic import evaluate, find
from embedded.drawing import COLORS, SHAPES, png
from embedded.personas import PERSONAS
from embedded.uploads import sniffed
from tests.contract.overhearing import HELD
from tests.contract.processes import Embedded
from tests.contract.replaying import parsed
from tests.contract.replaying import png as picture

Start = Callable[..., AbstractContextManager[Embedded]]


class App:
    """One app and one user of it."""

    def __init__(self, server: Embedded, ending: str) -> None:
        headers = {"Authorization": f"Bearer {server.api_key}{ending}"}
        self.client = httpx.Client(base_url=server.base_url, headers=headers, timeout=30, event_hooks=HELD)
        self.user = f"user-{uuid4()}"

    def ask(self, query: str, **more: Any) -> list[dict[str, Any]]:
        """The events of an answer."""
        body = {"inputs": {}, "query": query, "user": self.user, "response_mode": "streaming", **more}
        return parsed(self.client.post("chat-messages", json=body).content)

    def get(self, path: str, **params: Any) -> Any:
        """What a list holds for the user."""
        return self.client.get(path, params={"user": self.user, **params}).json()

    def history(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        """The last message of the conversation of an answer."""
        conversation = next(each["conversation_id"] for each in events if "conversation_id" in each)
        found: dict[str, Any] = self.get("messages", conversation_id=conversation)["data"][-1]
        return found

    def variables(self, events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """The conversation's variables by name."""
        conversation = events[1]["conversation_id"]
        return {each["name"]: each for each in self.get(f"conversations/{conversation}/variables")["data"]}


def text(events: list[dict[str, Any]]) -> str:
    return "".join(each["answer"] for each in events if each["event"] in ("message", "agent_message"))


@pytest.fixture
def app(embedded: Embedded) -> Iterator[Callable[[str], App]]:
    opened: list[App] = []

    def one(ending: str) -> App:
        opened.append(App(embedded, ending))
        return opened[-1]

    yield one
    for each in opened:
        each.client.close()


def test_keys(app: Callable[[str], App]) -> None:
    names = {}
    for persona in PERSONAS:
        ending = f"-{persona.key}" if persona.key else ""
        answer = app(ending).client.get("info")
        if answer.status_code == 200:
            names[answer.json()["name"]] = answer.json()["mode"]
        else:
            assert (persona.key, answer.json()["code"]) == ("disabled", "forbidden")
    assert len(names) == len(PERSONAS) - 1
    assert set(names.values()) == {"chat", "agent-chat", "advanced-chat", "completion"}
    assert app("-nobody").client.get("info").status_code == 401


@pytest.mark.parametrize(
    ("query", "tool", "observed"),
    [
        ("What time is it?", "current_time", "20"),
        ("What is 12.5 * (7 + 3)?", "calculate", "125"),
        ("Search the manual for the keyboard shortcuts", "search_manual", "shortcut"),
    ],
)
def test_agent_calls_its_tools(app: Callable[[str], App], query: str, tool: str, observed: str) -> None:
    agent = app("-agent")
    events = agent.ask(query)
    thoughts = [each for each in events if each["event"] == "agent_thought"]
    first = [each for each in thoughts if each["position"] == 1]
    assert [bool(each["tool"]) for each in first] == [False, True, True]
    assert [bool(each["observation"]) for each in first] == [False, False, True]
    assert len({each["id"] for each in first}) == 1
    assert observed in json.loads(first[-1]["observation"])[tool]
    assert list(json.loads(first[-1]["tool_input"])) == [tool]
    kept = agent.history(events)
    assert [each["tool"] for each in kept["agent_thoughts"]] == [tool, ""]
    assert kept["answer"] == text(events).strip()


def test_agent_draws(app: Callable[[str], App]) -> None:
    agent = app("-agent")
    events = agent.ask("Draw a green triangle")
    (file,) = (each for each in events if each["event"] == "message_file")
    drawn = httpx.get(file["url"])
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/png")
    assert drawn.content == png("triangle", "green")
    (kept,) = agent.history(events)["message_files"]
    assert (kept["id"], kept["belongs_to"], kept["type"]) == (file["id"], "assistant", "image")
    assert httpx.get(kept["url"]).content == drawn.content
    assert httpx.get(f"{kept['url']}x").json()["code"] == "forbidden"


def test_every_drawing_is_a_picture_of_its_own() -> None:
    drawings = {png(shape, color) for shape in SHAPES for color in COLORS}
    assert len(drawings) == len(SHAPES) * len(COLORS)
    assert {sniffed(each) for each in drawings} == {"image/png"}


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ("what is 2+2?", "4"),
        ("(1 + 2) * 3 please", "9"),
        ("7 // 2 and so on", "3"),
        ("2^10", "1024"),
        ("1/0", "division by zero"),
        ("9**9**9**9", "not a sum that I can do"),
        ("3 × 4", "12"),
        ("(((", None),
        ("what is 42?", None),
    ],
)
def test_arithmetic(asked: str, value: str | None) -> None:
    expression = find(asked)
    assert (expression and evaluate(expression)) == value


def test_the_calculator_knows_no_names() -> None:
    for evil in ("__import__('os')", "a.b", "[1][0]", "'a'*9", "1 if 1 else 2", "f()"):
        assert evaluate(evil) == "not a sum that I can do"


def test_seven_variables_change(app: Callable[[str], App]) -> None:
    flow = app("-flow")
    first = flow.ask("my name is Ada")
    conversation = first[1]["conversation_id"]
    before = flow.variables(first)
    for query in ("What are annotations?", "vip, theme: light"):
        flow.ask(query, conversation_id=conversation)
    after = flow.variables(first)
    assert list(after) == ["customer_name", "visits", "prefs", "topics", "vip", "scores", "items"]
    assert before["customer_name"]["value"] == "Ada"
    assert (before["visits"]["value"], after["visits"]["value"]) == ("1", "3")
    assert (before["prefs"]["value"], after["prefs"]["value"]) == ("{'theme': 'dark'}", "{'theme': 'light'}")
    assert (before["vip"]["value"], after["vip"]["value"]) == ("False", "True")
    assert "annotations" in after["topics"]["value"] and after["scores"]["value"].startswith("[1.0, 0.")
    assert after["items"]["value"].count("'visit'") == 3
    path = f"conversations/{conversation}/variables"
    found = flow.get(path, variable_name="NAME")["data"]
    assert [each["name"] for each in found] == ["customer_name"]
    refused = flow.client.put(f"{path}/{after['visits']['id']}", json={"value": 1.5, "user": flow.user})
    assert refused.json()["message"] == "not supported value type integer"


def test_iteration_and_retries(app: Callable[[str], App]) -> None:
    flow = app("-flow")
    events = flow.ask("each: apples, pears, plums")
    names = [each["event"] for each in events]
    assert names.count("iteration_next") == 3
    (ended,) = (each["data"] for each in events if each["event"] == "iteration_completed")
    assert len(ended["outputs"]["output"]) == 3
    inside = [each for each in events if each.get("data", {}).get("iteration_id") == "each"]
    assert len(inside) == 6
    retried = flow.ask("retry")
    assert [each["data"]["retry_index"] for each in retried if each["event"] == "node_retry"] == [1, 2]
    assert text(retried) == "The request's status: 200"


def test_a_human_says_no(app: Callable[[str], App]) -> None:
    flow = app("-flow")
    paused = flow.ask("approve the expenses")
    run = paused[1]["workflow_run_id"]
    form = next(each["data"] for each in paused if each["event"] == "human_input_required")
    assert flow.history(paused)["status"] == "paused"
    body = {"inputs": {"comment": "too dear"}, "action": "reject", "user": flow.user}
    assert flow.client.post(f"form/human_input/{form['form_token']}", json=body).json() == {}
    rest = parsed(flow.client.get(f"workflow/{run}/events", params={"user": flow.user}).content)
    assert [each["event"] for each in rest if each["event"] != "ping"][-2:] == [
        "message_end",
        "workflow_finished",
    ]
    assert text(rest) == "Rejected with comment too dear"
    assert flow.history(paused)["extra_contents"][0]["form_submission_data"]["action_id"] == "reject"


def test_a_run_goes_on_without_its_reader(app: Callable[[str], App]) -> None:
    flow = app("-flow")
    body = {"inputs": {}, "query": "demo: slow 2", "user": flow.user, "response_mode": "streaming"}
    with flow.client.stream("POST", "chat-messages", json=body) as response:
        begun = parsed(next(response.iter_raw()))
    run = begun[1]["workflow_run_id"]
    params = {"user": flow.user, "include_state_snapshot": "true"}
    read_on = parsed(flow.client.get(f"workflow/{run}/events", params=params).content)
    assert read_on[-1]["event"] == "workflow_finished"
    assert flow.history(begun)["answer"].startswith("This answer takes")


def test_output_moderation_replaces_what_was_said(app: Callable[[str], App]) -> None:
    moderated = app("-moderated")
    events = moderated.ask("demo: moderation", inputs={"name": "Bob", "lang": "en"})
    assert "forbidden" in text(events)
    assert [each["event"] for each in events[-2:]] == ["message_replace", "message_end"]
    assert moderated.history(events)["answer"] == events[-2]["answer"] == "Sorry, I cannot say that."


def test_a_conversation_keeps_its_first_inputs(app: Callable[[str], App]) -> None:
    """Later ones are not looked at: neither missed nor taken."""
    moderated = app("-moderated")
    events = moderated.ask("demo: bench 2 2 4", inputs={"name": "Bob", "lang": "en"})
    again = {"conversation_id": events[0]["conversation_id"]}
    for later in ({}, {"name": "far too long a name", "lang": "fr"}):
        events = moderated.ask("demo: bench 2 2 4", inputs=later, **again)
        assert moderated.history(events)["inputs"] == {"name": "Bob", "lang": "en"}


def test_annotations_answer(app: Callable[[str], App]) -> None:
    plain = app("-form")
    secret = str(uuid4())
    made = plain.client.post(
        "apps/annotations", json={"question": f"The secret {secret}?", "answer": "Mango"}
    )
    body = {"score_threshold": 0.95, "embedding_provider_name": "embedded", "embedding_model_name": "m"}
    job = plain.client.post("apps/annotation-reply/enable", json=body).json()
    deadline = time.monotonic() + 20
    while (
        state := plain.client.get(f"apps/annotation-reply/enable/status/{job['job_id']}").json()["job_status"]
    ) == "waiting":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert state == "completed"
    events = plain.ask(f"the secret {secret}?")
    assert [each["answer"] for each in events[:-1]] == list("Mango")
    assert events[-1]["metadata"]["annotation_reply"]["id"] == made.json()["id"]
    listed = plain.client.get("apps/annotations", params={"keyword": secret}).json()["data"]
    assert [each["hit_count"] for each in listed] == [1]
    assert text(plain.ask("What are citations?")) != "Mango"
    plain.client.post("apps/annotation-reply/disable", json=body)


def test_owner_and_users_both_rate(app: Callable[[str], App]) -> None:
    guide = app("")
    (asked, *_) = guide.ask("hello")
    message = asked["message_id"]
    guide.client.post(f"messages/{message}/feedbacks", json={"rating": "dislike", "user": guide.user})
    console = str(guide.client.base_url).removesuffix("/v1/") + "/console/api/apps"
    mine = PERSONAS[0].id
    body = {"message_id": message, "rating": "like", "content": "well said"}
    assert guide.client.post(f"{console}/{mine}/feedbacks", json=body).json() == {"result": "success"}
    assert guide.client.post(f"{console}/{uuid4()}/feedbacks", json=body).status_code == 404
    found = [
        each
        for each in guide.client.get("app/feedbacks", params={"limit": 100}).json()["data"]
        if each["message_id"] == message
    ]
    assert [(each["from_source"], each["rating"], each["content"]) for each in found] == [
        ("admin", "like", "well said"),
        ("user", "dislike", None),
    ]
    assert [bool(each["from_account_id"]) for each in found] == [True, False]
    assert guide.history([asked])["feedback"] == {"rating": "dislike"}


def test_files_are_looked_at_when_used(app: Callable[[str], App]) -> None:
    guide = app("")
    for name, content, said in (("a.png", picture(4, 4), "image/png"), ("b.png", b"text", "it is no image")):
        files = {"file": (name, content, "image/png")}
        kept = guide.client.post("files/upload", files=files, data={"user": guide.user}).json()
        given = {"type": "image", "transfer_method": "local_file", "upload_file_id": kept["id"]}
        events = guide.ask("hello", files=[given])
        assert said in text(events)
        assert events[-1]["files"][0]["upload_file_id"] == kept["id"]
        assert httpx.get(kept["source_url"]).content == content


def test_a_form_that_asks_for_files(app: Callable[[str], App]) -> None:
    reader, other = app("-reader"), app("-reader")
    fields = reader.client.get("parameters").json()["user_input_form"]
    assert [(kind, field["required"]) for each in fields for kind, field in each.items()] == [
        ("file", True),
        ("file-list", False),
    ]

    def brought(whose: App, name: str, content: bytes) -> dict[str, str]:
        files = {"file": (name, content, "text/plain")}
        kept = whose.client.post("files/upload", files=files, data={"user": whose.user}).json()
        return {"type": "document", "transfer_method": "local_file", "upload_file_id": kept["id"]}

    letter, note = brought(reader, "letter.txt", b"Dear Ada"), brought(reader, "note.md", b"# Second")
    events = reader.ask("What do they say?", inputs={"document": letter, "others": [note, note]})
    said = text(events)
    assert "**letter.txt** (8 bytes, text/plain)" in said
    assert "Dear Ada" in said and said.count("# Second") == 2
    kept = reader.history(events)["inputs"]
    assert (kept["document"]["filename"], kept["document"]["size"]) == ("letter.txt", 8)
    assert [each["related_id"] for each in kept["others"]] == [note["upload_file_id"]] * 2
    again = reader.ask("And once more?", conversation_id=events[-1]["conversation_id"])
    assert "Dear Ada" in text(again), "the files stay with the conversation"

    picture_ = brought(reader, "a.png", picture(4, 4))
    for inputs, told in (
        ({}, "document is required in input form"),
        ({"document": "letter.txt"}, "document in input form must be a file"),
        ({"document": letter, "others": letter}, "others in input form must be a list of files"),
        ({"document": letter, "others": [note] * 4}, "others in input form must be less than 3 files"),
        ({"document": brought(other, "x.txt", b"x")}, "Invalid upload file"),
        ({"document": picture_}, "File validation failed for file: a.png"),
    ):
        body = {"inputs": inputs, "query": "?", "user": reader.user, "response_mode": "streaming"}
        refused = reader.client.post("chat-messages", json=body)
        assert (refused.status_code, refused.json()["message"]) == (400, told)


def test_a_body_beyond_every_limit_is_refused_unread(embedded: Embedded) -> None:
    url = httpx.URL(embedded.base_url)
    connection = HTTPConnection(url.host, url.port, timeout=10)
    try:
        connection.putrequest("POST", "/v1/files/upload")
        connection.putheader("Authorization", f"Bearer {embedded.api_key}")
        connection.putheader("Content-Type", "multipart/form-data; boundary=x")
        connection.putheader("Content-Length", str(10**12))
        connection.endheaders()
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["code"]) == (413, "file_too_large")
    finally:
        connection.close()


def test_file_addresses_may_be_relative(start: Start) -> None:
    with start("--files-url", "") as server, server.client() as client:
        files = {"file": ("a.png", picture(4, 4), "image/png")}
        kept = client.post("files/upload", files=files, data={"user": "u"}).json()
        assert kept["source_url"].startswith(f"/files/{kept['id']}/file-preview?timestamp=")
        answer = httpx.get(server.base_url.removesuffix("/v1") + kept["source_url"])
        assert answer.content == picture(4, 4)


def test_speech_goes_on_after_the_text(app: Callable[[str], App]) -> None:
    events = app("-speaking").ask("What are annotations?")
    names = [each["event"] for each in events]
    assert names[-1] == "tts_message_end"
    assert names.index("tts_message") < names.index("message_end")
    assert "tts_message" in names[names.index("message_end") :]


def test_a_voice_is_heard_again(app: Callable[[str], App]) -> None:
    guide = app("")
    # Without the client that is held to the document, which knows no WAV.
    address, headers = f"{guide.client.base_url}text-to-audio", guide.client.headers
    body = {"text": "Good morning. Good evening.", "format": "wav"}
    spoken = httpx.post(address, headers=headers, json=body, timeout=30)
    assert spoken.headers["content-type"] == "audio/wav"
    files = {"file": ("a.wav", spoken.content, "audio/wav")}
    heard = guide.client.post("audio-to-text", files=files, data={"user": "u"}).json()["text"]
    assert heard  # which words pocketsphinx makes of a synthetic voice is its own affair
