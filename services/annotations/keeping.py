"""Changing annotations: every change is in the journal before Dify hears of it.

The API has no GET of one row, no version and no author, so a change first looks the row up as it now stands:
by the keyword search, then on the page where it was last, then on all pages. What somebody else has changed
meanwhile is never overwritten unseen.
"""

from __future__ import annotations

from dataclasses import replace

from services.annotations.change import Change
from services.annotations.entries import Entries
from services.annotations.journal import Journal
from services.annotations.listing import PAGE, Listing, Reader
from services.annotations.row import Conflict, Gone, Row, checked
from services.apps import App
from services.audit import Audit
from services.database import Database
from services.identity import Identity, Role

KEYWORD = 60
"""Characters of a question that are searched for: enough to tell rows apart, and no address too long."""
FIRST_ROWS = 0.25
"""Seconds that a page waits for the whole list before it draws what there is."""


class Keeping:
    """The half of Book that reads and changes rows. Every method needs the role curator.

    Raises besides what is said below: Denied, DifyError, and StoreError where the journal cannot be written;
    then nothing is changed, for it could not be undone.
    """

    def __init__(self, app: App, database: Database) -> None:
        self.app, self.audit = app, Audit(database)
        self._journal = Journal(app.slug, database)
        self._client = app.client.annotations
        self._reader = Reader(self._client, self._settle)
        self._entries = Entries(self._journal, self._reader.forget, self._reader.drop)

    def rows(self, identity: Identity, fresh: bool = False) -> tuple[Row, ...]:
        """All annotations, newest first; read anew where that was not done for 30 s, or where `fresh`."""
        identity.require(Role.CURATOR)
        return self._reader.whole(fresh=fresh)

    def look(self, identity: Identity) -> Listing:
        """As many rows as there are within a moment; call again until it is whole."""
        identity.require(Role.CURATOR)
        return self._reader.look(FIRST_ROWS)

    def add(
        self,
        identity: Identity,
        question: str,
        answer: str,
        *,
        batch: str = "",
        message_id: str = "",
        undoes: Change | None = None,
    ) -> Row:
        """A new row; `message_id` is the answer it was made from. Raises Invalid.

        A lost connection leaves open whether it is there: the next reading of the list settles that.
        """
        identity.require(Role.CURATOR)
        # What is put back was there before, whatever it was.
        texts = (question, answer) if undoes else checked(question, answer)
        with self._entries.one(
            identity, "add", None, texts, batch=batch, message_id=message_id, undoes=undoes
        ) as entry:
            made = Row.of(self._client.create(*texts))
            entry.row_id = made.id
        row = replace(made, question=texts[0], answer=texts[1])
        self._reader.put(row)
        return row

    def change(
        self,
        identity: Identity,
        row_id: str,
        question: str,
        answer: str,
        *,
        seen: Row,
        batch: str = "",
        undoes: Change | None = None,
    ) -> Row:
        """Both texts of a row that the curator has `seen`. Raises Invalid, Conflict, Gone."""
        identity.require(Role.CURATOR)
        texts = (question, answer) if undoes else checked(question, answer, seen)
        present = self._as_seen(row_id, seen, texts)
        if present.texts == texts:
            return present
        with self._entries.one(identity, "change", present, texts, batch=batch, undoes=undoes):
            self._client.update(row_id, *texts)
        row = replace(present, question=texts[0], answer=texts[1])
        self._reader.put(row)
        return row

    def delete(
        self,
        identity: Identity,
        row_id: str,
        *,
        seen: Row | None = None,
        batch: str = "",
        undoes: Change | None = None,
    ) -> Change:
        """Take a row away; what it last was stays in the journal, its count of hits is lost at Dify.

        Raises Gone; and Conflict where it is not as `seen`, if that is given.
        """
        identity.require(Role.CURATOR)
        if seen:
            present = self._as_seen(row_id, seen, seen.texts)
        else:
            present = self._present(row_id, self._known(row_id))
        with self._entries.one(identity, "delete", present, batch=batch, undoes=undoes) as entry:
            self._client.delete(row_id)
        self._reader.drop(row_id)
        return entry.change

    def forget(self, identity: Identity) -> None:
        """The next look reads the list again."""
        identity.require(Role.CURATOR)
        self._reader.forget()

    def seen(self, identity: Identity) -> tuple[Row, ...]:
        """The rows as they were read last, however old; asks nobody."""
        identity.require(Role.CURATOR)
        return self._reader.known

    def _settle(self, rows: tuple[Row, ...]) -> None:
        self._entries.settle(rows)

    def _known(self, row_id: str) -> Row | None:
        return next((row for row in self._reader.known if row.id == row_id), None)

    def _as_seen(self, row_id: str, seen: Row, wanted: tuple[str, str]) -> Row:
        """The row as it now stands, if nobody else has changed it. Raises Conflict, Gone."""
        present = self._present(row_id, seen)
        if present.texts not in {seen.texts, wanted}:
            self._reader.put(present)
            raise Conflict(present)
        return present

    def _present(self, row_id: str, seen: Row | None) -> Row:
        """The row as the server has it now, in as few requests as will do. Raises Gone."""
        lines = seen.question.splitlines() if seen else []
        keyword = max((line.strip()[:KEYWORD].strip() for line in lines), key=len, default="")
        places = [(1, keyword)] if keyword else []
        index = next((i for i, row in enumerate(self._reader.known) if row.id == row_id), None)
        if index is not None:
            places.append((index // PAGE + 1, ""))
        for page, word in places:
            found = self._client.list(page, PAGE, word)
            for each in found.data:
                if each.id == row_id:
                    return Row.of(each)
        for row in self._reader.whole(fresh=True):
            if row.id == row_id:
                return row
        raise Gone(row_id)
