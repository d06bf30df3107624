"""Why a change of an annotation did not come about, in words; and who and when, of one that did."""

from __future__ import annotations

from datetime import UTC, datetime

from components import visitor, words
from components import words_annotations as said
from services.annotations.book import NotUndoable
from services.annotations.row import Conflict, Gone, Invalid
from services.database import StoreError
from services.dify.errors import DifyError
from services.identity import Identity


def why(error: Exception) -> str:
    """One or two sentences; the server's own words are made plain."""
    match error:
        case Invalid():
            return said.INVALID[error.field, error.reason].format(limit=f"{error.limit:,}")
        case Conflict():
            return said.CONFLICT_SHORT
        case Gone():
            return said.GONE_SHORT
        case NotUndoable():
            return said.UNDONE_ALREADY
        case StoreError():
            return said.JOURNAL_DOWN
        case DifyError():
            return _refused(error)
    return str(error)


def _refused(error: DifyError) -> str:
    known = words.ERRORS.get(error.code)
    told = (
        f"{known['title']} {known['advice']}"
        if known
        else f"{error.status or ''} {words.plain(error.message, 300)}"
    )
    return told.strip() if error.undone else f"{told.strip()} {said.NOT_SURE}"


def who(user: str, identity: Identity) -> str:
    """A name for a person that says no more than one has to know."""
    return said.YOU if user == identity.user else said.CURATOR.format(id=user.rpartition("-")[2][:6])


def when(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(visitor.zone())
    return moment.strftime("%d %b %Y, %H:%M")
