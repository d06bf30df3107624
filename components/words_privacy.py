"""What is said about keeping and erasing people's data."""

from __future__ import annotations

from typing import Final

RETENTION: Final = "How long data is kept"
FOR_EVER: Final = (
    "Nothing goes by its age: RETENTION_DAYS is not set. With it this site lets go of what it has stored "
    "after so many days."
)
FOR_DAYS: Final = (
    "After {days} days this site lets go of answers, search entries, picked files, changes of variables, "
    "ratings and their words, pins and names, shared links, people, ratings read from the app, and notes, "
    "pinned or not. Answers that are still running stay. Curators' annotations and drafts, figures without "
    "words and the audit trail are kept, and so is all that Dify has: whoever opens an old conversation "
    "reads it from there."
)
NOT_YET: Final = "It has not been looked for since the site was started."
SWEPT: Final = "Last looked for {time}; {rows} rows went."
SWEPT_NONE: Final = "Last looked for {time}; nothing was too old."
ERASE: Final = "Erase one person's data"
ERASE_MEANS: Final = (
    "All that this site keeps of the person goes at once, in all apps: there is no Undo. What there is, is "
    "shown first."
)
BY: Final = "The person, by"
WAYS: Final = {"user": "External id", "account": "Account of this site"}
WHO_USER: Final = "External id (the user of requests)"
WHO_ACCOUNT: Final = "Name of the account"
SHOW: Final = "Show what there is"
NOTHING: Final = "This site keeps nothing of {name}. Dify may."
FOUND: Final = "Of {name} this site keeps:"
KINDS: Final = {
    "conversations": "conversations opened here",
    "answers": "questions and answers",
    "steps": "details of workflow steps",
    "searched": "search entries",
    "listed": "rows of their list",
    "variables": "changes of variables",
    "ratings": "ratings with their words",
    "waiting": "questions that wait",
    "marks": "pins and given names",
    "deletions": "deletions that wait",
    "shares": "shared links",
    "preferences": "settings",
    "rights": "rights and sign-ins",
    "directory": "entries in the directory of people",
    "feedback": "ratings read from the app",
    "notes": "notes, tags and states",
    "measures": "figures of answers",
    "files": "picked files",
    "account": "the account and its sessions",
    "worked": "mentions in others' work and in the audit trail: the rows stay, the name goes",
}
AT_DIFY: Final = "Also delete this person's conversations at Dify, in all apps"
CANNOT: Final = (
    "Not in this site's power: Dify's own records (its end user, logs, ratings, uploaded files), from "
    "which the person may come into the directory again; files that were exported already, backups, and "
    "words of theirs that curators have made into annotations. With PostgreSQL old versions of rows stay "
    "in the server's files until it vacuums."
)
GO: Final = "Erase now"
DONE: Final = "Erased: {rows} rows and files. In the audit trail this person is called {tag}."
OWN_ACCOUNT: Final = "This is the account that you are signed in by. Another administrator has to erase it."
STORE: Final = "This site's database cannot be used now, so not everything was erased. Try again."
COUNTING: Final = "Reading the person's conversations at Dify…"
DELETING: Final = "Deleted at Dify: {done} of {total} conversations."
DELETED: Final = "Deleted at Dify: {done} conversations."
LEFT: Final = "{n} could not be deleted at Dify:"
LEFT_LIST: Final = "{app}: the list of conversations could not be read ({code})"
LEFT_ONE: Final = "{app}: {id} ({code})"
AGAIN: Final = "What could not be reached is tried again by itself, also after a restart of this site."
UNFINISHED: Final = "Still to be deleted at Dify"
UNFINISHED_ONE: Final = "{tag}, {app}: {deleted} deleted so far"
UNFINISHED_TRIED: Final = "{tag}, {app}: {deleted} deleted so far, tried {tries} times ({code})"
CLOSE: Final = "Close"
