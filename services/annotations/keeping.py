"""Changing annotations: every change is in the journal before Dify hears of it.

The API has no GET of one row, no version and no author, so a change first looks the row up as it now stands:
by the keyword search, then on the page where it was last, then on all pages. What somebody else has changed
meanwhile is never overwritten unseen.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from services.annotations.journal import Change, Journal, Kind
from services.annotations.listing import PAGE, Listing, Reader
from services.annotations.row import Conflict, Gone, Row, checked
from services.apps import App
from services.database import Database, Memory, StoreError
from services.dify.errors import DifyError, EndpointMissing, NotFound, NotSent, Refused, ServerFailed
from services.identity import Identity, Role

log = logging.getLogger(__name__)
KEYWORD = 60
"""Characters of a question that are searched for: enough to tell rows apart, and no address too long."""
FIRST_ROWS = 0.6
"""Seconds that a page waits for the whole list before it draws what there is."""
CLOCKS = 300.0
"""Seconds by which the server's clock may be behind ours."""


@dataclass
class _Entry:
    """A change under way; whoever makes it says which row came of it."""

    change: Change
    row_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.row_id = self.change.annotation_id


class Keeping:
    """The half of Book that reads and changes rows. Every method needs the role curator.

    Raises besides what is said below: Denied, DifyError, and StoreError where the journal cannot be written;
    then nothing is changed, for it could not be undone.
    """

    def __init__(self, app: App, database: Database | Memory) -> None:
        self.app = app
        self.journal = Journal(app.slug, database)
        self._client = app.client.annotations
        self._reader = Reader(self._client, self._settle)
        self._lock = threading.Lock()
        self._under_way: set[str] = set()

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
        with self._journalled(identity, "add", None, texts, batch, message_id, undoes) as entry:
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
        with self._journalled(identity, "change", present, texts, batch, "", undoes):
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
        with self._journalled(identity, "delete", present, ("", ""), batch, "", undoes) as entry:
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

    @contextmanager
    def _journalled(
        self,
        identity: Identity,
        kind: Kind,
        before: Row | None,
        after: tuple[str, str],
        batch: str,
        message_id: str,
        undoes: Change | None,
    ) -> Iterator[_Entry]:
        """Written down before, and afterwards what came of it. Raises Gone for a row that Dify has not."""
        entry = _Entry(
            self.journal.begin(
                identity, kind, before, after, batch=batch, message_id=message_id, undoes=undoes
            )
        )
        change = entry.change
        with self._lock:
            self._under_way.add(change.id)
        try:
            yield entry
            self.journal.done(change, entry.row_id)
        except DifyError as error:
            refused = isinstance(error, Refused) and not isinstance(error, ServerFailed)
            self._note_failure(change, error, known=refused or isinstance(error, NotSent))
            if isinstance(error, NotFound) and not isinstance(error, EndpointMissing) and before:
                self._reader.drop(before.id)
                raise Gone(before.id) from error
            raise
        finally:
            with self._lock:
                self._under_way.discard(change.id)

    def _note_failure(self, change: Change, error: DifyError, *, known: bool) -> None:
        if not known:
            self._reader.forget()
        try:
            self.journal.failed(change, str(error), known=known)
        except StoreError as trouble:
            log.warning("a failed change stays open in the journal: %s", trouble)

    def _settle(self, rows: tuple[Row, ...]) -> None:
        """What became of changes that nobody saw the end of: the list tells."""
        try:
            open_ones = [change for change in self.journal.unsettled() if change.id not in self._under_way]
            for change in open_ones:
                made = self._made(change, rows)
                if made is None:
                    self.journal.failed(change, change.error or "It never reached the app.")
                else:
                    self.journal.done(change, made)
        except StoreError as trouble:
            log.warning("open changes of annotations cannot be settled: %s", trouble)

    def _made(self, change: Change, rows: tuple[Row, ...]) -> str | None:
        """The id of the row that shows this change to have arrived; None where it did not."""
        if change.kind == "delete":
            there = any(row.id == change.annotation_id for row in rows)
            return None if there else change.annotation_id
        same = [row for row in rows if row.texts == change.after]
        if change.kind == "change":
            return next((row.id for row in same if row.id == change.annotation_id), None)
        since = change.at - CLOCKS
        young = [row.id for row in same if row.created_at is None or row.created_at >= since]
        claimed = self.journal.claimed(young)
        return next((row_id for row_id in young if row_id not in claimed), None)
