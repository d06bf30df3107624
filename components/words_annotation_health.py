"""The words of the health of a set of annotations."""

from __future__ import annotations

from typing import Final

PERIOD: Final = "Period"
PERIODS: Final = {7: "7 days", 30: "30 days", 90: "90 days", 365: "A year"}
SHARE: Final = "From annotations"
SHARE_HELP: Final = "Share of the answers that went through this site and came from an annotation."
ANSWERS: Final = "Answers"
NEVER_HIT: Final = "Never hit"
NEVER_HELP: Final = "Annotations that Dify counts no hit for, wherever it was asked."
ALIKE: Final = "Similar pairs"
ALIKE_TITLE: Final = "Questions that are nearly the same"
ALIKE_HELP: Final = (
    "One of each pair may never be given, for annotation reply takes the nearest one. An estimate by their "
    "words."
)
ALIKE_NONE: Final = "No two questions are nearly the same."
MOST_HIT: Final = "Most hit"
HITS_DIFY: Final = "Hits in all"
HITS_HERE: Final = "Here, in this period"
LAST_HIT: Final = "Last time here"
NO_ANSWERS: Final = "No answers went through this site in this period."
CHART_ANNOTATED: Final = "From annotations"
CHART_MODEL: Final = "From the model"
CHART_ALT: Final = "Answers per day, from annotations and from the model"
