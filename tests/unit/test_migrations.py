"""Databases of earlier versions, with data in them, are brought forward in both kinds of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from services import database
from services.people.table import people
from services.store import Store
from tests import postgres

ANN, BOB, EVE = "00000000-0000-4000-8000-00000000000a", "b" * 36, "e" * 36


class Older:
    """A database of an earlier version."""

    def __init__(self, engine: sa.Engine, opened: Callable[[], Store]) -> None:
        self.engine, self._opened = engine, opened

    def to(self, revision: str, how: Callable[[Config, str], None] = command.upgrade) -> None:
        config = Config()
        folder = Path(database.__file__).parent / "migrations"
        config.set_main_option("script_location", str(folder))
        with self.engine.begin() as connection:
            config.attributes["connection"] = connection
            how(config, revision)

    def put(self, table: str, *rows: dict[str, object]) -> None:
        known = sa.Table(table, sa.MetaData(), autoload_with=self.engine)
        with self.engine.begin() as connection:
            connection.execute(sa.insert(known), list(rows))

    @contextmanager
    def now(self) -> Iterator[Store]:
        store = self._opened()
        try:
            store.ready()
            yield store
        finally:
            store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Older]:
    if request.param == "postgresql":
        server: postgres.Server = request.getfixturevalue("postgresql")
        url = server.empty()
        made = Older(sa.create_engine(url.set(drivername="postgresql+psycopg")), lambda: Store.on(url))
    else:
        path = tmp_path / "console.sqlite3"
        made = Older(sa.create_engine(f"sqlite:///{path}"), lambda: Store.at(path))
    yield made
    made.engine.dispose()


def person(number: int, **known: object) -> dict[str, object]:
    base = {"id": f"{number:032}", "app": "app", "user": None, "end_user_id": None, "name": "", "type": ""}
    seen = {"how": "question", "first_seen": 10.0, "last_seen": 20.0, "anonymous": None}
    return {**base, **seen, "folded": str(known.get("user") or ""), **known}


def rater(end_user_id: str, user: str, **known: object) -> dict[str, object]:
    base = {"app": "app", "end_user_id": end_user_id, "user": user, "name": "", "type": "service-api"}
    return {**base, "anonymous": False, **known}


def test_end_users_of_both_tables_are_one(older: Older) -> None:
    older.to("0019")
    older.put(
        "people",
        person(1, user="ann", name="Ann"),
        person(2, end_user_id=ANN, how="feedback", first_seen=5.0),
        person(3, user="bob", end_user_id="first-of-bob", how="upload"),
        person(4, user="zoe"),
    )
    older.put(
        "feedback_people",
        rater(ANN, "ann"),
        rater(BOB, "bob", type="browser", name="Bob B."),
        rater(EVE, "", anonymous=True),
        rater(EVE, "eve", app="other"),
    )
    rated = dict.fromkeys(("conversation_id", "message_id", "rating", "content", "folded", "source"), "")
    rated |= {"app": "app", "id": "f", "end_user_id": BOB, "handled_by": "", "hour": 0, "passed": 1}
    older.put("feedback", {**rated, "created_at": 7.0, "updated_at": 9.0, "handled_at": 0.0})
    with older.now() as store, store.database.begin() as connection:
        rows = connection.execute(sa.select(people).order_by(people.c.app, people.c.user)).all()
    found = {(row.app, row.user, row.end_user_id): row for row in rows}
    assert set(found) == {
        ("app", "ann", ANN),
        ("app", "bob", "first-of-bob"),
        ("app", "bob", BOB),
        ("app", "zoe", None),
        ("app", None, EVE),
        ("other", "eve", EVE),
    }
    ann, bob = found["app", "ann", ANN], found["app", "bob", BOB]
    assert (ann.id, ann.name, ann.type, ann.how) == (f"{1:032}", "Ann", "service-api", "feedback question")
    assert (ann.first_seen, ann.last_seen, ann.anonymous) == (5.0, pytest.approx(ann.last_seen), False)
    assert ann.folded == f"ann ann {ANN}"
    assert (bob.name, bob.type, bob.first_seen, bob.last_seen) == ("Bob B.", "browser", 7.0, 7.0)
    assert "feedback_people" not in sa.inspect(older.engine).get_table_names()

    older.to("0019", command.downgrade)
    raters = sa.Table("feedback_people", sa.MetaData(), autoload_with=older.engine)
    with older.engine.begin() as connection:
        back = {row.end_user_id: row.user for row in connection.execute(sa.select(raters))}
        kept = connection.execute(sa.text("select \"user\" from people where app = 'app'")).scalars().all()
    assert back == {ANN: "ann", BOB: "bob", EVE: "eve"} | {EVE: back[EVE]}
    assert sorted(filter(None, kept)) == ["ann", "bob", "zoe"]
