// dify-client 2.3.2 from npm (axios): everything that a chat app can be asked. Prints what it saw as JSON.
import { ChatClient } from "dify-client";

const QUERY = "How do I stop an answer?";
const USER = "by npm dify-client";
const [baseUrl, key] = process.argv.slice(2);
const client = new ChatClient(key, baseUrl);

const picture = [];
for await (const part of process.stdin) picture.push(part);
const form = new FormData();
form.append("file", new Blob([Buffer.concat(picture)], { type: "image/png" }), "picture.png");
form.append("user", USER);

const parameters = (await client.getApplicationParameters(USER)).data;
const uploaded = (await client.fileUpload(form)).data;
const asked = (await client.createChatMessage({}, QUERY, USER)).data;
const image = { type: "image", transfer_method: "local_file", upload_file_id: uploaded.id };
const stream = (await client.createChatMessage({}, QUERY, USER, true, asked.conversation_id, [image])).data;
let text = "";
for await (const part of stream) text += part;
const events = text
  .split("\n\n")
  .filter((frame) => frame.startsWith("data: "))
  .map((frame) => JSON.parse(frame.slice(6)));
const rated = (await client.messageFeedback(asked.message_id, "like", USER)).data;
const messages = (await client.getConversationMessages(USER, asked.conversation_id, null, 10)).data;
const renamed = (await client.renameConversation(asked.conversation_id, "By npm", USER, false)).data;
const conversations = (await client.getConversations(USER, null, 5)).data;
const deleted = (await client.deleteConversation(asked.conversation_id, USER)).status;
const left = (await client.getConversations(USER)).data;
const refused = await client.createChatMessage({}, "", USER).catch((error) => error.response);

console.log(
  JSON.stringify({
    opening: parameters.opening_statement,
    uploaded: uploaded.name,
    answer: asked.answer,
    streamed: events.map((event) => (event.event === "message" ? event.answer : "")).join(""),
    ended: events.at(-1).event,
    rated: rated.result,
    queries: messages.data.map((message) => message.query),
    renamed: renamed.name,
    conversations: conversations.data.map((each) => each.name),
    deleted,
    left: left.data,
    refused: [refused.status, refused.data.code],
  }),
);
