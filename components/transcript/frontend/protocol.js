/**
 * What travels between the server's live routes and the transcript: the shapes, and the states of a turn.
 *
 * @typedef {"waiting"|"streaming"|"paused"|"recovering"|"complete"|"stopped"|"failed"|"incomplete"} State
 *
 * @typedef {object} Thought       one agent thought
 * @property {string} [id]
 * @property {string} [thought]
 * @property {string} [tool]        several tools are joined by ";"
 * @property {string} [tool_input]
 * @property {string} [observation]
 *
 * @typedef {object} Step           one workflow node, iteration or loop
 * @property {string} id
 * @property {"node"|"iteration"|"loop"} kind
 * @property {string} title
 * @property {"running"|"succeeded"|"failed"|"stopped"|"retry"} state
 * @property {number} [elapsed]     seconds
 * @property {string|null} [error]
 * @property {string|null} [parent] id of the step it runs in
 *
 * @typedef {{position: number, document_name: string, dataset_name?: string, content?: string, score?: number}} Citation
 * @typedef {{id?: string, name?: string, type?: string, url?: string, mime_type?: string, size?: number}} FileEntry
 * @typedef {{code: string, message: string, status?: number}} TurnError
 * @typedef {{code: string, message: string}} Notice
 *
 * @typedef {object} Turn           every key may be missing, which means empty
 * @property {number} index         unique inside the conversation; the list's order is the screen's order
 * @property {string} id
 * @property {State} state
 * @property {string} [query]       plain text
 * @property {FileEntry[]} [attachments]
 * @property {boolean} [whole]      asked for in one piece
 * @property {number|null} [retry_in] seconds until the question is sent once more
 * @property {number} [asked_at]    unix seconds
 * @property {number} [answered_at] unix seconds
 * @property {string} [answer]      markdown
 * @property {boolean} [replaced]   moderation put other words in the answer's place
 * @property {string} [reasoning]
 * @property {Thought[]} [thoughts]
 * @property {Step[]} [steps]
 * @property {Citation[]} [citations]
 * @property {FileEntry[]} [files]
 * @property {{id: string, author?: string}|null} [annotation]
 * @property {Record<string, unknown>|null} [usage]
 * @property {{first_text?: number, total?: number}} [timings]  seconds since the question was sent
 * @property {{rating: "like"|"dislike", content: string}|null} [rating]
 * @property {TurnError|null} [error]
 * @property {string|null} [message_id]
 * @property {string|null} [conversation_id]
 * @property {string|null} [task_id]
 *
 * @typedef {object} Snapshot
 * @property {Turn[]} turns         oldest first
 * @property {string|null} [older]  cursor of the page before
 * @property {string|null} [conversation_id]
 * @property {Notice|null} [notice]
 * @property {string|null} [opening] the opening statement as this conversation began with it, where inputs are in it
 *
 * @typedef {object} Data           the component's data; fixed for a mount
 * @property {string} key
 * @property {string} live
 * @property {string} turns
 * @property {string} stop
 * @property {string} assets
 * @property {{name?: string, icon?: string|null, icon_url?: string|null, color?: string|null}} app
 * @property {{statement?: string, questions?: string[]}} [opening]
 * @property {{copy?: boolean, retry?: boolean, stop?: boolean, follow_ups?: boolean, annotate?: boolean}} [allow]
 * @property {Record<string, any>} [labels]
 */

/** States in which an answer is on its way and can be stopped. */
const RUNNING = new Set(["waiting", "streaming", "recovering"]);
const FINAL = new Set(["complete", "stopped", "failed", "incomplete"]);

/** @param {State|undefined} state */
export const isRunning = (state) => RUNNING.has(state ?? "");
/** @param {State|undefined} state */
export const isFinal = (state) => FINAL.has(state ?? "");

/** An id that makes a second click of the same intent recognisable. randomUUID exists in secure contexts only. */
export function sendId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
