"""What the log keeps of a conversation's variables, what it makes of it, and what it never keeps."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from services import database
from services.dify.variables import Variable
from services.store import Owned, Store, StoreError
from services.turn import Turn
from services.variable_export import as_json, changes_csv, values_csv
from services.variable_log import Place, VariableLog
from services.variable_states import Difference, Kept
from services.variables import Listing, found
from tests.site import until
from tests.unit.transcripts import body

PLACE = Place("app", "ada", "c-1")


def variable(name: str, raw: Any, value_type: str = "string", **more: Any) -> Variable:
    row = {"id": f"id-{name}", "name": name, "value": raw, "value_type": value_type, **more}
    return Variable.from_json(row)


def names(differences: tuple[Difference, ...]) -> list[str]:
    return [each.either.name for each in differences]


def opens(store: Store) -> bool:
    try:
        store.ready()
    except StoreError:
        return False
    return True


def test_only_what_differs_is_kept_and_outlives_the_process(store: Store) -> None:
    log = VariableLog(store)
    store.add(Owned("key-1234567890", "app", "ada", "c-1"))
    store.save("key-1234567890", Turn.asked("my name is Ada", id="t-1", state="complete"))
    first = (variable("name", ""), variable("visits", "0", "number"))
    assert log.note(PLACE, first, "answer", turn="t-0", new=True) == ()
    assert log.note(PLACE, first, "answer", turn="t-x") == ()
    second = (variable("name", "Ada"), variable("visits", "0", "number"))
    assert names(log.note(PLACE, second, "answer", turn="t-1")) == ["name"]
    assert names(log.note(PLACE, (variable("visits", "5", "number"),), "edit", whole=False)) == ["visits"]
    assert names(log.note(PLACE, (variable("visits", "5", "number"),), "seen")) == ["name"]
    again = VariableLog(store)  # after a restart
    assert again.knows(PLACE)
    points = again.points(PLACE)
    assert [(p.cause, p.turn, p.query) for p in points] == [
        ("begin", "", ""),
        ("answer", "t-1", "my name is Ada"),
        ("edit", "", ""),
        ("seen", "", ""),
    ]
    assert [each.lines for each in again.of_turn(PLACE, "t-1")] == [("+Ada",)]
    assert points[2].before["id-visits"].value == 0
    assert points[2].after["id-visits"].value == 5
    assert set(points[3].after) == {"id-visits"}
    assert again.note(PLACE, (variable("visits", "5", "number"),), "seen") == ()
    assert again.of_turn(PLACE, "no-such-turn") == ()
    assert again.points(replace(PLACE, user="eve")) == []


def test_the_first_reading_of_an_older_conversation_is_nobodys_change(store: Store) -> None:
    log = VariableLog(store)
    assert not log.knows(PLACE)
    assert log.note(PLACE, (variable("name", "Ada"),), "answer", turn="t-9") == ()
    assert [(p.cause, p.turn) for p in log.points(PLACE)] == [("begin", "")]


def test_the_first_answer_changed_what_was_written_after_the_beginning(store: Store) -> None:
    log = VariableLog(store)
    rows = json.loads(body("70_variables"))["data"]
    read = tuple(map(Variable.from_json, rows))
    assert names(log.note(PLACE, read, "answer", turn="t-1", new=True)) == ["customer_name", "visits"]
    begin, answer = log.points(PLACE)
    assert (begin.cause, begin.turn, len(begin.after)) == ("begin", "", len(rows) - 2)
    assert (answer.turn, len(answer.after)) == ("t-1", len(rows))
    assert names(log.of_turn(PLACE, "t-1")) == ["customer_name", "visits"]
    assert log.note(PLACE, read, "answer", turn="t-2") == ()


def test_another_way_to_write_the_same_value_is_no_change(store: Store) -> None:
    log = VariableLog(store)
    log.note(PLACE, (variable("prefs", "{'a': True}", "object"),), "answer", new=True)
    assert log.note(PLACE, (variable("prefs", '{"a": true}', "object"),), "answer") == ()


def test_a_secret_is_seen_to_change_and_never_kept(tmp_path: Path) -> None:
    store = Store.at(tmp_path / "console.sqlite3")
    log = VariableLog(store)

    def secret(value: str, at: int) -> Variable:
        return variable("token", value, "secret", updated_at=at)

    log.note(PLACE, (secret("hush-hush", 100),), "answer", turn="a", new=True)
    (changed,) = log.note(PLACE, (secret("louder", 200),), "answer", turn="b")
    assert changed.secret
    assert changed.lines == ()
    exported = as_json(PLACE, Listing((secret("louder", 200),)), log.points(PLACE))
    tables = values_csv(Listing((secret("louder", 200),))) + changes_csv(log.points(PLACE))
    store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for where in (kept, exported, tables):
        assert b"hush" not in where
        assert b"louder" not in where
    assert found((secret("louder", 200),), "louder") == ()


def test_a_database_that_fails_holds_nothing_up(tmp_path: Path) -> None:
    path = tmp_path / "console.sqlite3"
    path.write_bytes(b"this is no database at all, and stays as it is")
    store = Store.behind(path)
    log = VariableLog(store)
    assert log.note(PLACE, (variable("name", "Ada"),), "answer", new=True) == ()
    assert log.knows(PLACE)  # not to be asked again and again
    path.unlink()
    until(lambda: opens(store), "another database")
    log.note(PLACE, (variable("name", "Ada"),), "begin")
    assert names(log.note(PLACE, (variable("name", "Bo"),), "answer", turn="t")) == ["name"]


def test_long_values_are_compared_by_line_and_kept_within_a_limit(store: Store) -> None:
    many = [{"n": str(n) * 200} for n in range(400)]
    log = VariableLog(store)
    log.note(PLACE, (variable("items", repr(many), "array[object]"),), "answer", turn="a", new=True)
    (changed,) = log.note(PLACE, (variable("items", repr(many[:-1]), "array[object]"),), "answer", turn="b")
    assert len(changed.lines) < 1_000
    before, after = (Kept("i", "array[object]", repr(many[:n])) for n in (1, 2))
    assert Difference(before, after).lines[1:3] == ("+  },", "+  {")
    moved = Kept("i", "array[number]", repr([0] * 3_000)), Kept("i", "array[number]", repr([1] * 3_000))
    assert len(Difference(*moved).lines) < 300


def test_exports_are_typed_and_no_formulas(store: Store) -> None:
    log = VariableLog(store)
    evil = '=HYPERLINK("http://x","y")'
    values = (
        variable("formula", evil, description="@SUM(1)", created_at=0, updated_at=1_795_227_261),
        variable("debt", "-5", "number"),
        variable("prefs", "{'a': [1, None]}", "object"),
        variable("vip", "True", "boolean"),
    )
    log.note(PLACE, values, "answer", turn="t", new=True)
    listing = Listing(values, cut=True)
    whole = json.loads(as_json(PLACE, listing, log.points(PLACE)))
    assert whole["incomplete"] is True
    assert {each["name"]: each["value"] for each in whole["variables"]} == {
        "formula": evil,
        "debt": -5,
        "prefs": {"a": [1, None]},
        "vip": True,
    }
    assert whole["variables"][0]["updated_at"] == "2026-11-21T02:14:21+00:00"
    assert [each["cause"] for each in whole["changes"]] == ["begin", "begin", "begin", "answer"]
    for table in (values_csv(listing), changes_csv(log.points(PLACE))):
        rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
        cells = [cell for row in rows for cell in row]
        assert f"'{evil}" in cells
        assert "-5" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]


def test_the_database_of_the_version_before_is_brought_forward(tmp_path: Path) -> None:
    path = tmp_path / "console.sqlite3"
    engine = sa.create_engine(f"sqlite:///{path}")
    config = Config()
    folder = Path(database.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        row = "insert into conversations (key, app, user, created_at) values ('key-1', 'app', 'ada', 1.0)"
        connection.execute(sa.text(row))
    engine.dispose()
    store = Store.at(path)
    assert store.owner("key-1") == Owned("key-1", "app", "ada", None)
    log = VariableLog(store)
    log.note(PLACE, (variable("name", "Ada"),), "begin")
    store.close()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("select cause, conversation_id from variable_changes").fetchall() == [
            ("begin", "c-1")
        ]
