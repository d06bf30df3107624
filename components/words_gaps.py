"""The words of the gaps page."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Gaps"
INTRO: Final = (
    "Questions asked through this site that got no good answer, those that are alike together. Likeness is "
    "an estimate: {way}."
)
WAYS: Final = {
    "letters": "by letters",
    "learning": "by letters now, by meaning too as soon as that is worked out",
    "meaning": "by meaning where questions are in English, by letters in every language",
}
NEEDS_APP: Final = "App"
ALL_APPS: Final = "All apps"
PERIOD: Final = "Period"
PERIODS: Final = {7: "7 days", 30: "30 days", 90: "90 days", 365: "A year"}
SHOW: Final = "Show"
SHOWS: Final = {"open": "Open", "covered": "Covered", "dismissed": "Dismissed"}
LOOKING: Final = "Looking for questions without a good answer…"
UNREADABLE: Final = "The site's own database cannot be read now. Nothing is lost; load the page again later."
NONE: Final = {
    "open": "No gaps in these days: every question got an answer that nobody disliked.",
    "covered": "No gap is covered yet. Write an annotation for one that is open.",
    "dismissed": "No gap was dismissed.",
}
LONGER: Final = "Look at a year"
TO_OPEN: Final = "Show open gaps"
TIMES: Final = "{n} times"
ONCE: Final = "once"
WHYS: Final = {
    "dislike": "{n} disliked",
    "unknown": "{n} did not know",
    "empty": "{n} empty",
    "failed": "{n} failed",
    "incomplete": "{n} broke off",
    "stopped": "{n} stopped at once",
}
RISING: Final = "rising: {earlier} before, {later} lately"
FALLING: Final = "falling: {earlier} before, {later} lately"
STEADY: Final = "steady"
WRITE: Final = "Write one annotation for these"
WRITE_IN: Final = "Write one annotation for these in {app}"
WRITE_THIS: Final = "Write for this one"
DISMISS: Final = "Dismiss"
UNDO: Final = "Undo"
BRING_BACK: Final = "Open again"
DISMISSED: Final = "Dismissed: {question}"
COVERED: Final = "Covered: {question} Its other phrasings are kept as test cases, under Annotations, Tests."
DRAFTED: Final = "A draft is kept for: {question} The gap is covered when the draft goes live."
TESTS: Final = "Open annotations"
NOT_MARKED: Final = "It was saved, but this site could not note that it covers the gap. Cover it again below."
ALIKE: Final = "An annotation asks nearly the same ({likeness}% of the letters): {question}"
EDIT_ALIKE: Final = "Edit it"
ALIKE_COVERS: Final = "It covers these"
UNKNOWN_ROWS: Final = "Whether an annotation asks the same already is not known: the app does not answer now."
PHRASINGS: Final = "How it was asked ({n})"
REASONS: Final = "What people wrote"
MORE: Final = "and {n} more"
BACK: Final = "Covered on {when}, missed again since."
STANDINGS: Final = {"covered": "Covered", "drafted": "Draft waiting", "dismissed": "Dismissed"}
SETTLED: Final = "{who} · {when}"
TEST_LIST: Final = "Test list"
TEST_LIST_MEANS: Final = "Once the annotation is live, these are kept as test cases: each should get it."
SHOW_MORE: Final = "Show more"
SHOWN: Final = "{shown} of {all} groups"
PHRASES: Final = "How an answer says that it does not know"
PHRASES_MEANS: Final = (
    "One phrase a line, in any language. An answer with one of them in its first 400 characters "
    "counts as not answered. Capitals and accents do not matter."
)
PHRASES_OF: Final = "Phrases for {app}"
PHRASES_SAVE: Final = "Save phrases"
PHRASES_SAVED: Final = "Saved."
PHRASES_LONG: Final = "The list is over 10,000 characters. Shorten it."
