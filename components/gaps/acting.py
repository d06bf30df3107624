"""What a curator does with a gap, for callbacks; and the line that tells of it, with the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components import session, words
from components import words_gaps as said
from components.annotations import telling
from components.annotations.desk import Desk
from components.gaps.asked import Asked
from services.annotations.draft import Draft
from services.annotations.row import Row
from services.apps import App
from services.database import StoreError
from services.gaps.mark import Mark
from services.gaps.miss import Gap
from services.identity import Identity
from services.site import Site

UNDOABLE = "ga-undoable"


@dataclass(frozen=True, slots=True)
class Undoable:
    """What was done last. `covered` is the app in which an annotation now answers, if one does."""

    words: str
    marks: tuple[Mark, ...]
    covered: App | None = None


def cover(site: Site, identity: Identity, app: App, gap: Gap, what: Row | Draft) -> None:
    """This annotation, or this draft of one, is for the gap."""
    question = words.plain(gap.question, 120)
    try:
        if isinstance(what, Row):
            mark = site.gaps.covered(identity, app, gap, what)
            done = Undoable(said.COVERED.format(question=question), (mark,), app)
        else:
            mark = site.gaps.drafted(identity, app, gap, what)
            done = Undoable(said.DRAFTED.format(question=question), (mark,))
    except StoreError:
        done = Undoable(said.NOT_MARKED, ())
    session.keep(UNDOABLE, done)


def dismiss(asked: Asked, gap: Gap) -> None:
    try:
        marks = asked.site.gaps.dismiss(asked.identity, gap)
    except StoreError as error:
        _failed(asked, error)
    else:
        session.keep(
            UNDOABLE, Undoable(said.DISMISSED.format(question=words.plain(gap.question, 120)), marks)
        )


def take_back(asked: Asked, marks: Sequence[Mark]) -> None:
    try:
        asked.site.gaps.undo(asked.identity, marks)
    except StoreError as error:
        _failed(asked, error)
    else:
        session.keep(UNDOABLE, None)


def _failed(asked: Asked, error: StoreError) -> None:
    Desk.of(asked.site, asked.identity, asked.apps[0], "gaps").say(telling.why(error))
