"""What the page of feedback says; the words of its list are in the frontend, lists/feedback_labels.js."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Feedback"
READING: Final = "Reading all ratings of this app: {n} so far. The newest are shown already."
READ_AT: Final = "All ratings were read {when}; the newest are looked for each time."
READ_AGAIN: Final = "Read all again"
FAILED: Final = (
    "The ratings could not be read to the end. What was read is shown; it is tried again by itself."
)
NO_STORE: Final = (
    "This site's database cannot be used now, and the ratings are kept there. Try again in a moment."
)
NOT_THERE: Final = "This app's Dify has no list of ratings: that came with Dify 1.4. Update it to work here."
GONE: Final = "This rating is not there any more: whoever gave it has taken it back."

CHARTS: Final = "Charts"
PERIOD: Final = "Period"
PERIODS: Final = {"7": "7 days", "30": "30 days", "90": "90 days", "": "All"}
RATINGS: Final = "Ratings"
LIKES: Final = "Likes"
DISLIKES: Final = "Dislikes"
LIKE_RATE: Final = "Like rate"
LIKE_RATE_HELP: Final = "Likes among all ratings of the period. Most people rate nothing."
OPEN: Final = "Open dislikes"
OPEN_HELP: Final = "Dislikes of the period that nobody has marked as handled."
CHART_ALT: Final = "Likes and dislikes by day"
RATE_ALT: Final = "Share of likes by day, in percent"
RATE_AXIS: Final = "Likes, %"
NO_RATINGS: Final = "No ratings in this period."

BACK: Final = "All feedback"
PREVIOUS: Final = "Previous"
NEXT: Final = "Next"
HANDLE: Final = "Mark handled"
REOPEN: Final = "Open again"
HANDLED: Final = "Handled. {who}, {when}."
LIKE: Final = "Liked"
DISLIKE: Final = "Disliked"
ANONYMOUS: Final = "Anonymous"
END_USER: Final = "End user {id}…"
TEAM: Final = "Your team, in Dify"
NO_REASON: Final = "No reason was given."
KEYS: Final = (
    "Keys: j next, k previous, a makes an annotation, e goes to its answer, h marks as handled, ? shows"
    " all keys."
)
CONVERSATION: Final = "The conversation"
LOOKED: Final = "Read only. That you looked is in the audit trail."
CORRECT: Final = "A better answer"
RATED: Final = "The answer that was rated"
QUESTION: Final = "Question"
ANSWER: Final = "Answer"
ANNOTATE: Final = "Make an annotation of it"
WRITE: Final = "Write an annotation"
MADE: Final = "This annotation answers such questions:"
EDIT: Final = "Edit the annotation"
PROVE: Final = "Prove it"
PROVE_INTRO: Final = (
    "Ask the app as a visitor would, in these words or in others. The trial conversation is deleted "
    "afterwards."
)
REPLY_OFF: Final = (
    "Annotation reply is switched off in this app, so no annotation answers yet. Switch it on under "
    "Annotations, Annotation reply."
)
UNREAD: Final = "The rated message cannot be read, so write the question yourself."
UNREACHED: Final = {
    "unnamed": "This conversation cannot be opened: the rating came from Dify's own console, which names no "
    "end user, and without one the API gives no conversation. Look it up under Logs in Dify.",
    "anonymous": "This conversation cannot be opened: it was asked without an end user, so nobody can tell "
    "whose it is. Callers of the API who send a `user` with each question can be looked up.",
    "web": "This conversation cannot be opened: it was made in Dify's own web app, and the API gives "
    "only those that were made through the API. Look it up under Logs in Dify.",
    "stranger": "This conversation cannot be opened: who rated is not an end user of this app, says Dify.",
    "old": "This conversation cannot be opened: this app's Dify does not tell who its end users are. "
    "That came with Dify 1.13.",
    "deleted": "This conversation is not there any more: it was deleted, here or in Dify.",
    "message": "The conversation is there, but the rated message is not in it any more.",
}
