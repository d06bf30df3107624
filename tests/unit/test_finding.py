"""The list of conversations, and what is found in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.dify.errors import DifyError
from services.history import PAGE, SORTS, Page, Query
from services.passages import snippet, terms
from services.search import Search
from services.store import Store
from tests.site import until
from tests.unit.archived import ADA, BOB, World, world_over
from tests.upstream import Refusal, Upstream, row


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    with Upstream() as dify, world_over(dify, store) as made:
        yield made


def found(world: World, text: str, identity: object = ADA, **limits: float) -> Page:
    """When the list has been read to its end."""
    query = Query(text=text, **limits)  # type: ignore[arg-type]
    pages: list[Page] = []

    def read() -> bool:
        pages.append(world.archive.history.page(identity, world.app, query))  # type: ignore[arg-type]
        return not pages[-1].reading

    until(read, "the end of the list")
    return pages[-1]


def names(page: Page) -> list[str]:
    return [row.name for row in page.rows]


def listed(world: World, count: int) -> None:
    for number in range(count):
        kept = world.dify.keep(row(f"Title {number:04}", "x"), user="ada")
        kept.created_at, kept.updated_at = 1_000_000 + number, 2_000_000 - number


def test_all_are_listed_page_by_page_in_each_order(world: World) -> None:
    listed(world, 2 * PAGE + 5)
    for sort_by in SORTS:
        rows, after = [], None
        while True:
            page = world.archive.history.page(ADA, world.app, Query(sort_by), after)
            rows += [row.name for row in page.rows]
            after = page.after
            if after is None:
                break
        ascending = sort_by in {"created_at", "-updated_at"}
        assert rows == sorted(rows, reverse=not ascending)
        assert len(set(rows)) == 2 * PAGE + 5
    limits = {int(query["limit"]) for _, path, query in world.dify.requests if path == "/conversations"}
    assert limits == {PAGE}


def test_a_search_pages_through_what_it_finds(world: World) -> None:
    listed(world, PAGE + 20)
    page = found(world, "title")
    rest = world.archive.history.page(ADA, world.app, Query(text="title"), page.after)
    assert len({row.id for row in (*page.rows, *rest.rows)}) == PAGE + 20
    assert rest.after is None
    assert found(world, "title", since=1_999_990.0, until=1_999_995.0).known == PAGE + 20
    assert len(found(world, "title", since=1_999_990.0, until=1_999_995.0).rows) == 5


def test_titles_are_found_without_regard_to_case_and_accents(world: World) -> None:
    for name in ("Élan vital", "東京の天気", "100% sure_thing", "🚀 Launch"):
        world.dify.keep(row("q", "a"), user="ada").name = name
    assert names(found(world, "elan")) == ["Élan vital"]
    assert names(found(world, "京")) == ["東京の天気"]
    assert names(found(world, "LAUNCH")) == ["🚀 Launch"]
    assert names(found(world, "100%")) == ["100% sure_thing"]
    assert names(found(world, "nothing such")) == []


def test_words_of_questions_and_answers_are_found_at_their_message(world: World) -> None:
    turn = world.asked("Where do übermorgen trains go?")
    world.asked("Something else entirely")
    page = found(world, "UBERMORG")
    assert [row.id for row in page.rows] == [turn.conversation_id]
    message, pieces = page.snippets[turn.conversation_id]
    assert message == turn.message_id
    assert ("übermorg", True) in pieces
    assert "".join(text for text, _ in pieces).strip() == "Echo: Where do übermorgen trains go?"


def test_what_was_only_read_is_found_too(world: World) -> None:
    kept = world.dify.keep(row("an old question", "about a xylophone"), user="ada")
    assert names(found(world, "xylophone")) == []
    world.site.directory.load(world.site.directory.open(ADA, world.app, kept.id), world.app)
    assert [row.id for row in found(world, "xylophone").rows] == [kept.id]


def test_what_dify_forgot_is_found_still(world: World) -> None:
    turn = world.asked("what was stopped: quince")
    world.dify.dialogues[turn.conversation_id].rows[0]["answer"] = ""
    list(
        world.site.directory.whole(
            world.site.directory.glimpse(world.app, "ada", turn.conversation_id), world.app
        )
    )
    (pieces,) = [pieces for _, pieces in found(world, "echo quince").snippets.values()]
    assert ("Echo", True) in pieces


def test_nobody_finds_what_another_person_has_seen(world: World) -> None:
    turn = world.asked("a secret word: rhubarb")
    assert [row.id for row in found(world, "rhubarb").rows] == [turn.conversation_id]
    assert found(world, "rhubarb", BOB).rows == ()
    assert found(world, 'rhubarb" OR owner:o*', BOB).rows == ()


@pytest.mark.parametrize(
    "text", ['"', "AND", "a* NOT b", "owner:x", "(", "%_", "\0", "'; drop table seen; --"]
)
def test_no_search_is_a_syntax_error(world: World, text: str) -> None:
    world.asked("anything")
    found(world, f"{text} zzz")


def test_a_list_that_cannot_be_read_says_so(world: World) -> None:
    world.dify.fail("conversations", Refusal.of(500, "unknown", "broken"))
    with pytest.raises(DifyError):
        world.archive.history.page(ADA, world.app, Query())
    with pytest.raises(DifyError):
        found(world, "anything")


def test_what_is_gone_at_dify_is_gone_here_when_the_list_is_read_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(world, 3)
    assert len(found(world, "title").rows) == 3
    del world.dify.dialogues[next(iter(world.dify.dialogues))]
    monkeypatch.setattr("services.history.WHOLE_AGAIN", 0.0)
    page = world.archive.history.page(ADA, world.app, Query(text="title"))
    assert page.reading
    monkeypatch.undo()
    assert len(found(world, "title").rows) == 2


def test_a_database_of_before_is_searched_like_a_new_one(tmp_path: Path) -> None:
    """Rows of the first version are filled in by the migration, and indexed at the start."""
    path = tmp_path / "console.sqlite3"
    from alembic import command
    from alembic.config import Config

    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "services/migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.execute(
            sa.text(
                "INSERT INTO conversations (key, app, user, conversation_id, created_at) VALUES "
                "('k1', 'app', 'ada', 'c1', 1), ('k2', 'app', 'ada', NULL, 1)"
            )
        )
        for turn, key, state in (
            ("t1", "k1", "complete"),
            ("t2", "k1", "streaming"),
            ("t3", "k2", "complete"),
        ):
            connection.execute(
                sa.text(
                    "INSERT INTO turns"
                    " (id, key, state, query, answer, message_id, asked_at, updated_at, rest)"
                    " VALUES (:t, :k, :s, 'why?', 'because of Größe', 'm-' || :t, 1, 1, '{}')"
                ),
                {"t": turn, "k": key, "s": state},
            )
    engine.dispose()
    store = Store.behind(path)
    search = Search(store)
    while search.catch_up():
        pass
    assert {
        hit.message_id for hit in search.hits("app", "ada", terms("grosse große"), ["c1"]).values()
    } == set()
    assert {
        hit.message_id for hit in search.hits("app", "ada", terms("GRÖSSE größe because"), ["c1"]).values()
    } == set()
    assert {hit.message_id for hit in search.hits("app", "ada", terms("größe"), ["c1"]).values()} == {"m-t1"}
    store.close()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM turns").fetchone() == (3,)


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("a b c", "b", [("a ", False), ("b", True), (" c", False)]),
        ("upstream", "stream", None),
        ("今日は東京です", "東京", [("今日は", False), ("東京", True), ("です", False)]),
        ("Straße", "strasse", [("Straße", True)]),
        ("", "a", None),
    ],
)
def test_snippets(text: str, words: str, expected: list[tuple[str, bool]] | None) -> None:
    assert snippet(text, terms(words)) == expected


def test_a_snippet_is_the_passage_and_no_more() -> None:
    text = "x " * 5_000 + "needle" + " y" * 5_000
    pieces = snippet(text, ["needle"])
    assert pieces
    assert ("needle", True) in pieces
    assert sum(len(piece) for piece, _ in pieces) < 250
    assert pieces[0][0].startswith("…")
    assert pieces[-1][0].endswith("…")
