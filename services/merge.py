"""One conversation from two tellings: the turns this site saw stream, and a page of Dify's history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from services.dify.parts import File
from services.outcome import FINAL, Rating
from services.turn import Turn

SKEW = 60.0
"""Seconds by which the server's clock may differ from ours."""
DELAY = 120.0
"""Seconds that may lie between asking and the server's created_at."""


def merge(
    ours: Sequence[Turn], page: Sequence[Turn], *, more: bool, until: float | None = None
) -> list[Turn]:
    """The turns of a page of history, oldest first, with what was seen of them.

    `more`: there are older pages, so turns of ours from before this page belong to one of those. `until`:
    the time (unix seconds) where the next newer page begins, None for the newest page.
    """
    left = {turn.id: turn for turn in ours}
    result: list[Turn] = []
    for theirs in page:
        match = _match(left.values(), theirs)
        if match is None:
            result.append(theirs)
            continue
        del left[match.id]
        result.append(_identified(match, theirs) if match.running else merged(match, theirs))
    since = min((t.asked_at or 0.0 for t in page), default=0.0) if more else 0.0
    known = {turn.message_id for turn in page}
    for turn in sorted(left.values(), key=_asked):
        if _asked(turn) < since or turn.message_id in known or (until is not None and _asked(turn) >= until):
            continue
        result.insert(_place(turn, result), turn)
    return result


def merged(ours: Turn, theirs: Turn) -> Turn:
    """One message as seen while it streamed (ours) and as history tells it (theirs).

    Dify wins, unless its answer is empty and ours is not; a moderated answer is never restored.
    """
    keep = bool(ours.text) and not theirs.text and not theirs.replaced
    text = ours.text if keep else theirs.text
    if ours.state == "stopped" or (keep and ours.state in FINAL):
        state, error = ours.state, ours.error
    else:
        state, error = theirs.state, theirs.error
    return replace(
        ours,
        state=state,
        error=error,
        text=text,
        query=theirs.query or ours.query,
        thoughts=theirs.thoughts or ours.thoughts,
        files=_files(ours.files, theirs.files),
        attachments=attached(ours, theirs),
        citations=theirs.citations or ours.citations,
        forms=theirs.forms or ours.forms,
        workflow_run_id=ours.workflow_run_id or theirs.workflow_run_id,
        usage=ours.usage or theirs.usage,
        # The list tells the rating and never its words.
        rating=ours.rating if _same(ours.rating, theirs.rating) else theirs.rating,
        message_id=theirs.message_id or ours.message_id,
        conversation_id=theirs.conversation_id or ours.conversation_id,
        asked_at=ours.asked_at if ours.asked_at is not None else theirs.asked_at,
        answered_at=ours.answered_at if ours.answered_at is not None else theirs.answered_at,
    ).without_what_was_replaced()


def attached(ours: Turn, theirs: Turn) -> tuple[File, ...]:
    """The question's files, each marked where Dify's history lacks it: the app ignored it without a word
    (recordings 81_chat_file_wrong_type, 81_chat_file_app_off)."""
    if not ours.attachments or theirs.state != "complete":
        return ours.attachments or theirs.attachments
    left = list(theirs.attachments)
    marked: list[File] = []
    for file in ours.attachments:
        match = next((each for each in left if _same_file(file, each)), None)
        if match is not None:
            left.remove(match)
        marked.append(replace(file, ignored=match is None))
    return tuple(marked)


def with_later(turns: Sequence[Turn], later: Sequence[Turn]) -> list[Turn]:
    """The same turns, with what has changed since they were collected, and what has come."""
    by_id = {turn.id: turn for turn in later}
    by_message = {turn.message_id: turn for turn in later if turn.message_id}
    fresh = [by_id.get(turn.id) or by_message.get(turn.message_id) or turn for turn in turns]
    kept = {turn.id for turn in fresh}
    return fresh + [turn for turn in later if turn.id not in kept]


def _same_file(ours: File, theirs: File) -> bool:
    if ours.upload_file_id:
        return ours.upload_file_id == theirs.upload_file_id
    # History names a linked file by an address of Dify's own.
    return not theirs.upload_file_id or ours.url == theirs.url


def recovered(ours: Turn, found: Turn) -> Turn:
    """A Turn whose stream broke, with the answer as history has it, under its own id and times."""
    return ours if ours.final else merged(replace(ours, state=found.state, error=found.error), found)


def same_question(ours: Turn, theirs: Turn) -> bool:
    """Whether a message of history can be what we asked and never learned the id of."""
    if ours.query.strip() != theirs.query.strip():
        return False
    late = (theirs.asked_at or 0.0) - (ours.asked_at or 0.0)
    return -SKEW <= late <= DELAY


def _same(ours: Rating | None, theirs: Rating | None) -> bool:
    return ours is not None and theirs is not None and ours.rating == theirs.rating


def _files(ours: tuple[File, ...], theirs: tuple[File, ...]) -> tuple[File, ...]:
    """History knows names and sizes, and signs its addresses anew each time."""
    known = {file.id for file in theirs}
    return (*theirs, *(file for file in ours if file.id not in known))


def _match(ours: Collection[Turn], theirs: Turn) -> Turn | None:
    for turn in ours:
        if turn.message_id and turn.message_id == theirs.message_id:
            return turn
    for turn in ours:
        if not turn.message_id and same_question(turn, theirs):
            return turn
    return None


def _identified(ours: Turn, theirs: Turn) -> Turn:
    return replace(ours, message_id=theirs.message_id, conversation_id=theirs.conversation_id)


def _asked(turn: Turn) -> float:
    return turn.asked_at or 0.0


def _place(turn: Turn, among: Sequence[Turn]) -> int:
    """Where a turn that history lacks belongs. History's own order stands: its clock is not ours."""
    if turn.state in {"waiting", "streaming"}:
        return len(among)
    return next((i for i, other in enumerate(among) if _asked(other) > _asked(turn)), len(among))
