"""The embedded backend's table of feedback: quick however long it is, and brought along from older files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from embedded import database
from embedded.database import Database
from embedded.migrations import MIGRATIONS
from embedded.tables.feedbacks import Feedbacks

BEFORE = next(n for n, script in enumerate(MIGRATIONS) if "feedbacks_of" in script)


def rated(path: Path, messages: int) -> None:
    """One conversation of `app`, each of its messages rated, in a file of the older version."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "INSERT INTO conversations (id, app_id, user, name, inputs, introduction, created_at, updated_at)"
            " VALUES ('c', 'app', 'eve', '', '{}', '', 1, 1)"
        )
        db.execute("INSERT INTO end_users VALUES ('e', 'app', 'eve', 1)")
        for n in range(messages):
            db.execute(
                "INSERT INTO messages (id, conversation_id, inputs, query, created_at)"
                " VALUES (?, 'c', '{}', 'q', 1)",
                (f"m{n}",),
            )
            # All within a second: as a real server writes them, in no order of their own.
            db.execute("INSERT INTO feedbacks VALUES (?, ?, 'user', 'like', NULL, 1, 1)", (f"f{n}", f"m{n}"))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with monkeypatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", MIGRATIONS[:BEFORE])
        Database(tmp_path / "dify.sqlite3").close()
    return tmp_path / "dify.sqlite3"


def test_an_older_file_keeps_its_feedback_and_pages_neither_lack_nor_repeat_any(path: Path) -> None:
    rated(path, 7)
    opened = Database(path)
    feedbacks = Feedbacks(opened)
    pages = [feedbacks.of_app("app", page, 3) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert {row["id"] for page in pages for row in page} == {f"f{n}" for n in range(7)}
    assert pages[0][0] | {"id": "", "message_id": ""} == {
        "id": "",
        "app_id": "app",
        "conversation_id": "c",
        "message_id": "",
        "rating": "like",
        "content": None,
        "from_source": "user",
        "from_end_user_id": "e",
        "from_account_id": None,
        "created_at": "1970-01-01T00:00:01",
        "updated_at": "1970-01-01T00:00:01.000000",
    }
    assert feedbacks.of_app("another", 1, 3) == []
    opened.close()


def test_a_page_is_found_in_the_index_alone(path: Path) -> None:
    opened = Database(path)
    asked: list[str] = []
    with opened.change() as db:
        db.set_trace_callback(asked.append)
    Feedbacks(opened).of_app("app", 900, 100)
    with opened.change() as db:
        db.set_trace_callback(None)
        (statement,) = asked
        plan = [str(row[3]) for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert any("COVERING INDEX feedbacks_of" in step for step in plan)
    assert not [step for step in plan if step.startswith("SCAN feedbacks")]
    opened.close()
