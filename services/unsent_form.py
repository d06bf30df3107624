"""What is filled into an app's form before the first question: kept by the site beside the files of that
question, so that it goes wherever those go. Neither a reload nor a restart loses it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from services.conversations import Conversation
from services.pending import PendingFiles, form_of
from services.pending_file import Pending

VALUES = ""
"""The variable that the values of all other fields stand under: no field has this one."""


class UnsentForm:
    """One conversation's; two tabs that show it change different fields without harm."""

    def __init__(self, pending: PendingFiles, conversation: Conversation) -> None:
        self._pending, self._conversation = pending, conversation
        self._place = form_of(conversation)

    def values(self) -> dict[str, Any]:
        """By variable: what was changed, in any tab."""
        kept = self.files(VALUES)
        try:
            known = json.loads(kept[-1].content) if kept else {}
        except ValueError:  # the disk has lost it
            known = {}
        return known if isinstance(known, dict) else {}

    def keep(self, values: Mapping[str, Any]) -> None:
        """These, beside what is known of other fields."""
        before, known = self.files(VALUES), self.values()
        content = json.dumps({**known, **values}).encode()
        fresh = Pending(sha256(content).hexdigest(), "values", content)
        if self._conversation.erased or fresh.id in {each.id for each in before}:
            return
        self.put(VALUES, fresh)  # first: a crash in between loses nothing
        for each in before:
            self.remove(VALUES, each.id)

    def files(self, variable: str) -> list[Pending]:
        """Of a field, in the order of picking."""
        start = f"{variable}/"
        return [
            replace(each, id=each.id.removeprefix(start))
            for each in self._pending.of(self._place)
            if each.id.startswith(start)
        ]

    def put(self, variable: str, file: Pending) -> None:
        """Add a file, or what is known of it now."""
        self._pending.put(self._place, replace(file, id=f"{variable}/{file.id}"))

    def remove(self, variable: str, file_id: str) -> None:
        self._pending.remove(self._place, f"{variable}/{file_id}")

    @property
    def empty(self) -> bool:
        """Nothing was changed or picked, or the app has it already."""
        return not self._pending.of(self._place)

    def clear(self) -> None:
        """The app has it."""
        self._pending.clear(self._place)
