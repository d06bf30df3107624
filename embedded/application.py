"""Application: the four endpoints that describe an app. Source: "Applications" in the API document,
recordings 10_*, 55_unpublished_flow_parameters, 93_parameters_after_enable."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from embedded.app import App
from embedded.caller import Caller, keyed
from embedded.errors import Refused
from embedded.responses import CompactJSON
from embedded.tables.annotations import ReplySettings
from embedded.tools import TOOLS
from embedded.voices import DEFAULT_VOICE

LIMITS = {
    "image_file_size_limit": 10,
    "video_file_size_limit": 100,
    "audio_file_size_limit": 50,
    "file_size_limit": 15,
    "workflow_file_upload_limit": 10,
}
MOST_FILES = 3  # in one message
METHODS = ["local_file", "remote_url"]
EXTENSIONS = [".JPG", ".JPEG", ".PNG", ".GIF", ".WEBP", ".SVG", ".PDF", ".TXT", ".MP3"]
OFF = {"enabled": False}

router = APIRouter()
AnyCaller = Annotated[Caller, Depends(keyed)]


@router.get("/info")
def info(caller: AnyCaller) -> Response:
    """Name, description, tags, mode and author."""
    app = caller.app
    return CompactJSON(
        {
            "name": app.name,
            "description": app.description or "",
            "tags": [],
            "mode": app.mode,
            "author_name": "Embedded backend",
        }
    )


@router.get("/meta")
def meta(caller: AnyCaller) -> Response:
    """Icons of tools: an address, or a character on a colour."""
    tools = TOOLS.values() if caller.app.mode == "agent-chat" else ()
    return CompactJSON({"tool_icons": {tool.name: tool.icon(caller.base) for tool in tools}})


@router.get("/site")
def site(caller: AnyCaller) -> Response:
    """How the app wants to look."""
    app = caller.app
    return CompactJSON(
        {
            "title": app.name,
            "chat_color_theme": None,
            "chat_color_theme_inverted": False,
            "icon_type": "emoji",
            "icon": app.icon,
            "icon_background": app.icon_background,
            "description": app.description,
            "copyright": None,
            "privacy_policy": None,
            "input_placeholder": app.placeholder,
            "custom_disclaimer": "",
            "default_language": "en-US",
            "show_workflow_steps": True,
            "use_icon_as_answer_icon": app.placeholder is not None,
            "icon_url": None,
        }
    )


@router.get("/parameters")
def parameters(caller: AnyCaller) -> Response:
    """What the app can do and asks for."""
    app = caller.app
    if not app.published:
        message = "App unavailable, please check your app configurations."
        raise Refused(400, "app_unavailable", message)
    features = app.features
    # A real server never shows a chatflow's annotation reply here (recording
    # 95_flow_parameters_after_enable).
    reply = None if app.is_chatflow else caller.backend.annotations.settings(app.id)
    return CompactJSON(
        {
            "opening_statement": app.opening_statement,
            "suggested_questions": list(app.suggested_questions),
            "suggested_questions_after_answer": {"enabled": features.follow_ups},
            "speech_to_text": {"enabled": features.hears and caller.backend.speech.can_hear},
            "text_to_speech": _speech(app) if caller.backend.speech.can_say else OFF,
            "retriever_resource": {"enabled": features.cites},
            "annotation_reply": _annotation_reply(reply) if reply else OFF,
            "more_like_this": OFF,
            "user_input_form": [each.described(app.is_chatflow) for each in app.controls],
            "sensitive_word_avoidance": _moderation(app),
            "file_upload": _uploads(app),
            "system_parameters": LIMITS,
        }
    )


def _speech(app: App) -> dict[str, Any]:
    if not app.features.speaks:
        return OFF
    autoplay = "enabled" if app.features.autoplay else "disabled"
    return {"autoPlay": autoplay, "enabled": True, "language": "en-US", "voice": DEFAULT_VOICE}


def _annotation_reply(reply: ReplySettings) -> dict[str, Any]:
    return {
        "id": reply.id,
        "enabled": True,
        "score_threshold": reply.threshold,
        "embedding_model": {
            "embedding_provider_name": reply.provider,
            "embedding_model_name": reply.model,
        },
    }


def _moderation(app: App) -> dict[str, Any]:
    if app.moderation:
        return app.moderation.described()
    return OFF if app.is_chatflow else {"configs": [], "enabled": False, "type": ""}


def _uploads(app: App) -> dict[str, Any]:
    enabled = app.features.files
    image = {
        "detail": "high",
        "enabled": enabled,
        "number_limits": MOST_FILES,
        "transfer_methods": METHODS,
    }
    if not enabled:
        return {"image": image}
    uploads: dict[str, Any] = {
        "allowed_file_extensions": EXTENSIONS,
        "allowed_file_types": ["image", "document", "audio", "video"],
        "allowed_file_upload_methods": METHODS,
        "enabled": True,
        "fileUploadConfig": {
            "audio_file_size_limit": LIMITS["audio_file_size_limit"],
            "batch_count_limit": 5,
            "file_size_limit": LIMITS["file_size_limit"],
            "image_file_size_limit": LIMITS["image_file_size_limit"],
            "video_file_size_limit": LIMITS["video_file_size_limit"],
            "workflow_file_upload_limit": LIMITS["workflow_file_upload_limit"],
        },
        "image": image,
        "number_limits": MOST_FILES,
    }
    if app.is_chatflow:
        del uploads["image"]
    return uploads
