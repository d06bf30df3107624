"""Each page drawn by Streamlit itself, in front of every kind of Dify: no exception, and words to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components import intents, session, visitor, words, words_question
from components.asker import Asker
from services import assembly
from services import site as sites
from services.apps import App
from services.conversations import Conversation
from services.dify.client import Client
from services.dify.parts import File
from services.dify.patience import Patience
from services.draft import Draft
from services.identities.open import Open
from services.identity import Identity, Role, Secret
from services.limits import Limits, Meter
from services.pending import picked
from services.settings import AppSettings, Settings
from services.site import Site
from services.store import Store
from services.unsent_form import UnsentForm
from tests.site import until
from tests.upstream import Answer, Gate, Refusal, Upstream, row, stops_delivered

ADA = Identity("ada", Role.ADMIN)
PAGES = [None, "history.py", "variables.py"]
FRAME = Path(__file__).parents[2] / "pages" / "frame.py"
LONG = 20.0


@dataclass
class World:
    dify: Upstream
    site: Site

    def page(self, name: str | None = None, **address: str) -> AppTest:
        test = AppTest.from_file(FRAME, default_timeout=60)
        for key, value in address.items():
            test.query_params[key] = value
        return (test.switch_page(name) if name else test).run()

    def asker(self, place: Conversation) -> Asker:
        app = self.site.apps[0]
        return Asker(self.site, ADA, app, app.profile(), place)


def site(url: str, key: str) -> Site:
    client = Client(url, key, patience=Patience(connect=2, read=5, repeats=0))
    return assembly.over(App("app", client), Open(Secret(b"s" * 32)), Store.in_memory())


@contextmanager
def in_use(dify: Upstream) -> Iterator[Site]:
    """The one that pages reach, until the block ends."""
    made = site(dify.url, dify.key)
    sites.use(made)
    yield made
    made.stop()
    stops_delivered()
    made.apps[0].client.close()
    sites.refuse("over")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """AppTest sends no cookies, so who looks is said here."""
    monkeypatch.setattr(visitor, "identity", lambda _: ADA)
    with Upstream() as dify, in_use(dify) as made:
        yield World(dify, made)
        for run in made.runs._by_send_id.values():
            run.stop()
            assert run.done.wait(LONG)


def said(test: AppTest) -> str:
    """All words on the page."""
    kinds = (test.error, test.warning, test.info, test.markdown, test.caption, test.title)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_a_working_app(world: World, name: str | None) -> None:
    test = world.page(name)
    assert not test.exception
    assert not test.error
    assert not test.warning
    assert any(button.label == words.NEW_CHAT for button in test.button)


def test_the_composer_is_there(world: World) -> None:
    world.dify.site = {"title": "Scripted chat", "input_placeholder": "Say it"}
    (composer,) = world.page().chat_input
    assert composer.placeholder == "Say it"


def test_a_question_is_asked_once_however_often_the_page_is_drawn(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate))
    test = world.page()
    test.chat_input[0].set_value("hello").run()
    gate.wait_reached()
    for _ in range(3):
        assert not test.run().exception
    assert [asked.body["query"] for asked in world.dify.asked] == ["hello"]
    gate.open()


def test_a_question_too_many_stays_with_who_typed_it(world: World) -> None:
    for name, limit, told in (
        ("sends", Limits(sends=1), "Try again in 60 seconds"),
        ("runs", Limits(runs=1), "Wait for one"),
    ):
        gate = Gate()
        world.dify.next(Answer("a", gate))
        world.site.queue._meter = Meter(limit, clock=lambda: 0.0)
        test = world.page(c=f"~{name}-key-of-our-own")
        test.chat_input[0].set_value("hello").run()
        gate.wait_reached()
        test.chat_input[0].set_value("one too many").run()
        assert told in said(test)
        assert not test.exception
        assert test.chat_input[0].value == "one too many"
        gate.open()
        until(lambda: world.site.runs.running_of(ADA.user) == 0)
    assert [asked.body["query"] for asked in world.dify.asked] == ["hello", "hello"]


def test_a_second_question_waits_for_the_first(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate))
    test = world.page()
    place = world.site.directory.of(ADA, test.query_params["c"].removeprefix("~"))
    test.chat_input[0].set_value("one").run()
    gate.wait_reached()
    test.chat_input[0].set_value("two").run()
    assert not test.exception
    assert [waiting.draft.query for waiting in place.queued] == ["two"]
    assert len(world.dify.asked) == 1
    gate.open()
    until(lambda: len(world.dify.asked) == 2)
    assert [asked.body["query"] for asked in world.dify.asked] == ["one", "two"]
    until(lambda: not place.queued)


def test_what_an_app_cannot_take_is_said(world: World) -> None:
    test = world.page()
    assert words_question.TAKES_NONE in said(test)
    assert words_question.SPEECH_OFF in said(test)


def test_what_waits_can_be_taken_back_dropped_and_sent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    gate = Gate()
    world.dify.next(Answer("a", gate))
    place = world.site.directory.open(ADA, world.site.apps[0], "~a-key-of-our-own")
    asker = world.asker(place)
    act = intents.doer(asker)
    file = File("f1", "image", belongs_to="user", name="a.png", upload_file_id="f1")
    assert asker.ask(Draft("one"), "send-one-and-more")
    gate.wait_reached()
    for query in ("two", "three", "four"):
        assert asker.ask(Draft(query, files=(file,)), f"send-{query}")
    act({"act": "drop", "waiting": "send-two"})
    act({"act": "take_back", "waiting": "send-three"})
    act({"act": "take_back", "waiting": "send-never"})
    act({"act": "nonsense", "waiting": "send-four"})
    assert [waiting.id for waiting in place.queued] == ["send-four"]
    assert [pending.file for pending in world.site.pending.of(place)] == [file]
    act({"act": "send_now", "waiting": "send-four"})
    until(lambda: [asked.body["query"] for asked in world.dify.asked] == ["one", "four"])


@pytest.mark.parametrize("blank", ["", "   ", "\n\t"])
def test_blank_questions_are_not_sent(world: World, blank: str) -> None:
    test = world.page()
    test.chat_input[0].set_value(blank).run()
    assert not test.exception
    assert world.dify.asked == []


def test_the_address_names_the_conversation(world: World) -> None:
    dialogue = world.dify.keep(row("a question of before", "an answer"), user="ada")
    test = world.page()
    key = test.query_params["c"]
    assert key.startswith("~")
    assert world.site.directory.of(ADA, key[1:]).conversation_id is None
    test = world.page(c=dialogue.id)
    assert not test.exception
    assert test.query_params["c"] == dialogue.id
    assert any(f'"current": "{dialogue.id}"' in element.proto.json for element in test.get("bidi_component"))


def test_a_conversation_is_read_before_its_page_is_there(world: World) -> None:
    dialogue = world.dify.keep(row("Why?", "Because."), user=ADA.user)
    world.page(c=dialogue.id)
    place = world.site.directory.open(ADA, world.site.apps[0], dialogue.id)
    until(lambda: [turn.answer for turn in place.turns()] == ["Because."])
    world.page(c=dialogue.id)
    asked = [path for _, path, _ in world.dify.requests if path.endswith("/messages")]
    assert len(asked) == 1, "once"


def test_a_key_of_any_letters_opens(world: World) -> None:
    # Streamlit refuses two underscores in a component's key, and such a conversation could never be opened.
    test = world.page(c="~ab__cd__ef-gh")
    assert not test.exception
    assert test.chat_input


def test_a_conversation_of_somebody_else(world: World) -> None:
    bob = Identity("bob", Role.ADMIN)
    world.site.directory.open(bob, world.site.apps[0], "~a-key-of-their-own")
    test = world.page(c="~a-key-of-their-own")
    assert not test.exception
    assert words.NOT_THEIRS in said(test)
    assert not test.chat_input


Break = Callable[[Upstream], None]


def unauthorized(dify: Upstream) -> None:
    dify.key = "another"


def forbidden(dify: Upstream) -> None:
    dify.fail("info", Refusal.of(403, "forbidden", "The app's API service has been disabled."))


def failing(dify: Upstream) -> None:
    dify.fail("parameters", Refusal.of(500, "unknown", "Internal Server Error"))


def sign_in(dify: Upstream) -> None:
    dify.fail("info", Refusal(200, "<html><script>alert(1)</script></html>"))


def unpublished(dify: Upstream) -> None:
    dify.fail("parameters", Refusal.of(400, "app_unavailable", "App unavailable"))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("broken", [unauthorized, forbidden, failing, sign_in, unpublished])
def test_a_dify_that_says_no(world: World, broken: Break, name: str | None) -> None:
    broken(world.dify)
    test = world.page(name)
    assert not test.exception
    assert len(test.error) == 1
    assert not test.chat_input
    assert world.dify.key not in said(test)
    assert any(button.label == words.RETRY for button in test.button)
    assert "<script>" not in said(test)


def test_trying_again_is_enough(world: World) -> None:
    world.dify.fail("parameters", Refusal.of(500, "unknown", "Internal Server Error"))
    test = world.page()
    world.dify.fail("parameters")
    next(button for button in test.button if button.label == words.RETRY).click().run()
    assert not test.exception
    assert not test.error
    assert test.chat_input


@pytest.mark.parametrize("name", PAGES)
def test_a_dify_that_is_away(world: World, name: str | None) -> None:
    with Upstream() as gone:
        pass
    away = site(gone.url, gone.key)
    sites.use(away)
    test = world.page(name)
    assert not test.exception
    assert words.ERRORS["connection_refused"]["title"] in said(test)
    away.stop()
    away.apps[0].client.close()


@pytest.mark.parametrize("mode", ["workflow", "completion"])
@pytest.mark.parametrize("name", PAGES)
def test_an_app_of_another_kind_is_refused_by_name(world: World, mode: str, name: str | None) -> None:
    world.dify.info = {"mode": mode}
    test = world.page(name)
    assert not test.exception
    assert mode in said(test)
    assert not test.chat_input


@pytest.mark.parametrize("name", PAGES)
def test_an_old_server(world: World, name: str | None) -> None:
    for missing in ("info", "site", "meta"):
        world.dify.fail(missing, Refusal(404, "<html>Not Found</html>"))
    world.dify.parameters = {}
    test = world.page(name)
    assert not test.exception
    assert not test.error


@pytest.mark.parametrize("name", PAGES)
def test_a_misconfigured_site_says_what_to_mend(world: World, name: str | None) -> None:
    sites.refuse("DIFY_API_KEY is set, but DIFY_BASE_URL is not.")
    test = world.page(name)
    assert not test.exception
    assert "DIFY_BASE_URL is not" in said(test)


@pytest.mark.parametrize("name", PAGES)
def test_a_browser_without_cookies(world: World, monkeypatch: pytest.MonkeyPatch, name: str | None) -> None:
    monkeypatch.undo()
    test = world.page(name)
    assert not test.exception
    assert words.NO_COOKIES in said(test)
    assert world.dify.requests == []


def test_remarks_are_on_the_page(world: World, tmp_path: Path) -> None:
    settings = Settings(
        tmp_path, (AppSettings("app", world.dify.url, world.dify.key),), ("a slash was left out",)
    )
    made = assembly.built(settings, tmp_path)
    sites.use(made)
    test = world.page()
    assert not test.exception
    assert "a slash was left out" in said(test).replace("\\", "")
    made.stop()
    made.apps[0].client.close()


# The form before the first question

FORM = {
    "user_input_form": [
        {"text-input": {"variable": "name", "label": "Your *name*", "required": True, "max_length": 8}},
        {"paragraph": {"variable": "story", "label": "Story"}},
        {"select": {"variable": "lang", "label": "Language", "options": ["en", "de"], "default": "en"}},
        {"number": {"variable": "age", "label": "Age", "default": ""}},
        {"checkbox": {"variable": "brief", "label": "Be brief", "default": True}},
        {"json_object": {"variable": "data", "label": "Data"}},
    ]
}


def test_the_form_goes_with_the_first_question(world: World) -> None:
    world.dify.parameters = FORM
    test = world.page(**{"inputs.lang": "de"})
    assert not test.exception
    test.text_input[0].set_value("Bo")
    test.number_input[0].set_value(42)
    test.text_area[1].set_value('{"a": [1]}').run()
    test.chat_input[0].set_value("hello").run()
    (started,) = world.site.runs._by_send_id.values()
    assert started.done.wait(LONG)
    inputs = {"name": "Bo", "lang": "de", "age": 42, "brief": True, "data": {"a": [1]}}
    assert world.dify.asked[0].body["inputs"] == inputs
    test.run()
    assert not test.text_input
    assert words.FORM_FIXED in said(test)
    assert "Bo" in test.expander[0].label


def test_what_was_cleared_is_not_sent(world: World) -> None:
    """Its default must not come back behind the person's back."""
    world.dify.parameters = FORM
    test = world.page(**{"inputs.age": "42"})
    test.text_input[0].set_value("Bo")
    test.selectbox[0].set_value(None)
    test.number_input[0].set_value(None).run()
    test.chat_input[0].set_value("hello").run()
    (started,) = world.site.runs._by_send_id.values()
    assert started.done.wait(LONG)
    assert world.dify.asked[0].body["inputs"] == {"name": "Bo", "brief": True}


def test_what_the_form_lacks_is_said_beside_it_and_the_text_stays(world: World) -> None:
    world.dify.parameters = FORM
    test = world.page()
    assert words.FORM_PROBLEMS["required"] not in said(test)
    test.chat_input[0].set_value("hello").run()
    assert words.FORM_PROBLEMS["required"] in said(test)
    assert words.REFUSALS["inputs"] in said(test)
    assert test.chat_input[0].proto.value == "hello"
    test.text_input[0].set_value("far too long a name").run()
    assert words.FORM_PROBLEMS["too_long"].format(limit=8) in said(test)
    assert world.dify.asked == []


def test_what_dify_says_of_a_value_stands_at_its_field(world: World) -> None:
    world.dify.parameters = FORM
    refusal = Refusal.of(400, "invalid_param", "name in input form must be less than 4 characters")
    world.dify.next(refusal, Answer("a"))
    test = world.page()
    test.text_input[0].set_value("Roberta").run()
    test.chat_input[0].set_value("hello").run()
    (started,) = world.site.runs._by_send_id.values()
    assert started.done.wait(LONG)
    test.run()
    assert "must be less than 4 characters" in said(test)
    test.text_input[0].set_value("Bo").run()
    test.chat_input[0].set_value("hello again").run()
    latest = list(world.site.runs._by_send_id.values())[-1]
    assert latest.done.wait(LONG)
    assert [asked.body["inputs"]["name"] for asked in world.dify.asked] == ["Roberta", "Bo"]


def test_a_form_is_there_again_after_another_page(world: World) -> None:
    world.dify.parameters = FORM
    test = world.page()
    test.text_input[0].set_value("Bo").run()
    test.switch_page("history.py").run()
    test.switch_page("chat.py").run()
    assert test.text_input[0].value == "Bo"


def test_a_form_is_there_again_after_a_reload(world: World) -> None:
    """What was typed wins over the address, and that over nothing; what was cleared stays empty."""
    world.dify.parameters = FORM
    here = {"c": "~a-key-of-the-page", "inputs.lang": "de", "inputs.name": "Eve", "inputs.age": "42"}
    test = world.page(**here)
    test.text_input[0].set_value("Bo").run()
    test.text_area[0].set_value("Once")
    test.text_area[1].set_value('{"a": [1]}')
    test.number_input[0].set_value(None)
    test.checkbox[0].uncheck().run()
    stale = world.page(**here)
    test.text_input[0].set_value("Ada").run()
    stale.run()
    again = world.page(**here)
    assert not again.exception
    assert (again.text_input[0].value, again.selectbox[0].value) == ("Ada", "de")
    assert [area.value for area in again.text_area] == ["Once", '{"a": [1]}']
    assert (again.number_input[0].value, again.checkbox[0].value) == (None, False)
    again.chat_input[0].set_value("hello").run()
    (started,) = world.site.runs._by_send_id.values()
    assert started.done.wait(LONG)
    inputs = {"name": "Ada", "story": "Once", "lang": "de", "brief": False, "data": {"a": [1]}}
    assert world.dify.asked[0].body["inputs"] == inputs
    again.run()
    assert world.site.pending.count(ADA.user) == 0


def test_what_was_typed_is_not_read_for_each_field(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.dify.parameters = FORM
    test = world.page()
    read, values = [], UnsentForm.values
    monkeypatch.setattr(UnsentForm, "values", lambda form: read.append(form) or values(form))
    test.run()
    assert len(read) == 2  # for the form, and for the prompts beside the composer


def test_files_of_a_form_are_there_again_after_a_reload(world: World) -> None:
    field = {"variable": "docs", "label": "Documents", "required": True, "allowed_file_types": ["document"]}
    world.dify.parameters = {"user_input_form": [{"file-list": field}]}
    place = world.site.directory.open(ADA, world.site.apps[0], "~a-key-of-the-page")
    asker = world.asker(place)
    taken = asker.rules(asker.form[0])
    for name in ("kept.txt", "wrong.txt"):
        asker.unsent.put("docs", picked(name, name, name.encode(), taken))
    test = world.page(c=f"~{place.key}")
    assert not test.exception
    assert r"kept\.txt" in said(test)
    assert r"wrong\.txt" in said(test)
    test.button(key=f"{asker.widget(asker.form[0])}-remove-wrong.txt").click().run()
    assert r"wrong\.txt" not in said(test)
    assert r"kept\.txt" in said(test)
    test.chat_input[0].set_value("hello").run()
    until(lambda: bool(world.dify.asked))
    assert [upload.content for upload in world.dify.uploads] == [b"kept.txt"]
    assert len(world.dify.asked[0].body["inputs"]["docs"]) == 1


# What a person sets for themselves


def test_whole_answers_are_asked_for_where_they_are_wanted(world: World) -> None:
    test = world.page()
    toggle = test.toggle(key="whole-answers")
    assert not toggle.value
    toggle.set_value(True).run()
    assert world.site.preferences.whole_answers(ADA.user, "chat")
    test.chat_input[0].set_value("hello").run()
    (turn,) = world.site.runs._by_send_id.values()
    assert turn.done.wait(LONG)
    assert world.dify.asked[0].body["response_mode"] == "blocking"
    assert turn.turn.answer
    elsewhere = world.page("history.py").toggle(key="whole-answers")
    assert elsewhere.value


@pytest.mark.parametrize("mode", ["agent-chat", "agent"])
def test_an_agent_is_never_asked_for_a_whole_answer(world: World, mode: str) -> None:
    world.dify.info = {"mode": mode}
    world.site.preferences.want_whole_answers(ADA.user, True)
    test = world.page()
    toggle = test.toggle(key="whole-answers")
    assert toggle.disabled
    assert not toggle.value
    assert words.WHOLE_NOT_AGENTS in said(test)
    test.chat_input[0].set_value("hello").run()
    (started,) = world.site.runs._by_send_id.values()
    assert started.done.wait(LONG)
    assert world.dify.asked[0].body["response_mode"] == "streaming"


# What a reader asks for inside the transcript


def test_a_way_too_many_stays_with_who_typed_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A click on it asks many questions: it counts as one more, and is refused like any other."""
    place = world.site.directory.open(ADA, world.site.apps[0], "~a-key-of-our-own")
    act = intents.doer(world.asker(place))
    world.site.queue._meter = Meter(Limits(sends=1), clock=lambda: 0.0)
    act({"act": "ask", "query": "hello", "send_id": "0123456789abcdef"})
    (turn,) = place.turns()
    assert world.site.runs._by_send_id[turn.id].done.wait(LONG)
    told: list[object] = []
    monkeypatch.setattr(session, "refused", lambda code, **said: told.append((code, said)))
    monkeypatch.setattr(session, "keep_text", lambda where, text: told.append((where.key, text)))
    monkeypatch.setattr(session, "go_to", lambda *_: told.append("gone"))
    act({"act": "repeat", "turn": turn.id, "query": "hello again", "send_id": "fedcba9876543210"})
    assert told == [(place.key, "hello again"), ("limit_sends", {"wait": "60"})]
    assert [asked.body["query"] for asked in world.dify.asked] == ["hello"]


def test_an_intent_is_carried_out_once(world: World) -> None:
    place = world.site.directory.open(ADA, world.site.apps[0], "~a-key-of-our-own")
    act = intents.doer(world.asker(place))
    ask = {"act": "ask", "query": "What can you do?", "send_id": "0123456789abcdef"}
    for _ in range(3):
        act(ask)
    (turn,) = place.turns()
    assert turn.query == "What can you do?"
    started = world.site.runs._by_send_id[turn.id]
    assert started.done.wait(LONG)
    act({"act": "retry", "turn": turn.id, "send_id": "fedcba9876543210"})
    assert [t.query for t in place.turns()] == ["What can you do?"] * 2
    assert world.site.runs._by_send_id["fedcba9876543210"].done.wait(LONG)
    assert len(world.dify.asked) == 2


@pytest.mark.parametrize(
    "intent",
    [
        {},
        {"act": "ask"},
        {"act": "ask", "query": "q"},
        {"act": "ask", "query": "q", "send_id": ""},
        {"act": "ask", "query": "q", "send_id": "short"},
        {"act": "ask", "query": "q", "send_id": "x" * 65},
        {"act": "ask", "query": "q", "send_id": "../0123456789abcdef"},
        {"act": "ask", "query": "q", "send_id": None},
        {"act": "ask", "query": "q", "send_id": ["0123456789abcdef"]},
        {"act": "ask", "query": " \n", "send_id": "0123456789abcdef"},
        {"act": "ask", "query": 7, "send_id": "0123456789abcdef"},
        {"act": "retry", "turn": "no-such-turn", "send_id": "0123456789abcdef"},
        {"act": "retry", "turn": 7, "send_id": "0123456789abcdef"},
        {"act": "renew", "turn": "no-such-turn", "send_id": "0123456789abcdef"},
        {"act": "delete everything", "send_id": "0123456789abcdef"},
        {"act": ["ask"], "query": "q", "send_id": "0123456789abcdef"},
    ],
)
def test_an_intent_that_makes_no_sense_does_nothing(world: World, intent: dict[str, object]) -> None:
    place = world.site.directory.open(ADA, world.site.apps[0], "~a-key-of-our-own")
    intents.doer(world.asker(place))(intent)
    assert place.turns() == []
    assert world.dify.asked == []


def test_a_draft_is_what_was_typed(world: World) -> None:
    place = world.site.directory.open(ADA, world.site.apps[0], "~a-key-of-our-own")
    started = world.site.runs.start(ADA, world.site.apps[0].client, place, Draft("  two\nlines "), "send-1")
    assert started is not None
    assert started.done.wait(LONG)
    assert world.dify.asked[0].body["query"] == "  two\nlines "
