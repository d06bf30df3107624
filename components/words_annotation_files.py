"""The words of importing and exporting annotations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from components import words

# Importing

IMPORT_TITLE: Final = "Import annotations"
IMPORT_INTRO: Final = (
    "A table of questions and answers: CSV, Excel (.xlsx) or JSONL, up to 10,000 rows. Nothing is imported "
    "before you have seen what would happen."
)
TEMPLATE: Final = "Download an example"
TEMPLATE_MEANS: Final = "A table with the two columns that are needed, to be filled in."
TEMPLATE_ROWS: Final = (
    ("What are your opening hours?", "We are here **Monday to Friday, 9 to 17**."),
    ("How do I reset my password?", "Open *Settings*, then choose *Reset password*."),
)
FILE: Final = "File with questions and answers"
SHEETS: Final = {
    "empty": "This file is empty. Choose one with a question and an answer in each row.",
    "too_large": "This file is over {limit} MB. Split it, and import the parts one after the other.",
    "too_many_rows": "This file has more than {limit} rows. Split it, and import one part after the other.",
    "too_many_columns": "Row {row} has more than {limit} columns. Delete those that hold "
    "neither questions nor answers, and choose the file again.",
    "one_column": "Row {row} has only one column. Questions and answers have to stand in columns of their "
    "own, with a comma, a semicolon or a tab between them.",
    "old_excel": "This is an Excel file of the old kind (.xls), or one under a password. Save it as .xlsx "
    "without a password, and choose that.",
    "not_a_table": "This is a {kind} file, not a table. Choose a CSV, .xlsx or JSONL file.",
    "not_text": "This is no table that can be read. Choose a CSV, .xlsx or JSONL file.",
    "broken_workbook": "This Excel file is damaged. Open it in a spreadsheet, save it anew, and choose that.",
    "open_quote": "The quotation mark that begins in row {row} is never closed. Close it in the file, or "
    "double it where it belongs to the text, and choose the file again.",
    "stray_quote": "In row {row} something follows a closing quotation mark. Double quotation marks that "
    "belong to the text, and choose the file again.",
    "not_json": "Line {row} is no JSON. Mend it in the file, and choose the file again.",
    "not_an_object": 'Line {row} is no JSON object like {{"question": "…", "answer": "…"}}. Mend it in the '
    "file, and choose the file again.",
}


def bad_sheet(code: str, details: Mapping[str, int | str]) -> str:
    """Why a file cannot be read, and what to do."""
    if code == "not_a_table" and not details.get("kind"):
        code = "not_text"
    told = {k: f"{v:,}" if isinstance(v, int) else words.plain(str(v)) for k, v in details.items()}
    return SHEETS[code].format(**told)


FOUND: Final = "Read as {kind}. If the texts below look wrong, say so here."
TYPES: Final = {"csv": "CSV", "xlsx": "Excel", "jsonl": "JSONL"}
DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ENCODINGS: Final = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "gb18030": "Chinese (GB 18030)",
    "big5": "Chinese (Big5)",
    "shift_jis": "Japanese (Shift JIS)",
    "cp1252": "Western (Windows)",
    "cp1251": "Cyrillic (Windows)",
}
ENCODING: Final = "Encoding"
DELIMITER: Final = "Between columns"
HEADER: Final = "The first row holds names"
QUESTIONS_IN: Final = "Questions are in"
ANSWERS_IN: Final = "Answers are in"
COLUMN: Final = "Column {letter}"
REPEATED: Final = "Several columns are called {names}. Say which one is meant."
CHOOSE_COLUMNS: Final = "Say which column holds the questions and which the answers."
SAME_COLUMN: Final = "Questions and answers cannot be in the same column."
ROW: Final = "Row"
COMPARE: Final = "Compare with what is there"
COMPARING: Final = "Comparing every row with the annotations that are there…"
COMPARE_MEANS: Final = "This changes nothing yet."

EARLIER_IMPORTS: Final = "Earlier imports"
STATES: Final = {
    ("prepared", "forth"): "not begun",
    ("running", "forth"): "under way",
    ("paused", "forth"): "paused",
    ("done", "forth"): "done",
    ("running", "back"): "being rolled back",
    ("paused", "back"): "paused while rolling back",
    ("done", "back"): "rolled back",
}
OPEN: Final = "Open"
OTHER_FILE: Final = "All imports"
KINDS: Final = {
    "new": ("New", "Their questions are not there yet."),
    "changed": ("Changed", "The same question is there with another answer."),
    "near": ("Nearly there", "A question that is almost the same is there; one of both may never be given."),
    "identical": ("Identical", "Question and answer are there already."),
    "duplicate": ("Twice in the file", "An earlier row of the file has the same question."),
    "invalid": ("Not usable", "These stay out until they are mended."),
}
ACTIONS: Final = {"add": "Add", "update": "Update the one there", "skip": "Leave out"}
WHAT_TO_DO: Final = "What to do with {kind}"
SHOW_ROWS: Final = "Look at them ({n})"
SHOWN: Final = "The first {n} are shown."
IN_FILE: Final = "In the file, row {row}"
THERE: Final = "There now · {percent}% alike"
EARLIER_ROW: Final = "Same question as row"
START: Final = "Import rows ({n})"
START_NONE: Final = "Nothing to import"
DISCARD: Final = "Discard"
BUSY: Final = "Another import of this app is under way. Wait for its end, or pause it."
GONE_IMPORT: Final = "This import is not there any more."

REASONS: Final = {
    "empty_question": "The question is empty.",
    "empty_answer": "The answer is empty.",
    "long_question": "The question is over 2,000 characters. Shorten it.",
    "long_answer": "The answer is over 10,000 characters. Shorten it.",
    "nul": "It holds a NUL sign, which cannot be stored. Take it out.",
    "broken": "A character in it is broken, perhaps cut in half. Type it anew.",
    "cells": "This row has more cells than the first one: a text with a comma in it lacks its quotation "
    "marks. Put the whole text below.",
    "conflict": "Somebody else has changed this annotation meanwhile.",
    "gone": "Somebody else has deleted this annotation meanwhile.",
    "refused": "The app refused it:",
}
MEND_TITLE: Final = "Rows to mend ({n})"
MEND_SOME: Final = "The first {n} are here; the others follow when these are mended."
MEND: Final = "Check these again"
MEND_MEANS: Final = "This changes nothing at Dify; mended rows join the others above."
QUESTION: Final = "Question"
ANSWER: Final = "Answer"

PROGRESS: Final = "{done} of {total} rows"
BACK_PROGRESS: Final = "{done} of {total} rows rolled back"
WAITING: Final = "The app's server asks for patience; it goes on by itself in {seconds} s."
CLOSED_TAB: Final = "It goes on when this page is closed, and after a restart of the site."
PAUSE: Final = "Pause"
RESUME: Final = "Go on"
STANDS_STILL: Final = "This import stands still. Nothing is lost: it goes on where it stopped."
PAUSED: Final = "Paused."
NO_CURATOR: Final = (
    "This import was stopped, for whoever began it is no curator any more. Nothing is lost: any curator can "
    "resume it or roll it back."
)
RESULT: Final = "Imported: {done}. Left out: {skipped}. Failed: {failed}. Not usable: {invalid}."
ROLLED_BACK: Final = "Rolled back: {undone}."
KEPT: Final = (
    "Left as they are: {n}, because they were changed or deleted since. The list of all annotations shows "
    "them."
)
ROLL_BACK: Final = "Roll back this import"
ROLL_BACK_HELP: Final = (
    "Takes away what this import added and changes back what it changed. What was edited since stays."
)
REPORT: Final = "Report"
REPORT_HELP: Final = "Every row of the file, with what became of it, as CSV."
REPORT_COLUMNS: Final = ("row", "question", "answer", "kind", "action", "result", "reason", "annotation_id")

# Exporting

EXPORT_TITLE: Final = "Export annotations"
EXPORT_WHAT: Final = "Which annotations"
SCOPES: Final = {
    "all": "All",
    "found": "As searched and filtered in the list",
    "selected": "Selected in the list",
}
EXPORT_SEARCH: Final = "The list's search: {query}"
EXPORT_NONE: Final = (
    "There is nothing to export here. Search, filter or select in the list of all annotations."
)
EXPORT_EMPTY: Final = "There are no annotations yet."
EXPORT_LATER: Final = "Similar questions are still being looked for. Try again in a moment."
FORMAT_TITLE: Final = "File format"
FORMATS: Final = {
    "csv": ("CSV", "For spreadsheets; comes back unchanged when it is imported. No cell runs as a formula."),
    "xlsx": ("Excel", "A workbook of text cells; comes back unchanged when it is imported."),
    "jsonl": ("JSONL", "For programs: an object per line; comes back unchanged when it is imported."),
    "tuning": ("JSONL for fine-tuning", "A conversation of two messages per line."),
}
CUT_CELLS: Final = (
    "{n} texts are longer than the 32,767 characters that a cell of Excel holds, and are cut off there. CSV "
    "and JSONL keep them whole."
)
DOWNLOAD: Final = "Download ({n})"
