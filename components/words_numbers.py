"""The words of the numbers page."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Numbers"
COVERED: Final = (
    "What went through this site since {since}, with ratings that were given here. Missing: what was asked "
    "elsewhere, as in Dify's own web app or by other programs."
)
NONE_YET: Final = "Nothing was asked through this site yet. Numbers begin with the first question."
NONE_THEN: Final = "Nothing was asked in these days."
LONGER: Final = "Look at a year"
ASK: Final = "Ask a question"
UNREADABLE: Final = "The site's own database cannot be read now. Nothing is lost; load the page again later."
PERIOD: Final = "Period"
PERIODS: Final = {7: "7 days", 30: "30 days", 90: "90 days", 365: "A year"}
APP: Final = "App"
ALL_APPS: Final = "All apps"
CONVERSATIONS: Final = "Conversations"
QUESTIONS: Final = "Questions"
ANSWERS: Final = "Answers"
ANSWERS_HELP: Final = "Questions that were answered to the end."
LIKES: Final = "Liked"
LIKES_HELP: Final = "Of {n} answers that were rated. Changes when somebody changes a rating."
ERRORS: Final = "Errors"
ERRORS_HELP: Final = "Answers that failed or broke off."
STOPS: Final = "Stopped"
STOPS_HELP: Final = "Answers that a person stopped."
FIRST: Final = "First text, median"
FIRST_HELP: Final = "Half of the answers begin within this time after the question."
FIRST_P95: Final = "First text, p95"
FIRST_P95_HELP: Final = "95 of 100 answers begin within this time after the question."
TOKENS: Final = "Tokens"
TOKENS_HELP: Final = "{prompt} in prompts, {completion} in answers, as the server counted them."
PRICE: Final = "Price"
PRICE_HELP: Final = "As the server told it with each answer."
NO_CURRENCY: Final = "no currency"
ANNOTATED: Final = "From annotations"
ANNOTATED_HELP: Final = "Share of the answers that an annotation gave."
NOTHING: Final = "–"
CHART: Final = "Show"
CHARTS: Final = {
    "questions": "Questions",
    "first": "First text",
    "tokens": "Tokens",
    "price": "Price",
    "rating": "Ratings",
}
CHART_ALT: Final = "{what} per day"
ANSWERED: Final = "Answered"
BY_ANNOTATION: Final = "From an annotation"
MEDIAN: Final = "Median"
P95: Final = "95 of 100 within"
PROMPT: Final = "Prompt"
COMPLETION: Final = "Answer"
LIKED: Final = "Liked"
DISLIKED: Final = "Disliked"
SECONDS: Final = "Seconds"
BY: Final = "Table"
KINDS: Final = {"day": "By day", "app": "By app", "person": "By person"}
NAMES: Final = {"day": "Day", "app": "App", "person": "Person"}
GONE_APP: Final = "{slug} (no longer on this site)"
YOU: Final = "You"
PERSON: Final = "Person {id}"
MEDIAN_S: Final = "First text, median (s)"
P95_S: Final = "First text, p95 (s)"
PRICE_IN: Final = "Price, {currency}"
DOWNLOAD: Final = "This table as CSV"
DOWNLOAD_EACH: Final = "Every question as CSV"
MORE_PEOPLE: Final = "The {n} who asked most are shown; the file has all {all}."
