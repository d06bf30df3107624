"""The words of the annotations page and of all that belongs to it."""

from __future__ import annotations

from typing import Any, Final

TITLE: Final = "Annotations"
SECTION: Final = "Section"
SECTIONS: Final = {
    "all": "List",
    "drafts": "Drafts",
    "changes": "Changes",
    "import": "Import",
    "export": "Export",
    "reply": "Annotation reply",
    "tests": "Tests",
    "health": "Health",
}
ADD: Final = "Add annotation"
AGAIN: Final = "Read again"
LIST: Final[dict[str, Any]] = {
    "search": "Search in questions and answers",
    "filter": "Filter",
    "kinds": {
        "all": "All annotations",
        "never": "Never hit",
        "most": "Most hit",
        "new": "New this week",
        "long": "Long answers",
        "duplicates": "Possible duplicates",
    },
    "columns": {"question": "Question", "answer": "Answer", "hits": "Hits", "created": "Created"},
    "table": "Annotations",
    "pages": "Pages",
    "select": "Select",
    "select_page": "Select all rows of this page",
    "selection": "Selected annotations",
    "selected": "{n} selected",
    "select_found": "Select all {n}",
    "replace": "Find and replace",
    "delete": "Delete",
    "clear": "Clear",
    "edit": "Edit",
    "history": "History",
    "source": "Open its chat",
    "alike": "similar",
    "one": "1 annotation",
    "count": "{total} annotations",
    "found": "{found} of {total}",
    "reading": "Reading the rest…",
    "nothing_found": "No annotation matches. Clear the search or choose another filter.",
    "nothing_yet": "No annotations yet. Add the first one above, import a table of them, or make one of any "
    "answer in the chat.",
    "previous": "Previous",
    "next": "Next",
    "range": "{from}–{to} of {found}",
    "keys": "Keys: j and k move, o opens, e edits, x selects, d deletes, u undoes, h shows the history, n "
    "adds, / searches.",
}
OLD_LIST: Final = "The list could not be read again just now, so it may be old."
NEAR_LATER: Final = "Similar questions are still being looked for."

QUESTION: Final = "Question"
ANSWER: Final = "Answer"
ANSWER_HELP: Final = (
    "Visitors get exactly this text. It may be Markdown: two stars before and after a word make it bold, a "
    "dash begins a list."
)
NEW_TITLE: Final = "New annotation"
EDIT_TITLE: Final = "Edit annotation"
DRAFT_TITLE: Final = "Edit draft"
PREVIEW: Final = "As visitors will see it"
SAVE: Final = "Save"
SAVE_NEW: Final = "Add"
ADD_ANOTHER: Final = "Add, and another"
KEEP_DRAFT: Final = "Keep as draft"
CANCEL: Final = "Cancel"
BACK: Final = "Back to the list"
HELP_DRAFT: Final = "A draft stays on this site until it is checked and put live; visitors do not get it."
INVALID: Final = {
    ("question", "empty"): "The question is empty. Write what visitors ask.",
    ("answer", "empty"): "The answer is empty. Write what visitors shall get.",
    ("question", "too_long"): "The question is over {limit} characters. Shorten it.",
    ("answer", "too_long"): "The answer is over {limit} characters. Shorten it.",
    ("question", "unfit"): "The question holds a NUL sign, which cannot be stored. Take it out.",
    ("answer", "unfit"): "The answer holds a NUL sign, which cannot be stored. Take it out.",
}
CONFLICT: Final = "Somebody else has changed this annotation since you opened it. Yours is not saved yet."
CONFLICT_THEIRS: Final = "As it is now"
CONFLICT_MINE: Final = "Yours"
TAKE_MINE: Final = "Save mine"
TAKE_THEIRS: Final = "Keep theirs"
GONE: Final = (
    "This annotation was deleted meanwhile. Your text is kept here; it can be added anew, with a new id."
)
ADD_AGAIN: Final = "Add it again"
GONE_SHORT: Final = "It was deleted meanwhile."
CONFLICT_SHORT: Final = "Somebody else has changed it since."
UNDONE_ALREADY: Final = "This was undone already."
JOURNAL_DOWN: Final = (
    "The site's own database cannot be written, so nothing was changed: it could not be undone. "
    "Try again when that is mended; your text is kept here."
)
NOT_SURE: Final = "Whether it arrived is not known. The next reading of the list will tell."
KEPT_TEXT: Final = "Your text is kept here."
SAVED: Final = "Saved."
ADDED: Final = "Added."
DRAFT_KEPT: Final = "Kept as a draft."
MADE_FROM: Final = "Made from an answer in the chat"
MADE_BEFORE: Final = "An annotation was made from this answer before:"

DOING: Final = {
    "delete": "Deleting {n} of {total}…",
    "change": "Changing {n} of {total}…",
    "undo": "Undoing {n} of {total}…",
}
DONE: Final = {
    "delete": "Deleted {n}.",
    "change": "Changed {n}.",
    "add": "Added {n}.",
    "undo": "Undone: {n}.",
}
RESTORED: Final = "Restored annotations have new ids, and their hits start at 0."
FAILED: Final = "{n} could not be done:"
LEFT: Final = "{n} were not tried."
AND_MORE: Final = "and {n} more"
UNDO: Final = "Undo"
REDO: Final = "Redo"
STOP: Final = "Stop"
DISMISS: Final = "Close"
NOTHING_TO_UNDO: Final = "There is nothing to undo."

REPLACE_TITLE: Final = "Find and replace in {n} annotations"
FIND: Final = "Find"
PUT: Final = "Replace with"
IN_QUESTIONS: Final = "In questions"
IN_ANSWERS: Final = "In answers"
ANY_CASE: Final = "Upper and lower case alike"
REPLACE_NONE: Final = "Nothing matches."
REPLACE_SOME: Final = "Annotations that would change: {n}"
REPLACE_RUN: Final = "Change {n}"
REPLACE_BAD: Final = "{n} cannot be changed so, and stay as they are."
SHOWN: Final = "The first {n} are shown."

KINDS: Final = {"add": "added", "change": "changed", "delete": "deleted"}
UNDO_OF: Final = "undo"
FAILED_STATE: Final = "failed"
BEGUN_STATE: Final = "not known whether it arrived"
UNDONE_STATE: Final = "undone"
YOU: Final = "You"
CURATOR: Final = "Curator {id}"
HISTORY_TITLE: Final = "History"
EACH: Final = "Each of them"
NO_HISTORY: Final = "Nothing was changed here yet. Only changes made on this site are known."
NO_CHANGES: Final = "No changes yet. Whatever is added, changed or deleted on this page can be undone here."
HITS_LOST: Final = "It had {n} hits."
PUT_BACK: Final = "Put this version back"
EARLIER: Final = "Earlier changes"
BATCH: Final = "{n} annotations {what} at once"

NO_DRAFTS: Final = (
    "No drafts. Where an annotation is written, in the list or from an answer in the chat, choose “Keep as "
    "draft”: it then waits here until somebody has checked it and puts it live."
)
DISLIKED: Final = "Answers that people disliked: {n}"
DISLIKED_MEANS: Final = (
    "Asked and rated through this site, newest first. Write down the answer they should have had."
)
DISLIKED_FOR: Final = "“{reason}”"
WRITE_ONE: Final = "Write an annotation"
NOT_THIS: Final = "Dismiss"
SUGGESTION_DISMISSED: Final = "No annotation is suggested any more for: {question}"
DRAFT_STATES: Final = {"draft": "Draft", "checked": "Checked", "publishing": "Going live"}
CHECK: Final = "Mark as checked"
UNCHECK: Final = "Back to draft"
PUBLISH: Final = "Put live"
DROP: Final = "Drop"
EDIT: Final = "Edit"
DROPPED: Final = "The draft was dropped."
OF_LIVE: Final = "Another text for a live annotation"
CHECKED_BY: Final = "Checked by: {who}"
WRITTEN_BY: Final = "Author: {who}"
OWN_CHECK: Final = "You wrote this draft yourself; a second pair of eyes finds more."
DRAFT_GONE: Final = "Somebody else has moved this draft on meanwhile."
DRAFT_CONFLICT: Final = (
    "Somebody has changed the live annotation since this was written. It is a draft again: look at what is "
    "different now, then check it."
)
DRAFT_OF_GONE: Final = "The live annotation was deleted meanwhile. It is a draft of a new one now."
AGAINST_LIVE: Final = "Against the live one"
GUIDELINES: Final = "Guidelines"
NO_GUIDELINES: Final = "No guidelines yet. Write down how questions and answers shall be worded."
GUIDELINES_EDIT: Final = "Edit the guidelines"
GUIDELINES_LONG: Final = "The guidelines are over 20,000 characters. Shorten them."

UNREADABLE: Final = "The site's own database cannot be read now."
MAKE: Final = "Make this an annotation"
