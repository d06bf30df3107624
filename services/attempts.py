"""Attempts of one question, and the same questions once more in a new conversation.

The Service API has no branches: it takes a parent message and passes it over. So another attempt is another
message of the same conversation, and the model sees them all; a way without them begins a new conversation,
where services/queue.py asks its questions one after the other.
"""

from __future__ import annotations

from services.apps import App
from services.conversations import Conversation
from services.directory import Directory
from services.draft import Draft
from services.turn import Turn


def path(
    directory: Directory, app: App, conversation: Conversation, turn_id: str, query: str = ""
) -> list[Draft]:
    """The questions of a conversation up to a turn, of each only its newest attempt; the last one with the
    words of `query` if there are any. Empty for an unknown turn.

    Reads older pages of history: raises DifyError.
    """
    turns = conversation.turns()
    before = conversation.older
    while before:
        page, before = directory.older(conversation, app, before)
        turns = [turn for _, turn in page] + turns
    last = next((turn for turn in turns if turn.id == turn_id), None)
    if last is None:
        return []
    newest: dict[str, Turn] = {}
    for turn in turns:
        if _first(turn) == _first(last):
            break
        if turn.text or turn.files:  # what was never answered is no part of the way
            newest[_first(turn)] = turn
    inputs = conversation.inputs or last.inputs
    earlier = [Draft(turn.query, inputs, turn.attachments) for turn in newest.values()]
    return [*earlier, Draft(query or last.query, inputs, last.attachments)]


def _first(turn: Turn) -> str:
    return turn.attempt_of or turn.id
