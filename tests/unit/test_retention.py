"""What is older than so many days goes, and nothing else."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services import assembly
from services.apps import App
from services.deletions import deletions
from services.dify.client import Client
from services.dify.variables import Variable
from services.identities.open import Open
from services.identity import Identity, Role, Secret
from services.marks import marks
from services.outcome import Rating
from services.pending import Pending, PendingFiles
from services.people.table import people
from services.privacy import retention
from services.privacy.retention import DAY, Retention
from services.rope import Rope
from services.search import Search, seen
from services.settings import Settings, SettingsError
from services.site import Site
from services.step_details import step_details
from services.store import Owned, Store, StoreError
from services.tables import conversations, ratings, turns
from services.turn import Turn
from services.variable_log import Place, changes
from services.work.case import Change
from services.work.tables import cases
from services.work.undoing import case_undos
from tests.site import until
from tests.upstream import Upstream

ANN = Identity("ann", Role.AGENT)
DAYS = 30


@pytest.fixture
def site(store: Store, tmp_path: Path) -> Iterator[Site]:
    store.ready()
    with Upstream() as dify, Client(dify.url, dify.key) as client:
        pending = PendingFiles(tmp_path / "pending")
        yield assembly.over(
            App("app", client), Open(Secret(b"s" * 32)), store, pending=pending, retention_days=DAYS
        )


def kept(site: Site, word: str, age: float, state: Any = "complete") -> str:
    """A conversation of one turn, so many days old, with what hangs on it; its key."""
    at, key = time.time() - age * DAY, uuid.uuid4().hex
    owned = Owned(key, "app", "ann", f"c-{word}")
    site.store.add(owned)
    turn = Turn(f"question {word}", id=f"t-{word}", state=state, asked_at=at, message_id=f"m-{word}")
    site.store.save(key, turn)
    site.runs.details.take(turn.id, "node", {"inputs": {"said": word}})
    site.runs.details.write(key, turn.id)
    Search(site.store).saw(
        site.directory.adopt(owned),
        f"c-{word}",
        [replace(turn, state="complete", text=Rope(f"answer {word}"))],
    )
    site.store.rate("ann", turn.message_id, Rating("like", word))
    site.archive.marks.pin("app", "ann", f"c-{word}", True)
    site.variable_log.note(Place("app", "ann", f"c-{word}"), [Variable("v", "n", "string", word)], "edit")
    site.people.sightings.saw("app", user=f"person {word}", how="reading")
    aged = (
        (conversations, "conversation_id", f"c-{word}", "created_at"),
        (ratings, "message_id", f"m-{word}", "updated_at"),
        (changes, "conversation_id", f"c-{word}", "at"),
        (people, "user", f"person {word}", "last_seen"),
        (marks, "conversation_id", f"c-{word}", "pinned_at"),
    )
    with site.store.database.begin() as connection:
        for table, column, which, when in aged:
            connection.execute(sa.update(table).where(table.c[column] == which).values({when: at}))
    return key


def count(site: Site, table: sa.Table) -> int:
    with site.store.database.begin() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_what_is_too_old_goes_pinned_or_not(site: Site) -> None:
    kept(site, "old", DAYS + 1)
    kept(site, "young", DAYS - 1)
    swept = site.retention.sweep()
    assert swept == site.retention.last
    kinds = {"answers", "searched", "variables", "ratings", "marks", "directory", "conversations"}
    assert swept.counts == dict.fromkeys(kinds, 1)
    for table in (turns, step_details, seen, changes, ratings, conversations):
        assert count(site, table) == 1, table.name
    assert site.store.turn("t-young")
    hits = Search(site.store).hits("app", "ann", ["answer"], ["c-old", "c-young"])
    assert hits.keys() == {"c-young"}
    assert site.retention.sweep().counts == {}


def test_what_hangs_on_what_is_too_old_goes_with_it(site: Site) -> None:
    admin = Identity("dan", Role.ADMIN)
    for name in ("old", "young"):
        site.work.cases.change(admin, [Place("app", "ann", name)], Change(add=(name,)))
    at = time.time() - (DAYS + 1) * DAY
    refused = {"app": "app", "user": "ann", "name": "n", "requested_at": at, "due_at": at, "tries": 1}
    with site.store.database.begin() as connection:
        for table, column in ((cases, "changed_at"), (case_undos, "at")):
            old = sa.update(table).where(table.c.conversation_id == "old")
            connection.execute(old.values({column: at}))
        for name, refusal in (("refused", "no_permission"), ("waits", None)):
            row = {**refused, "conversation_id": name, "refusal": refusal}
            connection.execute(sa.insert(deletions).values(row))
    assert site.retention.sweep().counts == {"notes": 2, "deletions": 1}
    assert site.work.listed.tags(admin, "app") == ["young"]
    with site.store.database.begin() as connection:
        assert connection.execute(sa.select(deletions.c.conversation_id)).scalars().all() == ["waits"]


def test_a_running_answer_stays_however_old(site: Site) -> None:
    key = kept(site, "running", DAYS + 1, "streaming")
    site.retention.sweep()
    assert site.store.turn("t-running")
    assert site.store.owner(key)


def test_more_than_a_batch_goes_in_several(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 4)
    for number in range(11):
        kept(site, f"w{number}", DAYS + 1)
    assert site.retention.sweep().counts["answers"] == 11
    assert count(site, seen) == 0


def test_files_that_nobody_touched(site: Site, tmp_path: Path) -> None:
    place = site.directory.open(ANN, site.apps[0], "~some-place-for-files")
    site.pending.put(place, Pending("p", "a.txt", b"words"))
    assert site.retention.sweep().counts == {}
    assert site.pending.of(place)
    for folder in (tmp_path / "pending").iterdir():
        os.utime(folder, (0, time.time() - (DAYS + 1) * DAY))
    assert site.retention.sweep().counts == {"files": 1}
    assert site.pending.of(place) == ()


def test_it_sweeps_by_itself_and_again_after_a_failure(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "LOOK_AGAIN", 0.01)
    kept(site, "old", DAYS + 1)
    begin, failed = site.store.database.begin, []

    def broken() -> Any:
        if not failed:
            failed.append(True)
            raise StoreError("locked")
        return begin()

    monkeypatch.setattr(site.store.database, "begin", broken)
    site.retention.start()
    until(lambda: site.retention.last, "a sweep")
    site.retention.stop()
    assert failed
    assert site.store.turn("t-old") is None


def test_without_a_number_nothing_goes(site: Site) -> None:
    off = Retention(site.store, site.pending, None)
    off.start()
    assert off.last is None


@pytest.mark.parametrize("told", ["0", "-1", "1.5", "x", "999999"])
def test_settings(told: str, tmp_path: Path) -> None:
    assert Settings.read({}, tmp_path).retention_days is None
    assert Settings.read({"RETENTION_DAYS": " 90 "}, tmp_path).retention_days == 90
    with pytest.raises(SettingsError, match="RETENTION_DAYS"):
        Settings.read({"RETENTION_DAYS": told}, tmp_path)
