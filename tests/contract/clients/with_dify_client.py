"""dify-client 0.1.10 from PyPI (requests): all that it can ask a chat app. Prints what it saw as JSON."""

from __future__ import annotations

import io
import json
import sys

from dify_client import ChatClient

QUERY, USER = "How do I stop an answer?", "by dify-client"


def main(base_url: str, key: str, picture: bytes) -> None:
    client = ChatClient(key)
    client.base_url = base_url

    def good(response):
        response.raise_for_status()
        return response.json()

    parameters = good(client.get_application_parameters(USER))
    files = {"file": ("picture.png", io.BytesIO(picture), "image/png")}
    uploaded = good(client.file_upload(USER, files))
    asked = good(client.create_chat_message({}, QUERY, USER))
    conversation = asked["conversation_id"]
    image = {"type": "image", "transfer_method": "local_file", "upload_file_id": uploaded["id"]}
    stream = client.create_chat_message({}, QUERY, USER, "streaming", conversation, [image])
    stream.raise_for_status()
    events = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith(b"data: ")]
    rated = good(client.message_feedback(asked["message_id"], "like", USER))
    messages = good(client.get_conversation_messages(USER, conversation, limit=10))
    older = good(client.get_conversation_messages(USER, conversation, first_id=messages["data"][1]["id"]))
    renamed = good(client.rename_conversation(conversation, "By dify-client", USER))
    conversations = good(client.get_conversations(USER, limit=5, pinned=False))
    beyond = good(client.get_conversations(USER, last_id=conversation))
    refused = client.create_chat_message({}, "", USER)
    print(
        json.dumps(
            {
                "opening": parameters["opening_statement"],
                "uploaded": uploaded["name"],
                "answer": asked["answer"],
                "streamed": "".join(event["answer"] for event in events if event["event"] == "message"),
                "ended": events[-1]["event"],
                "rated": rated["result"],
                "queries": [message["query"] for message in messages["data"]],
                "ratings": [(message["feedback"] or {}).get("rating") for message in messages["data"]],
                "files": [len(message["message_files"]) for message in messages["data"]],
                "older": len(older["data"]),
                "renamed": renamed["name"],
                "conversations": [each["name"] for each in conversations["data"]],
                "beyond": beyond["data"],
                "refused": [refused.status_code, refused.json()["code"]],
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.stdin.buffer.read())
