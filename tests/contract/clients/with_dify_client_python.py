"""dify-client-python 1.0.3 from PyPI (httpx, pydantic): chat, stop, suggested questions, feedback, files and
audio, the streams of a chat, an agent, a chatflow and a speaking app. Prints what it saw as JSON."""

from __future__ import annotations

import asyncio
import json
import sys

from dify_client import AsyncClient, Client, errors, models

QUERY, USER = "How do I stop an answer?", "by dify-client-python"
BLOCKING, STREAMING = models.ResponseMode.BLOCKING, models.ResponseMode.STREAMING


def main(base_url: str, key: str, picture: bytes) -> None:
    client = Client(api_key=key, api_base=base_url)

    def ask(mode, query=QUERY, by=client, **more):
        return by.chat_messages(models.ChatRequest(query=query, response_mode=mode, user=USER, **more))

    def streamed(persona, query):
        return list(ask(STREAMING, query, Client(api_key=f"{key}-{persona}", api_base=base_url)))

    asked = ask(BLOCKING)
    by_user = {"user": USER}
    uploaded = client.upload_files(("picture.png", picture, "image/png"), models.UploadFileRequest(**by_user))
    image = models.File(type="image", transfer_method="local_file", upload_file_id=uploaded.id)
    chat = list(ask(STREAMING, files=[image]))
    suggested = client.suggest_messages(asked.message_id, models.ChatSuggestRequest(**by_user))
    rated = client.feedback_messages(
        asked.message_id, models.FeedbackRequest(rating="dislike", content="No.", **by_user)
    )
    read = client.text_to_audio(models.TextToAudioRequest(message_id=asked.message_id, **by_user))
    number = models.TextToAudioRequest(text="one two three four five", voice="adam", **by_user)
    spoken = client.text_to_audio(number)
    heard = client.audio_to_text(("speech.mp3", spoken, "audio/mp3"), models.AudioToTextRequest(**by_user))

    slow = ask(STREAMING, "demo: slow 60")
    first = next(slow)
    stopped = client.stop_chat_messages(first.task_id, models.StopRequest(**by_user))
    after_stop = [event.event for event in slow]

    refusals = []
    for attempt in (
        lambda: ask(BLOCKING, ""),
        lambda: ask(BLOCKING, conversation_id="00000000-0000-4000-8000-000000000000"),
        lambda: ask(BLOCKING, by=Client(api_key="wrong", api_base=base_url)),
        lambda: ask(BLOCKING, "demo: error"),
    ):
        try:
            attempt()
        except errors.DifyAPIError as error:
            refusals.append([type(error).__name__, error.status, error.code])

    async def asynchronously():
        request = models.ChatRequest(query=QUERY, response_mode=STREAMING, user=USER)
        stream = await AsyncClient(api_key=key, api_base=base_url).achat_messages(request)
        return "".join([event.answer async for event in stream if event.event == "message"])

    print(
        json.dumps(
            {
                "answer": asked.answer,
                "tokens": asked.metadata.usage.total_tokens,
                "citations": len(asked.metadata.retriever_resources),
                "uploaded": uploaded.name,
                "streamed": "".join(event.answer for event in chat if event.event == "message"),
                "suggested": suggested.data,
                "rated": rated.result,
                "read": [read[:1].hex(), len(read)],
                "heard": heard.text,
                "stopped": stopped.result,
                "after_stop": after_stop[-1],
                "refusals": refusals,
                "agent": [event.event for event in streamed("agent", "What is 2 + 3?")],
                "flow": [event.event for event in streamed("flow", "my name is Ada")],
                "speaking": [event.event for event in streamed("speaking", QUERY)],
                "asynchronously": asyncio.run(asynchronously()),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.stdin.buffer.read())
