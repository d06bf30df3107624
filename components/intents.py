"""What a reader asks for inside the transcript, carried out: plain functions, so that tests can call them."""

from __future__ import annotations

import re
from collections.abc import Callable

from components.annotations import annotating
from components.asker import Asker
from services.draft import Draft

SEND_ID = re.compile(r"[A-Za-z0-9-]{16,64}")
Act = Callable[[dict[str, object]], None]


def doer(asker: Asker) -> Act:
    """The function that carries out what this person may ask for in this conversation."""

    def again(turn_id: str) -> Draft | None:
        turn = asker.conversation.turn(turn_id)
        if turn is None:
            return None
        # Dify keeps the first inputs; where it has none yet, those of the form are the newest.
        fixed = asker.conversation.conversation_id
        return Draft(turn.query, turn.inputs if fixed else {}, turn.attachments)

    def act(intent: dict[str, object]) -> None:
        send_id = str(intent.get("send_id", ""))
        # The send id is the browser's word for one click: the same one never asks twice.
        if not SEND_ID.fullmatch(send_id):
            return
        match intent:
            case {"act": "ask", "query": str(query)} if query.strip():
                asker.ask(Draft(query), send_id)
            case {"act": "retry", "turn": str(turn_id)} if draft := again(turn_id):
                asker.ask(draft, send_id)
            case {"act": "annotate", "turn": str(turn_id)}:
                annotating.begin(asker, turn_id)
            case {"act": "renew", "turn": str(turn_id)} if draft := again(turn_id):
                asker.ask_anew(draft, send_id)

    return act
