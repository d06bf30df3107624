"""What belongs to an answer that is there: questions that may follow it, and what the person thinks of it."""

from __future__ import annotations

import logging
from dataclasses import replace

from services.apps import App
from services.conversations import Conversation
from services.dify.errors import DifyError, Invalid
from services.identity import Identity, Role
from services.outcome import Rating
from services.store import Store, StoreError

log = logging.getLogger(__name__)
LONGEST_REASON = 2_000
"""Characters."""


class NoSuchAnswer(LookupError):
    """No turn of that id, or none that Dify knows by an id of its own."""


def suggestions(app: App, conversation: Conversation, turn_id: str) -> tuple[str, ...]:
    """Questions that may follow this answer, asked of Dify once, for each costs it a call of the model.

    Empty where the app has none to give, after an annotation (a reply that nobody generated), for an answer
    that this process did not see stream, and where Dify does not say.
    """
    turn = conversation.turn(turn_id)
    profile = app.known
    if turn is None or profile is None or not profile.parameters.suggested_questions_after_answer:
        return ()
    if turn.state != "complete" or turn.annotation or turn.id == turn.message_id or not turn.message_id:
        return ()
    with conversation.suggesting:
        known = conversation.suggestions
        if turn.id not in known:
            try:
                known[turn.id] = app.client.messages.suggested(turn.message_id, conversation.user)
            except DifyError as error:
                log.info("no suggestions: %s", error.code)
                known[turn.id] = ()
        return known[turn.id]


def rate(
    store: Store,
    identity: Identity,
    app: App,
    conversation: Conversation,
    turn_id: str,
    rating: Rating | None,
) -> None:
    """Tell Dify, and keep the words here. Raises Denied, NoSuchAnswer, DifyError."""
    identity.require(Role.AGENT)
    turn = conversation.turn(turn_id)
    if turn is None or not turn.message_id:
        raise NoSuchAnswer(turn_id)
    feedbacks = app.client.feedbacks
    try:
        if rating:
            # Left out, the words of before would be erased.
            feedbacks.give(turn.message_id, conversation.user, rating.rating, rating.content)
        else:
            feedbacks.give(turn.message_id, conversation.user, None)
    except Invalid:
        if rating:
            raise
        # There was none to take back: what was wanted is so (recording 62_feedback_null).
    try:
        store.rate(conversation.user, turn.message_id, rating)
    except StoreError as error:
        log.warning("a rating cannot be kept: %s", error)
    conversation.change(replace(turn, rating=rating))
