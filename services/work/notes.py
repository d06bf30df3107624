"""Private notes on a conversation or on one of its messages: of the staff, for the staff."""

from __future__ import annotations

import time
import uuid
from dataclasses import asdict, dataclass, replace

import sqlalchemy as sa

from services.identity import Denied, Identity
from services.passages import folded
from services.store import Store
from services.variable_log import Place
from services.work.case import Meanwhile
from services.work.cases import Cases
from services.work.reach import Reach
from services.work.reading import readable_by
from services.work.staff import LONGEST_NAME
from services.work.tables import case_notes

LONGEST = 20_000
"""Characters."""
UNDO = 24 * 3600.0
"""Seconds for which a deleted note can be had back."""


class NoSuchNote(LookupError):
    """It was never there, is deleted for good, or is not for this person: never said which."""


@dataclass(frozen=True, slots=True)
class Note:
    id: str
    place: Place
    message_id: str
    """"" where it is on the whole conversation."""
    author: str
    author_name: str
    text: str
    """Markdown."""
    created_at: float
    version: int = 1
    """How often it was written."""


class Notes:
    """Every method raises Denied, and StoreError where the database cannot be read or written."""

    def __init__(self, store: Store, reach: Reach, cases: Cases) -> None:
        self._store, self._reach, self._cases = store, reach, cases

    def of(self, identity: Identity, place: Place) -> list[Note]:
        """Those that this person may read, the oldest first."""
        self._reach.require(identity, place.user)
        c, everybody = case_notes.c, self._reach.everybody(identity)
        query = sa.select(case_notes).where(
            c.app == place.app,
            c.user == place.user,
            c.conversation_id == place.conversation_id,
            *readable_by(identity, everybody=everybody),
        )
        with self._store.database.begin() as connection:
            return [_note(row) for row in connection.execute(query.order_by(c.created_at, c.id)).mappings()]

    def count(self, identity: Identity, place: Place) -> int:
        """How many there are of them."""
        return len(self.of(identity, place))

    def add(self, identity: Identity, place: Place, text: str, message_id: str = "") -> Note:
        """Raises ValueError for an empty or too long text."""
        self._reach.require(identity, place.user)
        if max(len(place.conversation_id), len(message_id)) > 255 or not place.conversation_id:
            raise ValueError("no such message")
        author, now = (identity.user, identity.name[:LONGEST_NAME]), time.time()
        note = Note(uuid.uuid4().hex, place, message_id, *author, _checked(text), now)
        values = {key: value for key, value in asdict(note).items() if key != "place"}
        values |= asdict(place) | {"folded": folded(note.text)}
        with self._cases.touched(place) as connection:
            connection.execute(sa.insert(case_notes).values(values))
        self._tell(identity, "note.add", note)
        return note

    def edit(self, identity: Identity, app: str, note_id: str, text: str, version: int) -> Note:
        """Write one's own note anew. Raises Meanwhile where it is not the `version` that was read,
        NoSuchNote, ValueError.
        """
        text = _checked(text)
        note = self._own(identity, app, note_id)
        if note.version != version and note.text != text:
            raise Meanwhile(note)
        after = replace(note, text=text, version=note.version + 1)
        self._write(note, text=text, folded=folded(text), version=after.version)
        self._tell(identity, "note.edit", after)
        return after

    def delete(self, identity: Identity, app: str, note_id: str) -> None:
        """One's own; what was deleted a day ago is gone for good by this. Raises NoSuchNote."""
        note, now = self._own(identity, app, note_id), time.time()
        with self._cases.touched(note.place) as connection:
            connection.execute(sa.delete(case_notes).where(case_notes.c.deleted_at < now - UNDO))
            connection.execute(sa.update(case_notes).where(case_notes.c.id == note_id).values(deleted_at=now))
        self._tell(identity, "note.delete", note)

    def restore(self, identity: Identity, app: str, note_id: str) -> Note:
        """Have one's own deleted note back. Raises NoSuchNote."""
        note = self._own(identity, app, note_id, deleted=True)
        self._write(note, deleted_at=None)
        self._tell(identity, "note.restore", note)
        return note

    def _own(self, identity: Identity, app: str, note_id: str, *, deleted: bool = False) -> Note:
        c = case_notes.c
        query = sa.select(case_notes).where(c.id == note_id, c.app == app)
        query = query if deleted else query.where(c.deleted_at.is_(None))
        with self._store.database.begin() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            raise NoSuchNote
        note = _note(row)
        self._reach.require(identity, note.place.user)
        if note.author != identity.user:
            if not self._reach.everybody(identity):
                raise NoSuchNote
            raise Denied("only its author changes a note")
        return note

    def _write(self, note: Note, **values: object) -> None:
        """In the place of this very version. Raises Meanwhile, NoSuchNote where another tab was faster."""
        c = case_notes.c
        with self._cases.touched(note.place) as connection:
            it = (c.id == note.id) & (c.version == note.version)
            if connection.execute(sa.update(case_notes).where(it).values(values)).rowcount:
                return
            row = connection.execute(sa.select(case_notes).where(c.id == note.id)).mappings().first()
        if row is None:
            raise NoSuchNote
        raise Meanwhile(_note(row))

    def _tell(self, identity: Identity, action: str, note: Note) -> None:
        place = note.place
        details = {"user": place.user, "note": note.id, "message": note.message_id}
        self._reach.audit.note(identity, action, app=place.app, about=place.conversation_id, **details)


def _checked(text: str) -> str:
    text = text.replace("\x00", "").strip()
    if not text:
        raise ValueError("a note needs a text")
    if len(text) > LONGEST:
        raise ValueError(f"a note has at most {LONGEST} characters")
    return text


def _note(row: sa.RowMapping) -> Note:
    place = Place(row["app"], row["user"], row["conversation_id"])
    names = ("message_id", "author", "author_name", "text", "created_at", "version")
    return Note(row["id"], place, *(row[name] for name in names))
