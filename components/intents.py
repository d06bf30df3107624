"""What a reader asks for inside the transcript, carried out: plain functions, so that tests can call them."""

from __future__ import annotations

import re
from collections.abc import Callable

from components import composer
from services.apps import App
from services.conversations import Conversation
from services.draft import Draft
from services.identity import Identity
from services.runs import Runs

SEND_ID = re.compile(r"[A-Za-z0-9-]{16,64}")
Act = Callable[[dict[str, object]], None]


def doer(runs: Runs, identity: Identity, app: App, conversation: Conversation) -> Act:
    """The function that carries out what this person may ask for in this conversation."""

    def act(intent: dict[str, object]) -> None:
        send_id = str(intent.get("send_id", ""))
        draft = _draft(intent, conversation)
        # The send id is the browser's word for one click: the same one never asks twice.
        if draft is not None and SEND_ID.fullmatch(send_id):
            composer.ask(runs, identity, app, conversation, draft, send_id)

    return act


def _draft(intent: dict[str, object], conversation: Conversation) -> Draft | None:
    match intent:
        case {"act": "ask", "query": str(query)} if query.strip():
            return Draft(query)
        case {"act": "retry", "turn": str(turn_id)}:
            turn = conversation.turn(turn_id)
            return Draft(turn.query, turn.inputs, turn.attachments) if turn else None
    return None
