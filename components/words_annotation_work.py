"""The words of annotation reply and of its test cases."""

from __future__ import annotations

from typing import Final

# Annotation reply

REPLY_TITLE: Final = "Annotation reply"
REPLY_INTRO: Final = (
    "While it is on, the app compares every question with those of the annotations, and gives the nearest "
    "one's answer if it is near enough."
)
SAYS_ON: Final = "The app says that annotation reply is on."
SAYS_OFF: Final = "The app says that annotation reply is off."
SAYS_FLOW: Final = (
    "This app is a chatflow, and Dify never tells of one whether annotation reply is on. Tests show it."
)
SAYS_WITH: Final = "Threshold {threshold}, model {model}."
SAYS_NOTHING: Final = "The app could not be asked just now."
SET_HERE: Final = "Last set from here: {action} with threshold {threshold}, {provider}, {model} ({when})."
NEVER_SET: Final = "It was never set from here."
NO_READING: Final = (
    "Dify does not tell its settings to anybody; somebody may have changed them in Dify itself."
)
SWITCHED: Final = {"enable": "on", "disable": "off"}
THRESHOLD: Final = "Threshold"
THRESHOLD_HELP: Final = (
    "How near a question has to be, from 0 to 1. Near 1 only the same words match; below 0.8 wrong answers "
    "are given with certainty. A missed paraphrase is better than a wrong answer: begin with 0.9."
)
PROVIDER: Final = "Embedding provider"
PROVIDER_HELP: Final = "As Dify names it, for example openai, or langgenius/openai/openai."
MODEL: Final = "Embedding model"
MODEL_HELP: Final = "Its name at the provider, for example text-embedding-3-small."
MODEL_LIST: Final = "Model of the workspace"
MODELS_UNREADABLE: Final = "The list of models cannot be read now; type the names instead."
MODELS_NO_KEY: Final = (
    "Type both as they stand in Dify, under Settings, Model Provider. To choose them from a list here, who"
    "ever runs this site sets DIFY_DATASET_API_KEY."
)
NAME_PLACEHOLDER: Final = "Type or choose"
SWITCH_ON: Final = "Switch on"
SET_ANEW: Final = "Set again with these values"
SWITCH_OFF: Final = "Switch off"
OFF_MEANS: Final = "Switching off wants the same three values."
WRONG: Final = {
    "threshold": "The threshold has to be between 0 and 1.",
    "provider": "The embedding provider is missing, or longer than 255 characters.",
    "model": "The embedding model is missing, or longer than 255 characters.",
}
UNDER_WAY: Final = "A switch is under way already. Wait for its end."
JOB: Final = {
    "asked": "Whether the app has heard of it is not known: no answer came. See whether it is {state} below, "
    "then set it again.",
    "waiting": "Switching {state}: the app has taken the job on…",
    "processing": "Switching {state}: the app is at it…",
    "completed": "Switched {state}.",
    "error": "It could not be switched {state}.",
    "refused": "The app refused to switch it {state}.",
    "forgotten": "The app knows this job no longer: it ended over ten minutes ago. Whether annotation reply "
    "is {state} now, the app says below.",
}
JOB_OTHER: Final = "The app says of the job: {status}."
OVERDUE: Final = (
    "Nothing came of it for {seconds} s. Switching off what was never on stays so for ever, and does no "
    "harm; otherwise Dify's worker may be busy or down. Look again later, or set it anew."
)
LOOK_AGAIN: Final = "Look again"
LOOK_FAILED: Final = "The job cannot be looked at now. It is looked at again by itself."

# Testing

TEST_TITLE: Final = "Test box"
TEST_INTRO: Final = (
    "Ask as a visitor would. The question goes to the app in a conversation of its own, which is deleted "
    "afterwards; if no annotation answers, the model does, and that costs what a question costs."
)
TEST_ASK: Final = "Question to try"
TRY: Final = "Try it"
TRYING: Final = "Asking the app…"
ANSWERED_BY: Final = "An annotation answers:"
ANSWERED_GONE: Final = "An annotation answers that is not in the list (any more)."
NOT_ANSWERED: Final = "No annotation answers; the model does:"
NOT_KNOWN: Final = "Whether an annotation answers is not known: the app failed."
NEAR: Final = "Nearest questions, by their letters. An estimate: Dify compares by meaning."
NEAR_NONE: Final = "No annotation's question resembles this one."
LEFT_BEHIND: Final = "The conversation could not be deleted just now; the next test does it."
EXPECT: Final = "Expected for this question"
EXPECT_NONE: Final = "No annotation"
SAVE_CASE: Final = "Save as a test case"
SAVED_CASE: Final = "Saved as a test case."
CASES_TITLE: Final = "Test cases ({n})"
NO_CASES: Final = "No test cases yet. Try a question above, and save it with the answer you expect."
RUN_ALL: Final = "Run all cases"
RUNNING: Final = "{done} of {total} cases asked"
STOP: Final = "Stop"
OUTCOMES: Final = {"hit": "Hit", "miss": "Miss", "wrong": "Wrong hit", "error": "Failed"}
OUTCOME_MEANS: Final = (
    "Hit: what was expected. Miss: no annotation answered. Wrong hit: another one did. Failed: the app gave "
    "no answer."
)
LAST_RUN: Final = "Last run, {when}"
CUT_SHORT: Final = "It was stopped before its end: {done} of {total} cases were asked."
RUNS: Final = "Runs"
RUNS_ALT: Final = "Results of each run: hits, misses, wrong hits and failures"
EXPECTED: Final = "Expected"
GOT: Final = "Got"
OUTCOME: Final = "Result"
QUESTION: Final = "Question"
FROM_MODEL: Final = "(the model)"
REMOVE: Final = "Remove"
