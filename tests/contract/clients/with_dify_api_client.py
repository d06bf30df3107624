"""dify-api-client 0.0.23 from PyPI (httpx, pydantic): chat, stop, suggested questions, feedback, files,
conversations and their messages. Prints what it saw as JSON."""

from __future__ import annotations

import json
import sys

from dify_client import DifyClient, errors, models

QUERY, USER = "How do I stop an answer?", "by dify-api-client"
BLOCKING, STREAMING = models.ResponseMode.BLOCKING, models.ResponseMode.STREAMING


def main(base_url: str, key: str, picture: bytes) -> None:
    client = DifyClient(api_key=key, api_base=base_url)

    def ask(mode, query=QUERY, by=client, **more):
        return by.chat_messages(models.ChatRequest(query=query, response_mode=mode, user=USER, **more))

    def streamed(persona, query):
        return list(ask(STREAMING, query, DifyClient(api_key=f"{key}-{persona}", api_base=base_url)))

    asked = list(ask(STREAMING))
    conversation, message = asked[0].conversation_id, asked[0].message_id
    followed = ask(BLOCKING, "And how?", conversation_id=conversation)
    uploaded = client.upload_files(("picture.png", picture, "image/png"), models.UploadFileRequest(user=USER))
    suggested = client.suggest_messages(message, models.ChatSuggestRequest(user=USER))
    rated = client.feedback_messages(message, models.FeedbackRequest(rating="like", user=USER))
    slow = ask(STREAMING, "demo: slow 60")
    stopped = client.stop_chat_messages(next(slow).task_id, models.StopRequest(user=USER))
    after_stop = [event.event for event in slow]
    messages = client.get_conversation_history_messages(
        models.ConversationHistoryMessageRequest(conversation_id=conversation, user=USER)
    )
    conversations = client.get_conversations(models.ConversationRequest(user=USER))
    try:
        ask(BLOCKING, "")
        refused = None
    except errors.DifyInvalidParam as error:
        refused = error.code
    print(
        json.dumps(
            {
                "streamed": "".join(event.answer for event in asked if event.event == "message"),
                "followed": followed.answer,
                "uploaded": uploaded.name,
                "suggested": suggested.data,
                "rated": rated.result,
                "stopped": stopped.result,
                "after_stop": after_stop[-1],
                "queries": [each.query for each in messages.data],
                "conversations": len(conversations.data),
                "refused": refused,
                "agent": [event.event for event in streamed("agent", "What is 2 + 3?")],
                "flow": [event.event for event in streamed("flow", "my name is Ada")],
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.stdin.buffer.read())
