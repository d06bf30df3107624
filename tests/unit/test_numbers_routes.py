"""Numbers to take away, on a real server: each file, its roles, its apps, and what it may hold."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette

from routes import numbers
from services import assembly
from services import site as sites
from services.access import Access
from services.apps import App
from services.database import StoreError
from services.dify.client import Client
from services.dify.parts import AnnotationReply, Usage
from services.identity import Identity, Role
from services.numbers.sheet import FIGURES, QUESTION
from services.outcome import Rating
from services.site import Site
from services.store import Store
from tests.unit.test_numbers import asked
from tests.unit.test_routes import listening

LONG = 20.0


class Whoever:
    """Signs in whom a test says."""

    mode = "accounts"
    person: Identity | None = Identity("ada", Role.CURATOR)

    def of(self, *_: object) -> Identity | None:
        return self.person

    def role(self, _: str) -> Role | None:
        return None

    def refusal(self, *_: object) -> None:
        return None

    def introduction(self, *, secure: bool) -> str | None:
        return None


class World:
    def __init__(self, site: Site, whoever: Whoever, url: str) -> None:
        self.site, self.whoever, self.url = site, whoever, url

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}/numbers/{path}", timeout=LONG)

    def rows(self, path: str) -> list[dict[str, str]]:
        answer = self.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.content.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture
def world() -> Iterator[World]:
    store, whoever = Store.in_memory(), Whoever()
    client = Client("http://127.0.0.1:9/v1", "key")
    leads = App("leads", client, access=Access(groups=frozenset({"leads"})))
    site = assembly.over(App("app", client), whoever, store, [leads])  # type: ignore[arg-type]
    sites.use(site)
    with listening(Starlette(routes=numbers.ROUTES)) as url:
        yield World(site, whoever, url)
    sites.refuse("over")
    site.stop()
    client.close()


def test_each_file_holds_its_figures(world: World) -> None:
    store, now = world.site.store, time.time() - 5
    asked(
        store, 0, now, user='=HYPERLINK("x")', usage=Usage(1, 2, 3, total_price="0.0000010", currency="USD")
    )
    asked(store, 1, now, annotation=AnnotationReply("a"), usage=Usage(total_price="2.50", currency="-1+1"))
    asked(store, 2, now, app="leads")
    store.rate("eve", "m1", Rating("dislike", "words of a person"))
    (day,) = (each for each in world.rows("day.csv?days=7&zone=Europe/Berlin") if each["questions"] != "0")
    assert list(day) == ["day", *FIGURES, "price_-1+1", "price_USD"]
    expected = {"questions": "2", "from_annotations": "1", "dislikes": "1", "price_USD": "0.000001"}
    assert expected.items() <= day.items()
    assert day["first_text_median_s"] == "0.5"
    assert [each["app"] for each in world.rows("app.csv")] == ["app"]
    assert {each["person"] for each in world.rows("person.csv")} == {"eve", '\'=HYPERLINK("x")'}
    questions = world.rows("question.csv")
    assert list(questions[0]) == list(QUESTION)
    assert [each["rating"] for each in questions] == ["", "dislike"]
    assert [each["currency"] for each in questions] == ["USD", "'-1+1"]
    assert "words of a person" not in world.get("question.csv").text
    assert len(world.rows("day.csv?days=3")) == 3


def test_files_are_of_the_apps_that_somebody_may_use(world: World) -> None:
    store, now = world.site.store, time.time() - 5
    for number, app in enumerate(("app", "leads", "long-gone")):
        asked(store, number, now, app=app)
    assert world.get("app.csv?app=leads").status_code == 404
    assert world.get("app.csv?app=long-gone").status_code == 404
    world.whoever.person = Identity("ada", Role.CURATOR, groups=frozenset({"leads"}))
    assert [each["app"] for each in world.rows("app.csv?app=leads")] == ["leads"]
    assert [each["app"] for each in world.rows("app.csv")] == ["app", "leads"]
    world.whoever.person = Identity("ada", Role.ADMIN)
    assert [each["app"] for each in world.rows("app.csv")] == ["app", "leads", "long-gone"]


@pytest.mark.parametrize("kind", ["day", "app", "person", "question"])
def test_files_are_for_curators(world: World, kind: str) -> None:
    for role in (Role.VIEWER, Role.AGENT):
        world.whoever.person = Identity("eve", role)
        answer = world.get(f"{kind}.csv")
        assert (answer.status_code, answer.json()["code"]) == (403, "denied")
    world.whoever.person = None
    assert world.get(f"{kind}.csv").status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "day.csv?days=0",
        "day.csv?days=99999",
        "day.csv?days=x",
        "day.csv?zone=Nowhere",
        "day.csv?zone=../../etc/passwd",
        "day.csv?zone=/etc/passwd",
        "day.csv?zone=",
        "day.csv?zone=%00",
    ],
)
def test_what_is_no_period_is_refused(world: World, path: str) -> None:
    assert world.get(path).status_code == 400


def test_without_a_database_there_is_an_error_and_no_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise StoreError("down")

    monkeypatch.setattr(world.site.store.database, "begin", down)
    for kind in ("day", "question"):
        assert world.get(f"{kind}.csv").status_code == 503
    assert world.get("words.csv").status_code == 404


def test_many_questions_come_in_pieces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.numbers.numbers.PAGE", 4)
    monkeypatch.setattr("routes.numbers.LINES", 3)
    for number in range(11):
        turn = asked(world.site.store, number, time.time() - 100 + number)
        world.site.store.save(f"key-app-eve-{number}", replace(turn, whole=True))
    rows = world.rows("question.csv")
    assert [each["message_id"] for each in rows] == [f"m{number}" for number in range(11)]
    assert {each["first_ms"] for each in rows} == {""}
