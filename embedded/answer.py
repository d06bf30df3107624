"""Guide: who answers. It quotes the manual, says when it found nothing, and knows how to greet. With a model
behind it, the model answers, and the passages found are in its prompt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from embedded.demo import demonstrate
from embedded.knowledge import Hit, Knowledge, words
from embedded.model import Model
from embedded.prompt import messages
from embedded.records import Asked, Resource
from embedded.reply import Reply, by_words

FOUND = 0.33  # a best score below is "nothing found"; the tests hold the questions that settle it
SURE = 0.50  # below, the passage is offered as the nearest one
ALSO = 0.8  # what comes this near to the best is worth a "see also"
SUGGESTIONS = 3
LONGEST_TITLE = 48

GREETING = re.compile(
    r"(hi|hello|hey|good (morning|day|afternoon|evening)|hallo|servus|moin)\b[\s\w]{0,12}[!.,]*"
)
THANKS = re.compile(r"(thanks?( you)?|thx|cheers|danke|merci)\b[\s\w]{0,24}[!.]*")
FAREWELL = re.compile(r"(bye|goodbye|see you|ciao)\b[\s\w]{0,16}[!.]*")
SMALL_OK = re.compile(r"(ok(ay)?|great|nice|cool|perfect|got it|good)[\s!.]*")
WHO = re.compile(
    r"(who|what) are you\b.*|what can (you|i) (do|ask)\b.*|what do you know\b.*|what is this[?]*|"
    r"help( me)?[!.?]*"
)
FILLER = re.compile(
    r"^((please|can you|could you|tell me|show me|i want to know|how (do|can|could|would) (i|you|we)|"
    r"what happens (when|if)( i)?|what (is|are)|where (is|are)|why (do|does)|is it possible to)\s+)+",
    re.IGNORECASE,
)


Turns: TypeAlias = Sequence[tuple[str, str]]
"""Earlier questions with their answers, oldest first."""


class Guide:
    """Answers questions about the console from its manual; safe to call from any thread."""

    def __init__(self, knowledge: Knowledge, openers: tuple[str, ...], model: Model | None = None) -> None:
        self._knowledge = knowledge
        self._openers = openers
        self._model = model

    def reply(
        self, query: str, previous: str | None, inputs: Mapping[str, Any], turns: Turns = (), given: str = ""
    ) -> Reply:
        """What to say. `previous` is the question before, which a short one may lean on; `given` describes
        the files that came with it."""
        shown = demonstrate(query)
        if shown is not None:
            return shown
        if self._model is not None:
            hits = self._hits(query, previous)
            found = [hit.segment for hit in hits]
            live = self._model.stream(messages(query, found, turns, inputs, given))
            return Reply(live=live, resources=_cited(hits))
        reply = self._extracted(query, previous, inputs)
        if given:
            return replace(reply, chunks=(*by_words(f"{given}\n\n"), *reply.chunks))
        return reply

    def concluded(
        self, asked: Asked, query: str, hits: Sequence[Hit], observations: Sequence[str], said: str
    ) -> Reply:
        """What an agent says once its tools have run; `said` if there is nothing to quote."""
        if self._model is not None:
            found = [hit.segment for hit in hits]
            prompt = messages(query, found, (), asked.inputs, "\n".join(observations))
            return Reply(live=self._model.stream(prompt), resources=_cited(hits))
        if said.strip():
            return Reply(by_words(said))
        return self._extracted(query, asked.previous, asked.inputs)

    def _extracted(self, query: str, previous: str | None, inputs: Mapping[str, Any]) -> Reply:
        said = self._small_talk(query.strip().lower(), inputs)
        if said is not None:
            return Reply(by_words(said))
        hits = self._hits(query, previous)
        if not hits:
            return Reply(by_words(self._nothing_found()))
        return Reply(by_words(_quoted(hits)), resources=_cited(hits))

    def title(self, query: str) -> str:
        """A conversation's name: its first question without the words around it."""
        plain = " ".join(query.split()).strip(" ?!.")
        plain = FILLER.sub("", plain) or plain
        if len(plain) > LONGEST_TITLE:
            plain = plain[:LONGEST_TITLE].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
        return plain[:1].upper() + plain[1:] or "New conversation"

    def suggest(self, query: str) -> list[str]:
        """Questions that go on from this one: what else the same part of the manual answers."""
        hits = self._hits(query, None)
        if not hits:
            return [each for each in self._openers if each != query][:SUGGESTIONS]
        return [each.heading for each in self._knowledge.beside(hits[0].segment)][:SUGGESTIONS]

    def _hits(self, query: str, previous: str | None) -> list[Hit]:
        hits = self._knowledge.search(query)
        if previous and len(words(query)) < 2 and (not hits or hits[0].score < SURE):
            # "And how?" is about what was asked before.
            hits = self._knowledge.search(f"{query} {previous}")
        if not hits or hits[0].score < FOUND:
            return []
        return [hit for hit in hits if hit.score >= ALSO * hits[0].score]

    def _small_talk(self, query: str, inputs: Mapping[str, Any]) -> str | None:
        if WHO.fullmatch(query):
            return f"I am the guide built into this console. {self._offer()}"
        if GREETING.fullmatch(query):
            name = inputs.get("name")
            return f"Hello{f' {name}' if name else ''}! {self._offer()}"
        if THANKS.fullmatch(query) or SMALL_OK.fullmatch(query):
            return "You are welcome. Ask on whenever you like."
        if FAREWELL.fullmatch(query):
            return "Goodbye. This conversation stays in the list on the left."
        return None

    def _nothing_found(self) -> str:
        return (
            "I found nothing about that in the manual of this console, and the manual is all I know: there "
            f"is no language model behind me. {self._offer()}"
        )

    def _offer(self) -> str:
        questions = "\n".join(f"- {each}" for each in self._openers)
        return f"You can ask me how the console works, for example:\n\n{questions}\n"


def _cited(hits: Sequence[Hit]) -> tuple[Resource, ...]:
    return tuple(hit.cited(position) for position, hit in enumerate(hits, 1))


def _quoted(hits: list[Hit]) -> str:
    best, *others = hits
    lead = (
        f"From **{best.segment.document}**, *{best.segment.heading}*"
        if best.score >= SURE
        else f"I am not sure that I understood. The nearest passage is *{best.segment.heading}* "
        f"in **{best.segment.document}**"
    )
    also = "".join(f"\n- {hit.segment.heading} (*{hit.segment.document}*)" for hit in others)
    return f"{lead}:\n\n{best.segment.body}\n" + (f"\n**See also**\n{also}\n" if also else "")
