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


st.title("Chat")
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
