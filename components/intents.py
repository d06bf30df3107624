"""What a reader asks for inside the transcript, carried out: plain functions, so that tests can call them."""

from __future__ import annotations

import re
from dataclasses import replace

from components import session
from components.annotations import annotating
from components.asker import Asker
from components.mounted import Act
from services.draft import Draft
from services.limits import TooMuch

SEND_ID = re.compile(r"[A-Za-z0-9-]{16,64}")


def doer(asker: Asker) -> Act:
    """The function that carries out what this person may ask for in this conversation."""

    def again(turn_id: str, query: str = "") -> Draft | None:
        turn = asker.conversation.turn(turn_id)
        if turn is None:
            return None
        # Dify keeps the first inputs; where it has none yet, those of the form are the newest.
        fixed = asker.conversation.conversation_id
        files = tuple(replace(file, ignored=False) for file in turn.attachments)
        first = turn.attempt_of or turn.id
        return Draft(query or turn.query, turn.inputs if fixed else {}, files, attempt_of=first)

    def of_queue(wanted: object, waiting: str) -> None:
        queue, place = asker.site.queue, asker.conversation
        match wanted:
            case "take_back":
                asker.take_back(waiting)
            case "take_all_back":
                asker.take_back(*(each.id for each in place.queued))
            case "drop":
                queue.take(asker.identity, place, waiting)
            case "send_now":
                queue.send_now(asker.identity, place, waiting)

    def repeat(turn_id: str, query: str, send_id: str) -> None:
        try:
            asker.ask_path_anew(turn_id, query, send_id)
        except TooMuch as limit:
            asker.keep(query)
            session.refused(limit.code, wait=str(limit.retry_after or 0))

    def act(intent: dict[str, object]) -> None:
        if not asker.may_ask:
            return session.refused("denied")
        if isinstance(waiting := intent.get("waiting"), str):
            return of_queue(intent.get("act"), waiting)
        send_id = str(intent.get("send_id", ""))
        # The send id is the browser's word for one click: the same one never asks twice.
        if not SEND_ID.fullmatch(send_id):
            return None
        match intent:
            case {"act": "ask", "query": str(query)} if query.strip():
                asker.ask(Draft(query), send_id)
            case {"act": "retry", "turn": str(turn_id)} if draft := again(turn_id):
                asker.ask(draft, send_id)
            case {"act": "edit", "turn": str(turn_id), "query": str(query)} if query.strip():
                if draft := again(turn_id, query):
                    asker.ask(draft, send_id)
            case {"act": "repeat", "turn": str(turn_id), "query": str(query)}:
                repeat(turn_id, query, send_id)
            case {"act": "annotate", "turn": str(turn_id)}:
                annotating.begin(asker, turn_id)
            case {"act": "renew", "turn": str(turn_id)} if draft := again(turn_id):
                asker.ask_anew(replace(draft, attempt_of=""), send_id)
        return None

    return act
