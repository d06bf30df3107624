"""Paths: the ways through the chatflow. The question decides which one is taken."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from typing import Any

from embedded.approval import approve
from embedded.demo import demonstrate
from embedded.given import described, of_form
from embedded.node import Node
from embedded.reply import Reply, by_words
from embedded.requesting import request
from embedded.tables.attachments import Attachment
from embedded.workflow import Workflow, answered, start

MOST_ITEMS = 20  # of an iteration
LONGEST_LIST = 50  # entries that a conversation variable keeps

NAME = re.compile(r"\s*my name is\s+(.+?)\s*[.!]*\s*", re.IGNORECASE | re.DOTALL)
EACH = re.compile(r"\s*each\s*:\s*(.+)", re.IGNORECASE | re.DOTALL)
THEME = re.compile(r"\btheme\s*[:=]\s*(\w{1,20})", re.IGNORECASE)


async def follow(flow: Workflow, base: str) -> None:
    """Take the way that the question asks for. Raises NodeFailed, Paused or Stopped."""
    plain = flow.query.strip().lower()
    if NAME.fullmatch(flow.query):
        await _remembered(flow)
    elif match := EACH.fullmatch(flow.query):
        await _each(flow, [part.strip() for part in match[1].split(",") if part.strip()][:MOST_ITEMS])
    elif plain.startswith(("approve", "please approve")):
        await approve(flow)
    elif plain in ("retry", "fail"):
        await request(flow, base, plain == "retry")
    elif files := of_form(flow.asked.inputs):
        await _read(flow, files)
    else:
        await _looked_up(flow)


async def _looked_up(flow: Workflow) -> None:
    await start(flow)
    knowledge = flow.backend.knowledge
    async with flow.node("retrieve", "knowledge-retrieval", "Manual") as node:
        node.inputs = {"query": flow.query}
        hits = await asyncio.to_thread(knowledge.search, flow.query)
        node.outputs = {"result": [hit.cited(number) for number, hit in enumerate(hits, 1)]}
    reply = await asyncio.to_thread(flow.backend.reply_to, flow.asked, flow.query)
    headings = [each["content"].partition("\n")[0] for each in reply.resources]
    await flow.assign(
        *await asyncio.to_thread(_noted, flow, headings, [each["score"] for each in reply.resources])
    )
    async with flow.node("llm", "llm", "LLM") as node:
        _thought(flow, node, await flow.stream(reply, "llm", "text"), reply)
    await answered(flow, "answer", "Answer")


async def _read(flow: Workflow, files: Sequence[Attachment]) -> None:
    await start(flow)
    backend, query = flow.backend, flow.query
    async with flow.node("extract", "document-extractor", "Document extractor") as node:
        node.inputs = {"files": [each.in_form() for each in files]}
        text = await asyncio.to_thread(described, backend, files)
        node.outputs = {"text": text}
    if backend.model is not None:
        reply = await asyncio.to_thread(backend.reply_to, flow.asked, query, text)
    else:
        reply = demonstrate(query) or Reply(by_words(text))
    async with flow.node("llm", "llm", "LLM") as node:
        _thought(flow, node, await flow.stream(reply, "llm", "text"), reply)
    await answered(flow, "answer", "Answer")


async def _remembered(flow: Workflow) -> None:
    # The answer needs a variable that is set later, so all of it is held back (recording 53_flow_stream).
    await start(flow)
    match = NAME.fullmatch(flow.query)
    name = match[1][:200] if match else ""
    async with flow.node("llm", "llm", "LLM") as node:
        text = f"Nice to meet you, {name}."
        _thought(flow, node, text, Reply())
    values, operations = await asyncio.to_thread(_noted, flow, [], [])
    async with flow.node("assign", "assigner", "Variable Assigner") as node:
        await flow.assigned(node, {"customer_name": name, **values}, operations)
        flow.say("Got it: ", "answer", "answer")
        for word in (*text.split(" "), ""):
            flow.say(f"{word} " if word else "", "llm", "text")
        flow.say("(name=", "answer", "answer")
        flow.say(name, "conversation", "customer_name")
        flow.say(")", "answer", "answer")
    await answered(flow, "answer", "Answer")


async def _each(flow: Workflow, items: list[str]) -> None:
    await start(flow)
    key, began = f"{flow.frames.run_id[:-4]}each", time.time()
    head = {
        "id": key,
        "node_id": "each",
        "node_type": "iteration",
        "title": "For each",
        "created_at": int(began),
    }
    inputs = {"iterator_selector": items}
    started = {"extras": {}, "metadata": {"iterator_length": len(items)}, "inputs": inputs}
    flow.emit("iteration_started", {**head, **started, "inputs_truncated": False})
    outputs, durations = [], {}
    flow.iteration = "each"
    for index, item in enumerate(items):
        flow.emit("iteration_next", {**head, "index": index, "created_at": int(time.time()), "extras": {}})
        turn = time.monotonic()
        async with flow.node("template", "template-transform", "Template") as node:
            node.inputs = {"item": item}
            node.outputs = {"output": f"{index + 1}. {item.capitalize()} ({len(item)} letters)"}
            outputs.append(node.outputs["output"])
        durations[str(index)] = round(time.monotonic() - turn, 6)
    flow.iteration = None
    now = time.time()
    ended = {
        "outputs": {"output": outputs},
        "outputs_truncated": False,
        "extras": None,
        "inputs": inputs,
        "inputs_truncated": False,
        "status": "succeeded",
        "error": None,
        "elapsed_time": round(now - began, 6),
        "total_tokens": 0,
        "execution_metadata": {"iteration_duration_map": durations},
        "finished_at": int(now),
        "steps": len(items),
    }
    flow.emit("iteration_completed", {**head, **ended})
    flow.say("\n".join(outputs), "each", "output")
    await answered(flow, "answer", "Answer")


def _thought(flow: Workflow, node: Node, text: str, reply: Reply) -> None:
    usage = flow.pay(text).described()
    model = {"model_provider": "embedded", "model_name": flow.backend.model_name}
    flow.resources = reply.resources
    node.inputs = dict(model)
    prompts = [{"role": "user", "text": flow.query, "files": []}]
    node.process = {
        "model_mode": "chat",
        "prompts": prompts,
        "usage": usage,
        "finish_reason": "stop",
        **model,
    }
    node.outputs = {"text": text, "reasoning_content": "", "usage": usage, "finish_reason": "stop"}
    total = usage["total_tokens"]
    node.metadata = {"total_tokens": total, "total_price": usage["total_price"], "currency": "USD"}


def _noted(
    flow: Workflow, topics: list[str], scores: list[float]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    # What this question changes in the variables of its conversation, and the assigner's operations for it.
    kept = {
        each.spec.name: each.value
        for each in flow.backend.variables.of(flow.asked.conversation_id, flow.app.variables)
    }
    if not kept:
        return {}, []  # the conversation was deleted meanwhile
    visits = int(kept["visits"]) + 1
    values: dict[str, Any] = {"visits": visits}
    item = {"visit": visits, "query": flow.query[:200]}
    values["items"] = [*kept["items"], item][-LONGEST_LIST:]
    if topics:
        values["topics"] = [*kept["topics"], *topics][-LONGEST_LIST:]
        values["scores"] = [*kept["scores"], *scores][-LONGEST_LIST:]
    if re.search(r"\bvip\b", flow.query, re.IGNORECASE):
        values["vip"] = True
    if match := THEME.search(flow.query):
        values["prefs"] = {**kept["prefs"], "theme": match[1].lower()}
    operations: list[dict[str, Any]] = [
        {"variable_selector": ["conversation", name], "operation": "over-write", "input_type": "variable"}
        for name in values
    ]
    return values, operations
