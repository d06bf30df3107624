"""Approval: the way through the chatflow that waits for a human. Source: recordings a0_* to a2_*."""

from __future__ import annotations

import asyncio
from typing import Any

from embedded.tables.runs import Form
from embedded.workflow import Paused, Workflow, answered, start

COMMENT = {
    "output_variable_name": "comment",
    "type": "paragraph",
    "default": {"type": "constant", "selector": [], "value": "looks fine"},
}
ACTIONS = (
    {"id": "approve", "title": "Approve", "button_style": "primary"},
    {"id": "reject", "title": "Reject", "button_style": "default"},
)
SLOT = "{{#$output.comment#}}"


async def approve(flow: Workflow) -> None:
    """Say something, ask a human, and pause."""
    flow.say("Before the form. ", "answer", "answer")
    await start(flow)
    await answered(flow, "answer", "Answer pre")
    async with flow.node("human", "human-input", "Ask a human"):
        form = await asyncio.to_thread(
            flow.backend.runs.ask,
            flow.frames.run_id,
            {
                "node_id": "human",
                "node_title": "Ask a human",
                "form_content": f"Please approve: {flow.query}\n\n{SLOT}",
                "inputs": [COMMENT],
                "actions": list(ACTIONS),
                "display_in_ui": True,
            },
        )
        flow.emit("human_input_required", form.definition)
        raise Paused


async def resume(flow: Workflow, form: Form, key: str) -> None:
    """Go on after the form; `key` is the id of the node that waited. Raises as `follow` does."""
    submission = form.submission or {}
    comment = submission["inputs"]["comment"]
    verdict = {"approve": "Approved", "reject": "Rejected"}[submission["action"]]
    async with flow.node("human", "human-input", "Ask a human", key) as node:
        flow.say(f"{verdict} with comment ", "answer2", "answer")
        flow.say(comment, "human", "comment")
        node.inputs = {"comment": {"value_type": "string", "value": comment}}
        node.outputs = {
            "comment": comment,
            "__action_id": submission["action"],
            "__action_value": title_of(submission["action"]),
            "__rendered_content": rendered(form, comment),
        }
    await answered(flow, "answer2", verdict, f"{verdict} with comment {comment}")


def rendered(form: Form, comment: str) -> str:
    """A form's text with what was filled in."""
    return str(form.definition["form_content"]).replace(SLOT, comment)


def title_of(action: str) -> str:
    """The words on an action's button."""
    return next(each["title"] for each in ACTIONS if each["id"] == action)


def in_history(form: Form) -> dict[str, Any]:
    """The item of `extra_contents` in GET /messages (recording a0_hitl_messages_after)."""
    definition, submission = form.definition, form.submission
    shown = ("form_id", "node_id", "node_title", "form_content", "inputs", "actions", "display_in_ui")
    token = None if submission else form.token
    comment = submission["inputs"]["comment"] if submission else ""
    return {
        "workflow_run_id": form.run_id,
        "submitted": submission is not None,
        "form_definition": {
            **{name: definition[name] for name in shown},
            "form_token": token,
            "resolved_default_values": {},
            "expiration_time": definition["expiration_time"],
        },
        "form_submission_data": submission
        and {
            "node_id": definition["node_id"],
            "node_title": definition["node_title"],
            "rendered_content": rendered(form, comment),
            "action_id": submission["action"],
            "action_text": title_of(submission["action"]),
            "submitted_data": {"comment": comment},
        },
        "type": "human_input",
    }
