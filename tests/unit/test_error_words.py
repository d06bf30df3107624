"""Every code that Dify sends, by its documents and by the recordings, has words and an action of its own."""

from __future__ import annotations

import json
import re

import pytest

from components.words import ERRORS
from embedded.codes import CODES
from tests.unit.transcripts import FOLDER

YOU, OWNER, ADMIN, TIME = "you", "the app's owner", "the administrator", "time"
WORDS = {
    OWNER: "app's owner",
    ADMIN: "administrator",
    YOU: "(?i)choose|record|type|remove|save|upload|look|start a new|ask|load|nothing|give the",
    TIME: "(?i)wait",
}
TABLE: dict[str, tuple[str, str]] = {
    "invalid_param": (YOU, "retry"),
    "app_unavailable": (OWNER, "retry"),
    "not_chat_app": (ADMIN, "retry"),
    "conversation_completed": (YOU, "renew"),
    "provider_not_initialize": (OWNER, "retry"),
    "provider_quota_exceeded": (OWNER, "retry"),
    "model_currently_not_support": (OWNER, "retry"),
    "completion_request_error": (OWNER, "retry"),
    "not_found": (YOU, "renew"),
    "conversation_not_exists": (YOU, "renew"),
    "too_many_requests": (TIME, "wait"),
    "rate_limit_error": (TIME, "wait"),
    "internal_server_error": (ADMIN, "retry"),
    "bad_request": (ADMIN, "retry"),
    "no_file_uploaded": (YOU, "none"),
    "too_many_files": (YOU, "none"),
    "filename_not_exists_error": (YOU, "none"),
    "unsupported_preview": (YOU, "none"),
    "unsupported_estimate": (YOU, "none"),
    "file_too_large": (YOU, "none"),
    "unsupported_file_type": (YOU, "none"),
    "s3_connection_failed": (ADMIN, "retry"),
    "s3_permission_denied": (ADMIN, "retry"),
    "s3_file_too_large": (YOU, "none"),
    "file_access_denied": (YOU, "none"),
    "file_not_found": (YOU, "none"),
    "end_user_not_found": (YOU, "none"),
    "no_audio_uploaded": (YOU, "none"),
    "audio_too_large": (YOU, "none"),
    "unsupported_audio_type": (YOU, "none"),
    "provider_not_support_speech_to_text": (OWNER, "none"),
    "forbidden": (OWNER, "retry"),
    "unauthorized": (ADMIN, "retry"),
    "unsupported_media_type": (ADMIN, "retry"),
    "speech_to_text_disabled": (OWNER, "none"),
    "bad_request_key_error": (ADMIN, "retry"),
    "method_not_allowed": (ADMIN, "retry"),
    "not_workflow_app": (YOU, "none"),
    "invalid_form_data": (YOU, "none"),
    "human_input_form_submitted": (YOU, "none"),
    "human_input_form_expired": (YOU, "retry"),
    "unknown": (ADMIN, "retry"),
}
"""Code -> who can mend it, and the action that stands beside its words."""
SAME = {"not_found", "conversation_not_exists"}
"""One and the same to a person."""
ELSEWHERE = {"first_message_not_exists", "last_conversation_not_exists", "variable_not_exists"}
"""The embedded backend's own, for cursors and variables that this console never invents."""


@pytest.mark.parametrize("code", TABLE)
def test_a_code_says_what_happened_who_can_mend_it_and_what_to_do(code: str) -> None:
    words, (who, action) = ERRORS[code], TABLE[code]
    assert words["title"].endswith(".")
    assert words["advice"].endswith(".")
    assert re.search(WORDS[who], words["advice"]), words["advice"]
    assert words["action"] == action
    assert bool(words.get("seconds")) is (action == "wait")
    assert not re.search(r"[{}<>]|\b[a-z]+_[a-z]+", words["title"] + words["advice"]), (
        "no code among the words"
    )


def test_no_two_codes_read_alike() -> None:
    own = [code for code in TABLE if code not in SAME]
    assert len({ERRORS[code]["title"] for code in own}) == len(own)


def test_a_busy_app_and_a_busy_provider_read_differently() -> None:
    app, provider = ERRORS["too_many_requests"], ERRORS["rate_limit_error"]
    assert "app" in app["title"]
    assert "provider" in provider["title"]
    assert provider["seconds"] > app["seconds"]


def test_every_code_of_the_documents_and_of_the_recordings_has_words() -> None:
    recorded = set()
    for path in FOLDER.glob("*/response.body"):
        for said in re.findall(rb'\{"code"[^\n]*|data: (\{"event": ?"error"[^\n]*)', path.read_bytes()):
            recorded |= {json.loads(said)["code"]} if said else set()
        try:
            answer = json.loads(path.read_bytes())
        except ValueError:
            continue
        if isinstance(answer, dict) and isinstance(answer.get("code"), str):
            recorded.add(answer["code"])
    assert len(recorded) > 20
    assert {*recorded, *CODES} - ELSEWHERE <= set(ERRORS)
    assert set(TABLE) <= set(ERRORS)


def test_all_words_are_whole() -> None:
    for code, words in ERRORS.items():
        assert words["title"], code
        assert words["advice"], code
        assert words["action"] in {"retry", "wait", "renew", "none"}, code
