"""What one writes first: a chat page that streams Dify's answer through `st.write_stream`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import httpx
import sseclient
import streamlit as st

URL, KEY = os.environ["DIFY_BASE_URL"], os.environ["DIFY_API_KEY"]


def answer(query: str) -> Iterator[str]:
    body = {
        "query": query,
        "inputs": {},
        "user": "bench",
        "response_mode": "streaming",
        "conversation_id": st.session_state.get("conversation_id", ""),
    }
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.stream("POST", f"{URL}/chat-messages", json=body, headers=headers, timeout=60) as response:
        for event in sseclient.SSEClient(response.iter_bytes()).events():
            data = json.loads(event.data)
            st.session_state.conversation_id = data.get("conversation_id", "")
            if data["event"] == "message":
                yield data["answer"]


def history(conversation_id: str) -> list[tuple[str, str]]:
    rows: list[dict[str, str]] = []
    more = True
    while more:
        query = {"conversation_id": conversation_id, "user": "bench", "limit": 100}
        query |= {"first_id": rows[0]["id"]} if rows else {}
        answer = httpx.get(f"{URL}/messages", params=query, headers={"Authorization": f"Bearer {KEY}"})
        page = answer.json()
        rows, more = page["data"] + rows, page["has_more"]
    return [part for row in rows for part in (("user", row["query"]), ("assistant", row["answer"]))]


st.title("Chat")
st.sidebar.checkbox("A widget")
if "messages" not in st.session_state and "c" in st.query_params:
    st.session_state.conversation_id = st.query_params["c"]
    st.session_state.messages = history(st.query_params["c"])
messages = st.session_state.setdefault("messages", [])
for role, text in messages:
    with st.chat_message(role):
        st.markdown(text)
if query := st.chat_input("Ask anything"):
    with st.chat_message("user"):
        st.markdown(query)
    with st.chat_message("assistant"), st.container(key="answer"):
        text = st.write_stream(answer(query))
    messages += [("user", query), ("assistant", text)]
