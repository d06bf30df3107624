"""Codes: every error code that the API document lists or that a real server was recorded to send, each
with its status and what `demo: error CODE` says about it."""

from __future__ import annotations

_ASKED_FOR = ": demo: error asked for it."

CODES: dict[str, tuple[int, str]] = {
    code: (status, f"{message}{_ASKED_FOR}")
    for code, status, message in (
        ("completion_request_error", 400, "The model refused the request"),
        ("rate_limit_error", 429, "The model's rate limit is reached"),
        ("provider_quota_exceeded", 400, "The model provider's quota is used up"),
        ("provider_not_initialize", 400, "No valid model provider credentials"),
        ("model_currently_not_support", 400, "The model is not available at the moment"),
        ("internal_server_error", 500, "Internal Server Error, please contact support"),
        ("invalid_param", 400, "A parameter is not valid"),
        ("bad_request", 400, "The request is not understood"),
        ("bad_request_key_error", 400, "The request lacks a field"),
        ("app_unavailable", 400, "App unavailable, please check your app configurations"),
        ("not_chat_app", 400, "Please check if your app mode matches the right API route"),
        ("not_workflow_app", 400, "Please check if your app mode matches the right API route"),
        ("conversation_completed", 400, "The conversation has ended. Please start a new conversation"),
        ("too_many_requests", 429, "Too many requests. Please try again later"),
        ("unauthorized", 401, "Access token is invalid"),
        ("forbidden", 403, "Forbidden"),
        ("not_found", 404, "Not found"),
        ("conversation_not_exists", 404, "Conversation does not exist"),
        ("message_not_exists", 404, "Message does not exist"),
        ("first_message_not_exists", 404, "First message does not exist"),
        ("last_conversation_not_exists", 404, "Last conversation does not exist"),
        ("variable_not_exists", 404, "Variable does not exist"),
        ("end_user_not_found", 404, "End user not found"),
        ("method_not_allowed", 405, "The method is not allowed for the requested URL"),
        ("no_file_uploaded", 400, "Please upload your file"),
        ("too_many_files", 400, "Only one file is allowed"),
        ("filename_not_exists_error", 400, "The specified filename does not exist"),
        ("unsupported_preview", 400, "The file cannot be previewed"),
        ("unsupported_estimate", 400, "The file cannot be estimated"),
        ("file_too_large", 413, "File size exceeded"),
        ("unsupported_file_type", 415, "File type not allowed"),
        ("unsupported_media_type", 415, "The request's Content-Type is not understood"),
        ("file_access_denied", 403, "Access to the requested file is denied"),
        ("file_not_found", 404, "The requested file was not found"),
        ("no_audio_uploaded", 400, "Please upload your audio"),
        ("audio_too_large", 413, "Audio size exceeded"),
        ("unsupported_audio_type", 415, "Audio type not allowed"),
        ("speech_to_text_disabled", 400, "Speech to text is disabled"),
        ("provider_not_support_speech_to_text", 400, "Provider not support speech to text"),
        ("invalid_form_data", 400, "The form is not filled in as it asks"),
        ("human_input_form_submitted", 412, "This form has already been submitted"),
        ("human_input_form_expired", 412, "This form has expired"),
        ("s3_connection_failed", 503, "Connection to S3 failed"),
        ("s3_permission_denied", 503, "No permission to upload to S3"),
        ("s3_file_too_large", 413, "The file is too large for S3"),
        ("unknown", 500, "Internal Server Error"),
    )
}
