"""The words of the variables page and of the panel beside the chat."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Variables"
CONVERSATION: Final = "Conversation"
CHOOSE: Final = "Choose a conversation"
UNNAMED: Final = "Conversation {id}"
NO_CONVERSATION: Final = (
    "Conversation variables are values that a chatflow remembers while a conversation goes on. There is no "
    "conversation with this app yet: start one, and what it remembers is shown here."
)
CHOOSE_ABOVE: Final = (
    "Conversation variables are values that a chatflow remembers while a conversation goes on. Choose the "
    "conversation whose variables you want to see."
)
NOT_YET: Final = "The variables of this conversation appear with its first answer."
NONE: Final = (
    "**This conversation has no variables.** They are values that a chatflow remembers while a conversation "
    "goes on, such as a name or a list of topics.\n\nTo define some, open the app in Dify's Studio, press "
    "**Conversation Variables** (the {x} button at the top right of the canvas), add them there, let a "
    "**Variable Assigner** node write to them, and publish the app. Conversations begun after that have them."
)
NONE_OF_KIND: Final = (
    "This app is of the kind “{kind}”. Only chatflows (“advanced-chat”) have conversation variables: values "
    "that they remember while a conversation goes on."
)
GONE_CONVERSATION: Final = (
    "The app no longer has this conversation, or it belongs to somebody else. Choose another one."
)
NOT_TOLD: Final = (
    "There is no such conversation, or this Dify server is too old to list the variables of one. Changing "
    "them needs Dify 1.8 or newer."
)
CUT: Final = (
    "This conversation has more than {n} variables, and the app's server lists no more than these: not all "
    "can be shown, searched or exported."
)
RUNNING: Final = "An answer is running and may change these values. Read them again when it has ended."
SEARCH: Final = "Search"
SEARCH_IN: Final = "Name, description or value"
TYPE: Final = "Type"
ANY_TYPE: Final = "All types"
NO_MATCH: Final = "None of the {n} variables fits. Search for other words, or choose all types."
REFRESH: Final = "Read again"
EDIT: Final = "Edit {name}"
REVEAL: Final = "Reveal"
HIDE: Final = "Hide"
MASKED: Final = "••••••••"
EMPTY: Final = "empty"
TRUE: Final = "true"
FALSE: Final = "false"
CHANGED: Final = "changed {when}"
READ_ONLY: Final = {
    "file": "Files are put here by the app and can only be looked at.",
    "unknown": "This console does not know the type “{type}”, so the value can only be read.",
}
NOT_ALLOWED: Final = "Your role lets you look at variables, not change them."
WHOLE_PAGE: Final = "Open as a page"

AS_TREE: Final = "Tree"
AS_TEXT: Final = "Text"
EDIT_AS: Final = "Edit as"
TREE_HELP: Final = "Point at a value to change, add or delete it. Without a mouse, use Text."
WAYS_HELP: Final = "The tree needs a mouse. Text does all that the tree does, and works by keyboard."
NEW_VALUE: Final = "New value of {name}"
SAVE: Final = "Save"
CANCEL: Final = "Cancel"
SAVED: Final = "Saved. The app's server now has:"
KEPT_SECRETLY: Final = "Saved. The app's server has taken the new secret."
MEANWHILE: Final = (
    "**This value was changed while you were editing it.** The app keeps no versions of a value: whatever is "
    "saved last stays. Choose which one that is to be."
)
WHEN_OPENED: Final = "When you began"
NOW: Final = "Now"
SAVE_MINE: Final = "Save mine"
KEEP_THEIRS: Final = "Keep what is there now"
GONE: Final = "The conversation no longer has this variable. What you typed is kept until you cancel."
UNFIT: Final = {
    "empty": "Type the new secret. An empty one is not saved.",
    "number": "This has to be a number, such as 42 or -2.5.",
    "large": "A number in this is too large, or it is nested too deeply.",
    "syntax": "This is not JSON yet: line {line}, column {column}: {detail}.",
    "object": 'This has to be a JSON object, such as {"theme": "dark"}.',
    "array": "This has to be a JSON array, such as [1, 2].",
    "item": "Item {item} of the array has to be: {detail}.",
}
ITEMS: Final = {
    "string": "a text in double quotes",
    "number": "a number",
    "object": "an object in braces",
    "boolean": "true or false",
}
REFUSED: Final = "The app's server did not take this: {message} What you typed is kept."
FAILED: Final = "This could not be saved. {title} {advice} What you typed is kept."
FAILED_PLAINLY: Final = "This could not be saved: {message} What you typed is kept. Try again."

TIMELINE: Final = "What changed, and when"
NO_TIMELINE: Final = (
    "Nothing has been seen to change yet. From now on this page keeps what each answer and each edit changes."
)
TIMELINE_MEANS: Final = (
    "Seen by this site. What is changed elsewhere shows with the next answer or look, and counts as its."
)
LIST_UNREADABLE: Final = "The list of conversations cannot be read now."
TIMELINE_UNREADABLE: Final = "What changed cannot be read from the database now."
CAUSES: Final = {
    "begin": "First seen here",
    "answer": "Answer to “{query}”",
    "edit": "Edited here",
    "seen": "Found changed",
}
COMPARE: Final = "Compare two points in time"
FROM: Final = "From"
TO: Final = "To"
THE_BEGINNING: Final = "Before anything was seen"
NO_DIFFERENCE: Final = "No variable differs between these two."
CHANGED_UNSEEN: Final = "A secret: it was changed."
STAYED_EMPTY: Final = "It is empty."
EARLIER: Final = "{n} earlier changes can be compared above."
EXPORT_JSON: Final = "All as JSON"
EXPORT_VALUES: Final = "Values as CSV"
EXPORT_CHANGES: Final = "Changes as CSV"
EXPORT_MEANS: Final = "Values of secrets are left out."
