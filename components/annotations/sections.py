"""The sections of the annotations page, in their order: a name, an icon, and what draws it."""

from __future__ import annotations

from collections.abc import Callable

from components.annotations import all_rows, drafting, exporting, health, history, importing, reply, testing
from components.annotations.desk import Desk

Section = tuple[str, str, Callable[[Desk], None]]
SECTIONS: tuple[Section, ...] = (
    ("all", ":material/list:", all_rows.show),
    ("drafts", ":material/edit_note:", drafting.show),
    ("changes", ":material/history:", history.show_all),
    ("import", ":material/upload:", importing.show),
    ("export", ":material/download:", exporting.show),
    ("reply", ":material/quickreply:", reply.show),
    ("tests", ":material/fact_check:", testing.show),
    ("health", ":material/monitoring:", health.show),
)
"""The words for a name are in words_annotations.SECTIONS."""
