"""The sections of the annotations page, in their order: a name, and what draws it."""

from __future__ import annotations

from collections.abc import Callable

from components.annotations import all_rows, drafting, exporting, health, history, importing, reply, testing
from components.annotations.desk import Desk

Section = tuple[str, Callable[[Desk], None]]
SECTIONS: tuple[Section, ...] = (
    ("all", all_rows.show),
    ("drafts", drafting.show),
    ("changes", history.show_all),
    ("import", importing.show),
    ("export", exporting.show),
    ("reply", reply.show),
    ("tests", testing.show),
    ("health", health.show),
)
"""The words for a name are in words_annotations.SECTIONS."""
