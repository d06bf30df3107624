"""Answers that refuse, and transports that fail, as the tree in services/dify/errors.py."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dify import errors
from services.dify.errors import DifyError, NotSent, Refused, Unreachable
from services.dify.failures import failure, passing
from services.dify.refusals import disguised, refusal, seconds_to_wait, shortened

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"


def recorded(case: str) -> Refused:
    head = (TRANSCRIPTS / case / "response.headers").read_text()
    first, *lines = head.strip().split("\n\n")[-1].splitlines()  # the last head, after any 100 Continue
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return refusal(int(first.split()[1]), headers, (TRANSCRIPTS / case / "response.body").read_bytes())


RECORDED: Mapping[str, tuple[type[Refused], str, str]] = {
    "30_err_bad_key": (errors.Unauthorized, "unauthorized", "Access token is invalid"),
    "56_api_disabled": (errors.Forbidden, "forbidden", "The app's API service has been disabled."),
    "31_err_conv_not_found": (errors.NotFound, "not_found", "Conversation Not Exists."),
    "32_err_unknown_path": (errors.EndpointMissing, "endpoint_missing", "The server answered 404 Not Found."),
    "60_suggested_not_uuid": (
        errors.EndpointMissing,
        "endpoint_missing",
        "The server answered 404 Not Found.",
    ),
    "32_err_missing_query": (errors.Invalid, "invalid_param", "query: Field required"),
    "61_messages_limit_101": (
        errors.Invalid,
        "invalid_param",
        "limit: Input should be less than or equal to 100",
    ),
    "31_err_conv_bad_uuid": (
        errors.Invalid,
        "invalid_param",
        "conversation_id: conversation_id must be a valid UUID",
    ),
    "93_reply_enable_missing": (
        errors.Invalid,
        "invalid_param",
        "; ".join(
            f"{name}: Field required"
            for name in ("score_threshold", "embedding_provider_name", "embedding_model_name")
        ),
    ),
    "33_err_select_bad_option": (
        errors.Invalid,
        "invalid_param",
        "lang in input form must be one of the following: ['en', 'de']",
    ),
    "36_err_provider_down_chat": (errors.Invalid, "", ""),
    "32_err_get_method": (errors.Invalid, "method_not_allowed", ""),
    "32_err_no_content_type": (errors.Invalid, "unsupported_media_type", ""),
    "57_rate_limit_second_blocking": (errors.RateLimited, "too_many_requests", ""),
    "80_upload_txt_too_large": (
        errors.TooLarge,
        "file_too_large",
        "The server answered 413 Request Entity Too Large.",
    ),
    "70_variables_bad_last_id": (errors.Invalid, "invalid_param", "The server answered 400 Bad Request."),
    "59_user_256_chars": (errors.ServerFailed, "unknown", "Internal Server Error"),
    "a1_form_get_after": (errors.Invalid, "human_input_form_submitted", ""),
}


@pytest.mark.parametrize("case", RECORDED)
def test_recorded_refusals(case: str) -> None:
    kind, code, message = RECORDED[case]
    error = recorded(case)
    assert type(error) is kind
    assert error.code == code or not code
    assert error.message == message or not message
    assert error.message
    assert "\n" not in error.message
    assert "<html" not in error.detail
    assert "You have requested this URI" not in error.message


def test_the_dump_stays_for_details() -> None:
    error = recorded("32_err_missing_query")
    assert "1 validation error for ChatRequestPayload" in error.detail
    assert "input_value" not in str(error)


HTML = {"content-type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, errors.Invalid, "bad_request"),
        (401, errors.Unauthorized, "unauthorized"),
        (403, errors.Forbidden, "forbidden"),
        (404, errors.EndpointMissing, "endpoint_missing"),
        (409, errors.Invalid, "conflict"),
        (413, errors.TooLarge, "request_entity_too_large"),
        (429, errors.RateLimited, "too_many_requests"),
        (499, errors.Invalid, "error"),
        (500, errors.ServerFailed, "internal_server_error"),
        (502, errors.ServerFailed, "bad_gateway"),
        (503, errors.ServerFailed, "service_unavailable"),
        (504, errors.ServerFailed, "gateway_timeout"),
        (520, errors.ServerFailed, "error"),
    ],
)
def test_a_gateway_page(status: int, kind: type[Refused], code: str) -> None:
    error = refusal(status, HTML, b"<html><title>nginx</title><script>alert(1)</script></html>")
    assert (type(error), error.code, error.status) == (kind, code, status)
    assert "nginx" not in error.message + error.detail


def test_a_404_without_a_body_is_no_missing_endpoint() -> None:
    assert type(refusal(404, {}, b"")) is errors.NotFound
    assert type(refusal(404, {}, b'{"message": "Conversation Not Exists."}')) is errors.NotFound


def test_messages_by_field() -> None:
    body = b'{"message": {"user": "Arg user must be provided."}, "params": "user"}'
    assert refusal(400, {}, body).message == "user: Arg user must be provided."


@given(status=st.integers(400, 599), body=st.binary(max_size=200))
def test_no_body_breaks_the_reading(status: int, body: bytes) -> None:
    error = refusal(status, {}, body)
    assert error.status == status
    assert error.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(answer=st.fixed_dictionaries({}, optional={"code": JSON, "message": JSON, "status": JSON}))
def test_no_json_breaks_the_reading(answer: object) -> None:
    error = refusal(400, {}, json.dumps(answer).encode())
    assert isinstance(error.code, str)
    assert error.code
    assert error.message
    disguised(answer)


def test_nesting_breaks_nothing() -> None:
    assert refusal(500, {}, b"[" * 200_000).code == "internal_server_error"


def test_an_error_under_a_200() -> None:
    error = disguised({"code": "app_unavailable", "message": "App unavailable", "status": 400})
    assert type(error) is errors.Invalid
    for harmless in (
        {"status": 200, "code": "x", "message": "y"},
        {"status": "normal"},
        [],
        None,
        {"status": 404},
    ):
        assert disguised(harmless) is None


@pytest.mark.parametrize(
    ("message", "short"),
    [
        ("plain", "plain"),
        ("two\nlines  here", "two lines here"),
        ("1 validation error for X\n  Value error, no [type=value_error, input_value={}]", "no"),
        (
            "2 validation errors for X\na.0.b\n  Bad [type=t]\nc\n  Worse [type=t]\n    For further",
            "a.0.b: Bad; c: Worse",
        ),
        ("1 validation error for X", "1 validation error for X"),
        ("x" * 600, "x" * 499 + "…"),
        ("", ""),
    ],
)
def test_shortened(message: str, short: str) -> None:
    assert shortened(message) == short


NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        (" 12 ", 12),
        ("1.5", 1.5),
        ("-3", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("١٢", None),
        ("9" * 6000, 1e9),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 12:00:30 -0000", 30),
        ("Sat, 21 Nov 2026 13:00:30 +0100", 30),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("Sat, 99 Nov 2026 11:00:00 GMT", None),
        ("Sat, 21 Nov 99999999999 11:00:00 GMT", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert seconds_to_wait(header, NOW) == seconds


@given(st.text())
def test_no_retry_after_breaks_the_reading(header: str) -> None:
    seconds = seconds_to_wait(header)
    assert seconds is None or seconds >= 0


def test_retry_after_travels_with_the_error() -> None:
    assert refusal(429, {"retry-after": "7"}, b"").retry_after == 7
    assert refusal(503, {"retry-after": "7"}, b"").retry_after == 7


REQUEST = httpx.Request("GET", "http://x/v1", headers={"Authorization": "Bearer app-canary"})


@pytest.mark.parametrize(
    ("error", "kind", "code", "again"),
    [
        (httpx.ConnectError("refused", request=REQUEST), NotSent, "connection_refused", True),
        (httpx.ConnectTimeout("t", request=REQUEST), NotSent, "connection_refused", True),
        (httpx.PoolTimeout("t", request=REQUEST), NotSent, "busy", True),
        (httpx.ProxyError("p", request=REQUEST), NotSent, "proxy_failed", True),
        (httpx.ReadTimeout("t", request=REQUEST), Unreachable, "timed_out", False),
        (httpx.WriteTimeout("t", request=REQUEST), Unreachable, "timed_out", False),
        (httpx.ReadError("r", request=REQUEST), Unreachable, "connection_lost", True),
        (httpx.WriteError("w", request=REQUEST), Unreachable, "connection_lost", True),
        (httpx.RemoteProtocolError("r", request=REQUEST), Unreachable, "connection_lost", True),
        (httpx.LocalProtocolError("l", request=REQUEST), Unreachable, "connection_lost", True),
        (httpx.DecodingError("d", request=REQUEST), Unreachable, "connection_lost", True),
    ],
)
def test_transport_failures(error: httpx.HTTPError, kind: type[Unreachable], code: str, again: bool) -> None:
    ours = failure(error)
    assert (type(ours), ours.code, ours.status, passing(ours)) == (kind, code, None, again)


def test_only_gateway_statuses_pass() -> None:
    passed = [status for status in range(400, 600) if passing(refusal(status, {}, b""))]
    assert passed == [502, 503, 504]


def test_errors_can_be_pickled_and_say_little() -> None:
    error = errors.RateLimited("c", "m", 429, retry_after=3, detail="what the person typed")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.code, copy.message, copy.status, copy.retry_after, copy.detail) == (
        "c",
        "m",
        429,
        3,
        "what the person typed",
    )
    assert "typed" not in str(error) + repr(error)


def test_the_tree_is_the_one_drawn() -> None:
    def names(kind: type[DifyError]) -> set[str]:
        ours = (child for child in kind.__subclasses__() if child.__module__ == errors.__name__)
        return {kind.__name__}.union(*(names(child) for child in ours))

    assert errors.__doc__ is not None
    drawn = {word for line in errors.__doc__.split("\n\n")[1].splitlines() for word in line.split("─ ")[-1:]}
    assert names(DifyError) == {word.split()[0] for word in drawn}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (errors.Unreachable, set()),
        (errors.NotSent, {"undone"}),
        (errors.Unauthorized, {"refused", "undone"}),
        (errors.RateLimited, {"refused", "undone"}),
        (errors.NotFound, {"refused", "undone", "gone"}),
        (errors.EndpointMissing, {"refused", "undone"}),
        (errors.ServerFailed, set()),
        (errors.BrokenStream, set()),
        (errors.Unintelligible, set()),
    ],
)
def test_what_is_certain_after_each(kind: type[DifyError], said: set[str]) -> None:
    error = kind("code", "A line.")
    assert {name for name in ("refused", "undone", "gone") if getattr(error, name)} == said
