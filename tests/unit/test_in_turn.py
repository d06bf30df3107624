"""Whoever writes to the store's file waits for a turn, and gets it in the order of asking."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from services import sqlite
from services.database import StoreError
from services.in_turn import InTurn
from services.sqlite import File
from services.store import Owned, Store
from services.tables import conversations
from tests.site import PATIENCE, until


@pytest.fixture
def file(tmp_path: Path) -> Iterator[File]:
    database = File(tmp_path / "console.db")
    database.open()
    yield database
    database.close()


def row(key: str) -> dict[str, object]:
    return {"key": key, "app": "app", "user": "ada", "created_at": 0.0}


@contextmanager
def writing(file: File) -> Iterator[sa.Connection]:
    with file.begin() as connection:
        connection.execute(sa.insert(conversations).values(row("first")))
        yield connection


def begun(number: int, work: threading.Thread, file: File) -> threading.Thread:
    """Started, and waiting as the `number`th."""
    work.start()
    until(lambda: len(file._writing._waiting) == number, "somebody who waits")
    return work


def test_one_after_the_other() -> None:
    turn, order = InTurn(), list[int]()
    assert turn.take(0)

    def work(number: int) -> None:
        assert turn.take(PATIENCE)
        order.append(number)
        turn.leave()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        until(lambda number=number: len(turn._waiting) == number)
    assert not turn.take(0.01)  # and is not waited for any more
    turn.leave()
    for thread in threads:
        thread.join(PATIENCE)
    assert order == list(range(5))
    assert turn.take(0)


def test_writers_come_in_the_order_of_asking_and_readers_at_once(file: File) -> None:
    store = Store(file)
    keys = [f"key-number-{number}" for number in range(4)]
    with writing(file):
        threads = [
            begun(number, threading.Thread(target=store.add, args=(Owned(key, "app", "ada", None),)), file)
            for number, key in enumerate(keys, 1)
        ]
        assert store.owner("first") is None  # not committed yet
        assert all(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join(PATIENCE)
    with file.begin() as connection:
        found = connection.execute(sa.text("SELECT key FROM conversations ORDER BY rowid")).scalars().all()
    assert found == ["first", *keys]


def test_a_turn_ends_with_its_transaction_whatever_happens(file: File) -> None:
    with pytest.raises(ZeroDivisionError), writing(file):
        _ = 1 / 0
    with pytest.raises(StoreError), writing(file) as connection:
        connection.execute(sa.text("INSERT INTO nowhere VALUES (1)"))
    with writing(file), file.begin() as other:  # a look within a change leaves the turn where it is
        assert other.execute(sa.select(conversations.c.key)).first() is None
        assert file._writer is not None
    assert (file._writer, file._writing.take(0)) == (None, True)


def test_nobody_waits_for_ever(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "LOCK_WAIT", 0.05)
    with writing(file), pytest.raises(StoreError):
        Store(file).add(Owned("second", "app", "ada", None))
    assert Store(file).add(Owned("third", "app", "ada", None)) == "third"
