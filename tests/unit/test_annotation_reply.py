"""Annotation reply switched on and off, and proved by test cases, against the embedded backend as it runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.annotations import reply
from services.annotations.book import Book, Invalid
from services.annotations.cases import Cases, Running
from services.annotations.reply import Replies, UnderWay, Wanted
from services.apps import App
from services.dify.client import Client
from services.dify.models import EmbeddingModel, Models
from services.dify.patience import Patience
from services.identity import Identity, Role
from services.store import Store
from tests.annotated import Annotated
from tests.contract.processes import Embedded, running
from tests.site import until
from tests.upstream import CUT, Answer, Gate, Refusal, row
from tests.wire import Line, Wire
from tests.wire import Request as Said

ADA = Identity("ada", Role.CURATOR)
EVE = Identity("eve", Role.AGENT)
MINILM = Wanted(0.9, "embedded", "all-MiniLM-L6-v2")


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with running(tmp_path_factory.mktemp("embedded")) as server:
        yield server


@pytest.fixture
def app(embedded: Embedded) -> Iterator[App]:
    with Client(embedded.base_url, embedded.api_key) as client:
        yield App("app", client)
        for row in client.annotations.list(limit=100).data:
            client.annotations.delete(row.id)


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store.in_memory()
    yield made
    made.close()


@pytest.fixture
def replies(store: Store) -> Replies:
    return Replies(store.database)


def ended(replies: Replies, app: App) -> reply.Switch:
    def over() -> bool:
        now = replies.look(ADA, app)
        return now is not None and not now.running

    until(over, "the end of the job")
    last = replies.last(ADA, app)
    assert last is not None
    return last


@contextmanager
def switched_on(replies: Replies, app: App) -> Iterator[None]:
    replies.switch(ADA, app, "enable", MINILM)
    assert ended(replies, app).status == "completed"
    try:
        yield
    finally:
        replies.switch(ADA, app, "disable", MINILM)
        assert ended(replies, app).status == "completed"


# The switch


def test_on_and_off_and_what_is_known_of_it(replies: Replies, app: App) -> None:
    assert replies.look(ADA, app) is None
    with switched_on(replies, app):
        last = replies.last(ADA, app)
        assert last is not None
        assert (last.action, last.wanted, last.error) == ("enable", MINILM, "")
        said = replies.parameters(ADA, app)
        assert (said.annotation_reply, said.annotation_threshold) == (True, 0.9)
    assert not replies.parameters(ADA, app).annotation_reply
    assert [switch.action for switch in replies.earlier(ADA, app)] == ["disable", "enable"]


def test_a_job_that_fails_brings_its_message(replies: Replies, app: App) -> None:
    app.client.annotations.create("a question", "an answer")
    replies.switch(ADA, app, "enable", Wanted(0.8, "nobody", "nothing"))
    last = ended(replies, app)
    assert (last.status, last.error) == ("error", "Provider nobody does not exist.")


def test_a_job_that_waits_for_ever_is_given_up_and_can_be_looked_at_again(
    replies: Replies, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AssertionError, match="never"):
        monkeypatch.setattr("tests.site.PATIENCE", 1.0)
        replies.switch(ADA, app, "disable", MINILM)  # of what was never on
        ended(replies, app)
    last = replies.look(ADA, app)
    assert last is not None
    assert last.status == "waiting"
    assert not last.overdue(last.asked_at + reply.PATIENCE - 1)
    with pytest.raises(UnderWay):
        replies.switch(ADA, app, "enable", MINILM)
    monkeypatch.setattr(reply, "PATIENCE", 0.0)
    assert last.overdue(last.asked_at + 1)
    monkeypatch.setattr("tests.site.PATIENCE", 30.0)
    with switched_on(replies, app):  # nobody is locked out by it
        pass


def test_a_job_goes_on_being_followed_by_the_next_process(store: Store, app: App) -> None:
    Replies(store.database).switch(ADA, app, "enable", MINILM)
    assert ended(Replies(store.database), app).status == "completed"
    Replies(store.database).switch(ADA, app, "disable", MINILM)
    assert ended(Replies(store.database), app).status == "completed"


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (Wanted(1.5, "p", "m"), "threshold"),
        (Wanted(-0.1, "p", "m"), "threshold"),
        (Wanted(float("nan"), "p", "m"), "threshold"),
        (Wanted(0.5, "  ", "m"), "provider"),
        (Wanted(0.5, "p", "m" * 256), "model"),
    ],
)
def test_what_cannot_be_meant_is_not_sent(replies: Replies, app: App, wanted: Wanted, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        replies.switch(ADA, app, "enable", wanted)
    assert replies.earlier(ADA, app) == []


def replying(line: Line, request: Said) -> None:
    """The states and the spellings of older servers; a job of the third look is forgotten."""
    looks.append((request.method, request.target))
    if request.method == "POST":
        body = b'{"job_id": "j1", "job_status": "waiting"}'
    elif len(looks) < 4:
        body = b'{"job_id": "j1", "job_status": "processing", "error_msg": null}'
    else:
        body = b'{"job_id": "j1", "job_status": "failed", "error_msg": "no such model"}'
    line.answer("200 OK", body)


looks: list[tuple[str, str]] = []


def test_the_other_set_of_job_states(replies: Replies) -> None:
    looks.clear()
    with Wire(replying) as server, Client(server.url, "app-x") as client:
        app = App("app", client)
        replies.switch(ADA, app, "enable", MINILM)
        first = replies.look(ADA, app)
        assert first is not None
        assert (first.status, first.running) == ("processing", True)
        last = ended(replies, app)
        assert (last.status, last.error) == ("error", "no such model")


def test_a_job_that_the_server_has_forgotten(replies: Replies, app: App, store: Store) -> None:
    switch = replies.switch(ADA, app, "enable", MINILM)
    assert ended(replies, app).status == "completed"
    replies._known(switch, status="waiting", job_id="11111111-1111-4111-8111-111111111111")
    last = replies.look(ADA, app)
    assert last is not None
    assert (last.status, last.running) == ("forgotten", False)
    replies.switch(ADA, app, "disable", MINILM)
    assert ended(replies, app).status == "completed"


def test_a_refusal_is_what_became_of_it(replies: Replies) -> None:
    with Annotated() as dify, Client(dify.url, "app-wrong-key-of-28-signs") as client:
        switch = replies.switch(ADA, App("app", client), "enable", MINILM)
    assert (switch.status, switch.running) == ("refused", False)


def test_models_are_listed_with_a_dataset_key() -> None:
    def listing(line: Line, request: Said) -> None:
        assert request.target == "/v1/workspaces/current/models/model-types/text-embedding"
        assert request.headers["authorization"] == "Bearer dataset-key"
        line.answer(
            "200 OK",
            b'{"data": [{"provider": "zhipu", "models": [{"model": "embedding-3", "status": "active"},'
            b' {"model": "off", "status": "no-configure"}]}, {"provider": "x", "models": null}, 7]}',
        )

    with Wire(listing) as server:
        models = Models(server.url, "dataset-key")
        assert models.embedding() == (EmbeddingModel("zhipu", "embedding-3"),)
        models.close()


# The proof


@pytest.fixture
def cases(store: Store) -> Iterator[Cases]:
    made = Cases(cache(lambda app: Book(app, store.database)), store.database, pause=0.01)
    yield made
    made.close()


def over(cases: Cases, app: App) -> dict[str, int]:
    until(lambda: cases.under_way(ADA, app) is None, "the end of the run")
    return dict(cases.runs(ADA, app)[0][1])


def test_a_question_is_tried_kept_and_run(replies: Replies, cases: Cases, app: App) -> None:
    password = app.client.annotations.create("How do I reset my password?", "Under Settings.")
    invoice = app.client.annotations.create("Where is my invoice?", "In the mail.")
    with switched_on(replies, app):
        hit = cases.try_out(ADA, app, "How do I reset my password?")
        assert (hit.heard.annotation_id, hit.heard.answer, hit.heard.left_behind) == (
            password.id,
            "Under Settings.",
            False,
        )
        assert hit.row is not None
        miss = cases.try_out(ADA, app, "How do I reset a pasword of an account that is not mine?")
        assert (miss.heard.annotation_id, miss.row) == ("", None)
        assert miss.near[0].row.id == password.id
        assert 40 <= miss.near[0].likeness < 100
        book = {row.id: row for row in cases._book(app).rows(ADA)}
        for question, expected in [
            ("How do I reset my password?", book[password.id]),  # hit
            ("Where is my invoice?", book[password.id]),  # wrong hit
            ("What is the weather like on the moon?", book[invoice.id]),  # miss
            ("And on Mars, is there any?", None),  # hit: none was expected
        ]:
            cases.save(ADA, app, question, expected)
        cases.run(ADA, app)
        assert over(cases, app) == {"hit": 2, "wrong": 1, "miss": 1}
        run, _ = cases.runs(ADA, app)[0]
        assert (run.cases, run.ended_at is not None) == (4, True)
        wrong = next(result for result in cases.results(ADA, app, run.id) if result.outcome == "wrong")
        assert (wrong.got_question, wrong.expected_question) == ("Where is my invoice?", password.question)
        # One that was deleted and restored has another id, and answers as expected.
        app.client.annotations.delete(password.id)
        app.client.annotations.create(password.question, password.answer)
        cases.run(ADA, app)
        assert over(cases, app)["hit"] == 2
    assert app.client.conversations.list("ada-test").data == ()
    cases.remove(ADA, app, cases.all(ADA, app)[0].id)
    assert len(cases.all(ADA, app)) == 3


def test_a_run_bears_with_a_server_that_is_busy_and_tells_what_failed(cases: Cases) -> None:
    with Annotated() as dify, Client(dify.url, dify.key, patience=Patience(repeats=0)) as client:
        app = App("app", client)
        dify.parameters["user_input_form"] = [
            {"text-input": {"variable": "name", "label": "Name", "required": True, "max_length": 3}}
        ]
        for question in ("one", "two", "three"):
            cases.save(ADA, app, question, None)
        busy = Refusal.of(429, "too_many_requests", "Too many requests.", retry_after="0")
        refused = Refusal.of(400, "invalid_param", "Not this one.")
        dify.next(busy, Answer("fine"), refused, busy, busy, Answer("fine"))
        cases.run(ADA, app)
        assert over(cases, app) == {"hit": 2, "error": 1}
        asked = [each.body for each in dify.asked]
        assert {(body["user"], body["auto_generate_name"]) for body in asked} == {("ada-test", False)}
        assert {str(body["inputs"]) for body in asked} == {"{'name': 'tes'}"}


class Deleting(Annotated):
    """Conversations can be deleted, as recordings 65_* have it."""

    def _app(self) -> Starlette:
        app = super()._app()
        app.router.routes.insert(0, Route("/v1/conversations/{it}", self._forget_one, methods=["DELETE"]))
        return app

    async def _forget_one(self, request: Request) -> Response:
        user = json.loads(await request.body())["user"]
        found = self.dialogues.get(request.path_params["it"])
        if found is None or found.user != user:
            return Refusal.of(404, "not_found", "Conversation Not Exists.").response()
        del self.dialogues[found.id]
        return Response(status_code=204)


@pytest.mark.parametrize("flow", [False, True])
def test_nothing_of_a_test_is_left_behind(cases: Cases, flow: bool) -> None:
    """Whatever was answered, and what a killed process has left; what cannot be deleted is told."""
    with Deleting() as dify, Client(dify.url, dify.key, patience=Patience(repeats=0)) as client:
        app = App("app", client)
        dify.keep(row("left by a kill", "x"), user="ada-test")
        theirs = dify.keep(row("somebody's own", "x"), user="ada").id
        dify.next(Answer("fine", flow=flow))
        tried = cases.try_out(ADA, app, "a question")
        assert (tried.heard.answer, tried.heard.left_behind) == ("fine", False)
        assert list(dify.dialogues) == [theirs]
        dify.next(Answer("half ", CUT))
        tried = cases.try_out(ADA, app, "a question")
        assert tried.heard.error
        dify.fail("conversations", Refusal.of(500, "internal_server_error", "No."))
        assert cases.try_out(ADA, app, "a question").heard.left_behind


def test_nothing_is_no_question(cases: Cases, app: App) -> None:
    with pytest.raises(Invalid):
        cases.try_out(ADA, app, "  ")


def test_one_run_at_a_time(cases: Cases) -> None:
    with Annotated() as dify, Client(dify.url, dify.key) as client:
        app = App("app", client)
        gate = Gate()
        dify.next(Answer("a", gate, "b"))
        cases.save(ADA, app, "one", None)
        cases.save(ADA, app, "two", None)
        cases.run(ADA, app)
        gate.wait_reached()
        with pytest.raises(Running):
            cases.run(ADA, app)
        cases.stop(ADA, app)
        gate.open()
        assert over(cases, app) == {"hit": 1}
        assert cases.runs(ADA, app)[0][0].ended_at is None
