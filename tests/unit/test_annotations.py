"""Annotations as curators keep them: every change in the journal, every change undone, nobody overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from services.annotations.book import Book, Conflict, Gone, Invalid, NotUndoable, Row
from services.annotations.bulk import undo_all
from services.apps import App
from services.dify.client import Client
from services.dify.errors import DifyError, Forbidden
from services.dify.patience import Patience
from services.identity import Identity, Role
from services.store import Store, StoreError
from tests.annotated import Annotated
from tests.site import PATIENCE
from tests.upstream import HANG, Refusal

ADA = Identity("ada", Role.CURATOR)
BEN = Identity("ben", Role.CURATOR)
AGENT = Identity("eve", Role.AGENT)


@dataclass
class World:
    dify: Annotated
    app: App
    store: Store
    book: Book

    def restarted(self) -> Book:
        """The book of a process that knows only what is on disk."""
        return Book(self.app, self.store.database)


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    patience = Patience(connect=2, read=1, repeats=0)
    with Annotated() as dify, Client(dify.url, dify.key, patience=patience) as client:
        app = App("app", client)
        yield World(dify, app, store, Book(app, store.database))


def states(book: Book) -> list[tuple[str, str]]:
    return [(change.kind, change.state) for change in book.changes(ADA)]


# The list


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 1_234])
def test_all_rows_are_read_once_newest_first(world: World, count: int) -> None:
    for number in range(count):
        world.dify.has(f"question {number}")
    rows = world.book.rows(ADA)
    assert [row.question for row in rows] == [f"question {number}" for number in reversed(range(count))]
    asked = world.dify.asked_for("GET")
    assert asked == max(
        1, -(-count // 100)
    )  # has_more is true on an exactly full last page, and not believed
    world.book.rows(ADA)
    assert world.dify.asked_for("GET") == asked
    world.book.rows(ADA, fresh=True)
    assert world.dify.asked_for("GET") == 2 * asked


def test_nulls_are_empty(world: World) -> None:
    row_id = world.dify.has(None, None, None)
    world.dify.kept[0]["created_at"] = None
    assert world.book.rows(ADA) == (Row(row_id, "", "", None, None),)


def test_a_row_that_moved_between_two_pages_is_found(world: World) -> None:
    for number in range(250):
        world.dify.has(f"question {number}")
    listed = list(world.dify.kept)
    world.dify.kept = ShrinkingOnce(listed)
    ids = [row["id"] for row in listed]
    assert [row.id for row in world.book.rows(ADA)] == ids[1:]


class ShrinkingOnce(list):  # type: ignore[type-arg]
    """Somebody deletes the newest row after the first page was read."""

    reads = 0

    def __iter__(self):
        self.reads += 1
        if self.reads == 2:
            del self[0]
        return super().__iter__()


def test_a_list_that_cannot_be_read_is_an_error_and_then_an_old_one(world: World) -> None:
    world.dify.has("q")
    world.dify.fail("annotations/list", Refusal.of(403, "forbidden", "No."))
    with pytest.raises(Forbidden):
        world.book.look(ADA)
    world.dify.fail("annotations/list")
    assert world.book.look(ADA).trouble is None
    world.dify.fail("annotations/list", Refusal.of(403, "forbidden", "No."))
    world.book._reader.forget()
    listing = world.book.look(ADA)
    assert (len(listing.rows), listing.whole) == (1, True)
    assert isinstance(listing.trouble, Forbidden)


# Changes


def test_a_row_is_added_changed_and_deleted(world: World) -> None:
    row = world.book.add(ADA, "q", "a", message_id="m1")
    changed = world.book.change(ADA, row.id, "q2", "a", seen=row)
    assert world.dify.texts == [("q2", "a")]
    assert world.book.rows(ADA) == (changed,)
    world.book.delete(ADA, row.id)
    assert world.dify.texts == []
    assert world.book.rows(ADA) == ()
    assert [(c.kind, c.user, c.before, c.after, c.state) for c in world.book.history(BEN, row.id)] == [
        ("delete", "ada", ("q2", "a"), ("", ""), "done"),
        ("change", "ada", ("q", "a"), ("q2", "a"), "done"),
        ("add", "ada", ("", ""), ("q", "a"), "done"),
    ]
    assert world.book.history(ADA, row.id)[-1].message_id == "m1"


@pytest.mark.parametrize(
    ("question", "answer", "field", "reason"),
    [
        ("", "a", "question", "empty"),
        (" \n", "a", "question", "empty"),
        ("q", "", "answer", "empty"),
        ("q" * 2_001, "a", "question", "too_long"),
        ("q", "a" * 10_001, "answer", "too_long"),
        ("q\0", "a", "question", "unfit"),
    ],
)
def test_what_no_annotation_may_be(world: World, question: str, answer: str, field: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        world.book.add(ADA, question, answer)
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert (world.dify.kept, states(world.book)) == ([], [])


def test_an_answer_that_others_made_too_long_can_still_get_a_better_question(world: World) -> None:
    row_id = world.dify.has("q", "a" * 20_000)
    (row,) = world.book.rows(ADA)
    world.book.change(ADA, row_id, "better", row.answer, seen=row)
    assert world.dify.kept[0]["question"] == "better"


def test_the_second_curator_is_shown_the_first_ones_words(world: World) -> None:
    row_id = world.dify.has("q", "a")
    (seen,) = world.book.rows(BEN)
    world.dify.named(row_id)["answer"] = "Ada's"
    with pytest.raises(Conflict) as conflict:
        world.book.change(BEN, row_id, "q", "Ben's", seen=seen)
    assert conflict.value.theirs.texts == ("q", "Ada's")
    assert world.dify.texts == [("q", "Ada's")]
    with pytest.raises(Conflict):
        world.book.delete(BEN, row_id, seen=seen)
    world.book.change(BEN, row_id, "q", "Ben's", seen=conflict.value.theirs)
    assert world.dify.texts == [("q", "Ben's")]


def test_a_changed_question_is_found_though_no_search_finds_it(world: World) -> None:
    rows = [world.dify.has(f"question {number}") for number in range(230)]
    seen = world.book.rows(ADA)[-1]
    world.dify.named(rows[0])["question"] = "something else"
    with pytest.raises(Conflict) as conflict:
        world.book.change(ADA, rows[0], "mine", "a", seen=seen)
    assert conflict.value.theirs.question == "something else"


def test_a_change_costs_two_small_requests(world: World) -> None:
    rows = [world.dify.has(f"question {number}") for number in range(230)]
    seen = world.book.rows(ADA)[-1]
    before = len(world.dify.requests)
    world.book.change(ADA, rows[0], "mine", "a", seen=seen)
    (_, _, query), put = world.dify.requests[before:]
    assert (query["keyword"], put[0]) == ("question 0", "PUT")


def test_what_was_deleted_meanwhile_is_gone(world: World) -> None:
    row_id = world.dify.has("q", "a")
    (seen,) = world.book.rows(ADA)
    world.dify.kept.clear()
    with pytest.raises(Gone):
        world.book.change(ADA, row_id, "q", "mine", seen=seen)
    with pytest.raises(Gone):
        world.book.delete(ADA, row_id)
    assert world.book.rows(ADA) == ()


def test_a_refusal_is_in_the_journal_and_changes_nothing(world: World) -> None:
    row_id = world.dify.has("q", "a")
    (seen,) = world.book.rows(ADA)
    world.dify.fail("annotations/update", Refusal.of(403, "forbidden", "Not for you."))
    with pytest.raises(Forbidden):
        world.book.change(ADA, row_id, "q", "mine", seen=seen)
    (change,) = world.book.changes(ADA)
    assert (change.state, change.undoable) == ("failed", False)
    assert "Not for you." in change.error
    assert world.book.rows(ADA) == (seen,)


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("kind", ["add", "change", "delete"])
def test_a_change_whose_end_nobody_saw_is_settled_by_the_list(world: World, kind: str, arrived: bool) -> None:
    """Also by the next process."""
    seen = Row(world.dify.has("q", "a"), "q", "a")
    name = {"add": "create", "change": "update"}.get(kind, kind)
    world.dify.deaf = arrived
    if not arrived:
        world.dify.fail(f"annotations/{name}", HANG)
    with pytest.raises(DifyError):
        match kind:
            case "add":
                world.book.add(ADA, "new", "a")
            case "change":
                world.book.change(ADA, seen.id, "q", "b", seen=seen)
            case _:
                world.book.delete(ADA, seen.id)
    assert states(world.book) == [(kind, "begun")]
    book = world.restarted()
    book.rows(ADA)
    assert states(book) == [(kind, "done" if arrived else "failed")]
    if arrived:
        world.dify.deaf = False
        book.undo(ADA, book.changes(ADA)[0].id)
        assert world.dify.texts == [("q", "a")]


def test_nothing_is_changed_that_could_not_be_undone(world: World, tmp_path: Path) -> None:
    row_id = world.dify.has("q", "a")
    store = Store.at(tmp_path / "store.sqlite3")
    book = Book(world.app, store.database)
    (seen,) = book.rows(ADA)
    store.close()
    (tmp_path / "store.sqlite3").write_bytes(b"no database")
    for path in tmp_path.glob("store.sqlite3-*"):
        path.unlink()
    with pytest.raises(StoreError):
        book.change(ADA, row_id, "q", "mine", seen=seen)
    assert world.dify.texts == [("q", "a")]


# Undo


def test_each_kind_of_change_is_undone_and_the_undo_too(world: World) -> None:
    book, dify = world.book, world.dify
    row = book.add(ADA, "q", "a")
    row = book.change(ADA, row.id, "q", "b", seen=row)
    dify.named(row.id)["hit_count"] = 7
    book.delete(ADA, row.id)
    deleted = book.changes(ADA)[0]
    assert deleted.before_hits == 7
    back = book.undo(ADA, deleted.id)
    assert back.restored
    assert back.row is not None
    assert (back.row.texts, back.row.hit_count) == (("q", "b"), 0)
    assert back.row.id != row.id
    with pytest.raises(NotUndoable):
        book.undo(ADA, deleted.id)
    # The change of before the deletion is undone on the row that has a new id now.
    changed = next(change for change in book.changes(ADA) if change.kind == "change")
    book.undo(ADA, changed.id)
    assert dify.texts == [("q", "a")]
    # And the undo is undone; then the change is in force, and can be undone again.
    redo = book.changes(ADA)[0]
    assert redo.undoes == changed.id
    book.undo(ADA, redo.id)
    assert dify.texts == [("q", "b")]
    book.undo(ADA, changed.id)
    assert dify.texts == [("q", "a")]
    assert len(book.history(ADA, back.row.id)) == 7


def test_a_batch_is_undone_but_for_what_others_changed_since(world: World) -> None:
    book, dify = world.book, world.dify
    ids = [dify.has(f"q{number}", "colour") for number in range(5)]
    for row in book.rows(ADA):
        book.change(ADA, row.id, row.question, "color", seen=row, batch="replace")
    dify.named(ids[1])["answer"] = "Ben's"
    dify.kept.remove(dify.named(ids[2]))
    undone = undo_all(book, ADA, book.batch(ADA, "replace"))
    assert undone.done.wait(PATIENCE)
    assert (undone.total, undone.made, undone.left) == (5, 3, 0)
    assert sorted(type(error).__name__ for _, error in undone.failed) == ["Conflict", "Gone"]
    assert {row["question"]: row["answer"] for row in dify.kept} == {
        "q0": "colour",
        "q1": "Ben's",
        "q3": "colour",
        "q4": "colour",
    }
    again = undo_all(book, BEN, book.batch(BEN, undone.batch))
    assert again.done.wait(PATIENCE)
    assert again.made == 3
    assert sum(row["answer"] == "color" for row in dify.kept) == 3


def test_an_addition_that_was_changed_since_is_not_taken_back_unseen(world: World) -> None:
    row = world.book.add(ADA, "q", "a")
    world.dify.named(row.id)["answer"] = "Ben's"
    with pytest.raises(Conflict):
        world.book.undo(ADA, world.book.changes(ADA)[0].id)
    assert world.dify.texts == [("q", "Ben's")]


def test_the_list_follows_our_own_changes_also_while_it_is_read(world: World) -> None:
    for number in range(150):
        world.dify.has(f"q{number}")
    listing = world.book.look(ADA)
    row = world.book.add(ADA, "new", "a")
    world.book.delete(ADA, listing.rows[0].id)
    rows = world.book.rows(ADA)
    assert (rows[0], len(rows)) == (replace(row, created_at=rows[0].created_at), 150)
    assert listing.rows[0] not in rows
