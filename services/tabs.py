"""For whom each open tab was drawn: what stands in a tab's session is of nobody else."""

from __future__ import annotations

import threading
from collections import OrderedDict

from services.identity import Identity

REMEMBERED = 10_000
"""Tabs."""


class Tabs:
    """Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._drawn: OrderedDict[str, Identity] = OrderedDict()

    def drawn(self, tab: str, identity: Identity) -> None:
        """A page of this tab is drawn for this person now. `tab` is the id of its session."""
        with self._lock:
            self._drawn[tab] = identity
            self._drawn.move_to_end(tab)
            while len(self._drawn) > REMEMBERED:
                self._drawn.popitem(last=False)

    def name(self, user: str) -> str:
        """What the person of this `user` is called, as the latest of their tabs says; "" where none does."""
        with self._lock:
            return next((i.name for i in reversed(self._drawn.values()) if i.user == user and i.name), "")

    def of(self, tab: str) -> Identity | None:
        """For whom, and in which role, it was drawn last; None where that is not known."""
        with self._lock:
            return self._drawn.get(tab)
