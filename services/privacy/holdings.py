"""All that the database holds of people, by table: the one list that erasing and retention go by.

A new table adds a line here; tests/unit/test_erasure.py fails until it does.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from services.database import metadata


@dataclass(frozen=True, slots=True)
class Holding:
    """Rows of a table that are somebody's, and go with them."""

    name: str
    """Of the table."""
    kind: str
    """What its rows are called on the page: services count by it."""
    at: tuple[str, ...] = ()
    """The columns (unix seconds, or null) that tell how old a row is; none where age is no reason to go."""
    user: str = ""
    """The column of the external user id."""
    end_user: str = ""
    """The column of Dify's own id."""
    key: str = ""
    """The column of our key of a conversation."""
    conversation: str = ""
    """The column of Dify's id of a conversation, where no column says whose it is."""
    of: tuple[str, str] = ("", "")
    """The column that holds the `id` of a row of another table, and that table."""

    under: tuple[str, tuple[str, ...]] = ("", ())
    """The table whose rows these hang on and go with, and the columns that hold its primary key."""

    @property
    def columns(self) -> set[str]:
        """All that is named here."""
        return {
            *self.at,
            self.user,
            self.end_user,
            self.key,
            self.conversation,
            self.of[0],
            *self.under[1],
        } - {""}

    @property
    def table(self) -> sa.Table:
        return metadata.tables[self.name]


WHOSE = (
    # What refers to another table stands before it.
    Holding(
        "feedback_corrections",
        "feedback",
        user="user",
        of=("feedback_id", "feedback"),
        under=("feedback", ("app", "feedback_id")),
    ),
    Holding(
        "feedback", "feedback", at=("created_at",), end_user="end_user_id", conversation="conversation_id"
    ),
    Holding("step_details", "steps", key="key", under=("turns", ("turn_id",))),
    Holding("queued", "waiting", at=("asked_at",), key="key"),
    Holding("turns", "answers", at=("asked_at",), key="key"),
    Holding("seen", "searched", at=("asked_at",), user="user"),
    Holding("listed", "listed", at=("updated_at",), user="user"),
    Holding("listings", "listed", user="user"),
    Holding("variable_changes", "variables", at=("at",), user="user"),
    Holding("ratings", "ratings", at=("updated_at",), user="user"),
    Holding("marks", "marks", at=("named_at", "pinned_at"), user="user"),
    Holding("deletions", "deletions", at=("due_at",), user="user"),
    Holding("erasures", "deletions", user="user"),
    Holding("shares", "shares", at=("created_at",), user="user"),
    Holding("preferences", "preferences", user="user"),
    Holding("grants", "rights", user="user"),
    Holding("people", "directory", at=("last_seen",), user="user", end_user="end_user_id"),
    Holding("case_notes", "notes", at=("created_at",), user="user"),
    Holding("case_tags", "notes", user="user", under=("cases", ("app", "user", "conversation_id"))),
    Holding("case_undos", "notes", at=("at",), user="user"),
    Holding("cases", "notes", at=("changed_at",), user="user"),
    Holding("staff", "rights", user="user"),
    Holding("work_views", "preferences", user="owner"),
    Holding("measures", "measures", user="user"),
    Holding("sign_ins", "rights", user="user"),
    Holding("conversations", "conversations", at=("created_at",), user="user"),
)
WORKED = {
    "annotation_case_runs": {"user": ""},
    "annotation_cases": {"user": ""},
    "annotation_changes": {"user": ""},
    "annotation_drafts": {"author": "", "checked_by": ""},
    "annotation_guidelines": {"user": ""},
    "annotation_reply_jobs": {"user": ""},
    "audit": {"user": "name", "about": ""},
    "case_notes": {"author": "author_name"},
    "case_undos": {"by": "", "assignee": "", "assignee_before": ""},
    "cases": {"assignee": ""},
    "dismissed_suggestions": {"user": ""},
    "erasures": {"by": "by_name"},
    "feedback": {"handled_by": ""},
    "gap_marks": {"user": ""},
    "gap_phrases": {"user": ""},
    "grants": {"by": ""},
    "imports": {"user": ""},
    "prompts": {"owner": ""},
}
"""Columns that say who did a piece of work, and the column beside it with what they are called: the work
stays, the name goes."""
ACCOUNT = {"sessions": "account", "accounts": "name"}
"""Columns that name an account; they go where it is erased as such."""
NOBODYS = frozenset(
    {"annotation_case_results", "import_rows", "attempts", "feedback_readings", "gap_vectors"}
)
"""Tables that name nobody, or by a digest alone."""


def whose() -> list[Holding]:
    """Those whose table, with these columns, this site has."""
    return [each for each in WHOSE if each.columns <= _columns(each.name)]


def _columns(name: str) -> set[str]:
    return set(metadata.tables[name].c.keys()) if name in metadata.tables else set()
