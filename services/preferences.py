"""What a person has set for themselves: kept in the store, and in memory while that cannot be written."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Literal

from services.store import Store, StoreError

WHOLE_ANSWERS = "whole_answers"
TITLES = "titles"
Titling = Literal["automatic", "request", "mine"]
"""Who names conversations: Dify by itself, Dify when this site asks it after the first answer, the person."""
ENTER_NEWLINE = "enter_newline"
ALWAYS_STREAMING = frozenset({"agent-chat", "agent"})
"""Dify refuses response_mode "blocking" for these (recording 34_err_agent_blocking)."""

REMEMBERED = 1_000
"""People."""


class Preferences:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[str, dict[str, Any]] = OrderedDict()
        """By user; every change goes through here, so that a page need not ask the database."""
        self._unsaved: dict[str, dict[str, Any]] = {}

    def whole_answers(self, user: str, mode: str) -> bool:
        """Whether answers are wanted in one piece, and can be had so from an app of this mode."""
        return mode not in ALWAYS_STREAMING and bool(self._of(user).get(WHOLE_ANSWERS, False))

    def want_whole_answers(self, user: str, wanted: bool) -> None:
        self._set(user, WHOLE_ANSWERS, wanted)

    def titles(self, user: str) -> Titling:
        wanted = self._of(user).get(TITLES)
        return wanted if wanted in {"request", "mine"} else "automatic"

    def want_titles(self, user: str, wanted: Titling) -> None:
        self._set(user, TITLES, wanted)

    def enter_begins_line(self, user: str) -> bool:
        """Whether Enter begins a new line in the composer, and only with Ctrl or Cmd sends."""
        return bool(self._of(user).get(ENTER_NEWLINE, False))

    def want_enter_to_begin_line(self, user: str, wanted: bool) -> None:
        self._set(user, ENTER_NEWLINE, wanted)

    def forget(self, user: str) -> None:
        """This person's data is erased."""
        self._known.pop(user, None)
        self._unsaved.pop(user, None)

    def _of(self, user: str) -> dict[str, Any]:
        known = self._known.get(user)
        if known is None:
            try:
                known = self._store.preferences(user)
            except StoreError:
                return self._unsaved.get(user, {})
            self._known[user] = known
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known | self._unsaved.get(user, {})

    def _set(self, user: str, name: str, value: Any) -> None:
        try:
            self._store.prefer(user, name, value)
        except StoreError:
            self._unsaved.setdefault(user, {})[name] = value
        else:
            self._unsaved.get(user, {}).pop(name, None)
            self._known.pop(user, None)
