"""Annotations on their way to Dify: draft, then checked, then live. Only live ones exist there.

A draft may be of a new annotation or of another text for one that is live. It may be unfinished; what is
checked has to be complete.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Mapping

import sqlalchemy as sa

from services.annotations.book import Book
from services.annotations.draft import OPEN, Draft, State, annotation_drafts
from services.annotations.row import Conflict, Gone, Invalid, Row, checked
from services.database import Database
from services.dify.errors import DifyError
from services.identity import Identity, Role


class NoSuchDraft(LookupError):
    """No draft of that id, or none in a state that allows what was asked."""


class Drafts:
    """Of one app. Every method needs the role curator, and raises Denied and StoreError."""

    def __init__(self, book: Book, database: Database) -> None:
        self._book, self._database = book, database
        self._lock = threading.Lock()
        self._under_way: set[str] = set()

    def open(self, identity: Identity) -> tuple[Draft, ...]:
        """Drafts and checked ones, last touched first."""
        identity.require(Role.CURATOR)
        found = self._select(annotation_drafts.c.state.in_(OPEN))
        if self._settled(identity, found):
            found = self._select(annotation_drafts.c.state.in_(OPEN))
        return found

    def one(self, identity: Identity, draft_id: str) -> Draft:
        """Raises NoSuchDraft."""
        identity.require(Role.CURATOR)
        found = self._select(annotation_drafts.c.id == draft_id)
        if not found:
            raise NoSuchDraft(draft_id)
        return found[0]

    def keep(
        self,
        identity: Identity,
        question: str,
        answer: str,
        *,
        draft_id: str = "",
        seen: Row | None = None,
        message_id: str = "",
    ) -> Draft:
        """A new draft, or other words for one, which is then to be checked anew.

        Raises NoSuchDraft, and Invalid where there is not a word yet. `seen` is the live row that it is
        another text for.
        """
        identity.require(Role.CURATOR)
        if not (question.strip() or answer.strip()):
            raise Invalid("question", "empty")
        texts = {"question": _storable(question), "answer": _storable(answer)}
        now = time.time()
        if draft_id:
            values = {**texts, "state": "draft", "checked_by": "", "author": identity.user}
            self._turn(draft_id, ("draft", "checked"), values)
            return self.one(identity, draft_id)
        row = seen or Row("")
        draft = Draft(
            id=uuid.uuid4().hex,
            app=self._book.app.slug,
            **texts,
            state="draft",
            annotation_id=row.id,
            seen_question=row.question,
            seen_answer=row.answer,
            message_id=message_id,
            author=identity.user,
            checked_by="",
            created_at=now,
            updated_at=now,
        )
        with self._database.begin() as connection:
            values = {name: getattr(draft, name) for name in Draft.__slots__}
            connection.execute(sa.insert(annotation_drafts).values(values))
        return draft

    def check(self, identity: Identity, draft_id: str) -> None:
        """It may go live. Raises NoSuchDraft, and Invalid for what no annotation may be."""
        draft = self.one(identity, draft_id)
        checked(draft.question, draft.answer, draft.seen)
        self._turn(draft_id, ("draft",), {"state": "checked", "checked_by": identity.user})

    def reopen(self, identity: Identity, draft_id: str) -> None:
        """It has to be checked again, or is wanted again after it was dropped. Raises NoSuchDraft."""
        identity.require(Role.CURATOR)
        self._turn(draft_id, ("checked", "dropped"), {"state": "draft", "checked_by": ""})

    def drop(self, identity: Identity, draft_id: str) -> None:
        """Not wanted any more; `reopen` brings it back. Raises NoSuchDraft."""
        identity.require(Role.CURATOR)
        self._turn(draft_id, ("draft", "checked"), {"state": "dropped"})

    def publish(self, identity: Identity, draft_id: str) -> Row:
        """Put a checked one into Dify; a second press finds nothing to do.

        Raises NoSuchDraft and DifyError; Conflict or Gone where others changed or deleted the row it was for:
        it is then a draft against the row as it stands, or of a new one.
        """
        draft = self.one(identity, draft_id)
        with self._lock:
            self._turn(draft_id, ("checked",), {"state": "publishing"})
            self._under_way.add(draft_id)
        texts, batch = (draft.question, draft.answer), _batch(draft)
        state: dict[str, object] = {"state": "checked"}
        try:
            if draft.seen:
                row = self._book.change(identity, draft.annotation_id, *texts, seen=draft.seen, batch=batch)
            else:
                row = self._book.add(identity, *texts, batch=batch, message_id=draft.message_id)
            state = {"state": "live", "annotation_id": row.id}
            return row
        except Conflict as conflict:
            question, answer = conflict.theirs.texts
            state = {"state": "draft", "checked_by": "", "seen_question": question, "seen_answer": answer}
            raise
        except Gone:
            state = {"state": "draft", "checked_by": "", "annotation_id": ""}
            raise
        except DifyError:
            if any(change.state == "begun" for change in self._book.batch(identity, batch)):
                state = {
                    "state": "publishing"
                }  # it may be there: nobody must press again before that is known
            raise
        finally:
            with self._lock:
                self._turn(draft_id, ("publishing",), state)
                self._under_way.discard(draft_id)

    def _settled(self, identity: Identity, found: tuple[Draft, ...]) -> bool:
        """What a process that died was putting live: the journal tells whether it is."""
        with self._lock:
            left = [d for d in found if d.state == "publishing" and d.id not in self._under_way]
        for draft in left:
            changes = self._book.batch(identity, _batch(draft))
            if any(change.state == "begun" for change in changes):
                continue  # the next reading of the list knows
            made = next((change for change in changes if change.state == "done"), None)
            values = {"state": "live", "annotation_id": made.annotation_id} if made else {"state": "checked"}
            self._turn(draft.id, ("publishing",), values)
        return bool(left)

    def _turn(self, draft_id: str, from_states: tuple[State, ...], values: Mapping[str, object]) -> None:
        table = annotation_drafts.c
        which = (table.app == self._book.app.slug) & (table.id == draft_id) & table.state.in_(from_states)
        update = sa.update(annotation_drafts).where(which).values({**values, "updated_at": time.time()})
        with self._database.begin() as connection:
            if not connection.execute(update).rowcount:
                raise NoSuchDraft(draft_id)

    def _select(self, which: sa.ColumnElement[bool]) -> tuple[Draft, ...]:
        query = sa.select(annotation_drafts).where(annotation_drafts.c.app == self._book.app.slug)
        query = query.where(which).order_by(annotation_drafts.c.updated_at.desc())
        with self._database.begin() as connection:
            return tuple(Draft(**row) for row in connection.execute(query).mappings())


def _batch(draft: Draft) -> str:
    return f"draft-{draft.id}"


def _storable(text: str) -> str:
    """Half of a surrogate pair is no text."""
    return text.encode("utf-8", "replace").decode()
