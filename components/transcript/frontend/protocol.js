/**
 * What travels between the server's live routes and the transcript: the shapes, and the states of a turn.
 *
 * @typedef {"waiting"|"streaming"|"paused"|"recovering"|"complete"|"stopped"|"failed"|"incomplete"} State
 *
 * @typedef {object} Call          one use of a tool
 * @property {string} tool
 * @property {Record<string, string>} [labels] its name by language: en_US, zh_Hans …
 * @property {string} [input]
 * @property {string} [observation]
 *
 * @typedef {object} Thought       one agent thought
 * @property {string} id
 * @property {string} [thought]
 * @property {Call[]} [calls]
 * @property {string[]} [files]     ids among the turn's files
 *
 * @typedef {object} Step           one workflow node, iteration or loop, or a line of an agent node's log
 * @property {string} id
 * @property {"node"|"iteration"|"loop"|"log"} kind
 * @property {"running"|"succeeded"|"failed"|"stopped"|"retry"|"exception"|"paused"} state
 * @property {string} [node_id]
 * @property {string} [node_type]
 * @property {string} [title]
 * @property {number} [elapsed]     seconds
 * @property {number} [tokens]
 * @property {number} [retries]
 * @property {string} [error]
 * @property {string} [parent]      node id of the iteration or loop it runs in; of a log, the id of its log or node
 * @property {boolean} [details]    what went in or came out can be had below `{turns}/{turn}/steps/{kind}-{id}`
 * @property {number} [round]       from 0: in which round of that; of an iteration or a loop itself, the newest one
 *
 * @typedef {object} Citation
 * @property {number} [position]
 * @property {string} [document_name]
 * @property {string} [dataset_name]
 * @property {string} [data_source_type]
 * @property {string} [content]
 * @property {string} [summary]
 * @property {number} [score]
 * @property {number} [hit_count]
 * @property {number} [word_count]
 * @property {number} [segment_position]
 * @property {string} [document_id]
 * @property {string} [dataset_id]
 * @property {string} [segment_id]
 *
 * @typedef {object} FileEntry
 * @property {string} [id]          below `files/{key}/{turn}`; without one it cannot be had yet
 * @property {string} [name]
 * @property {string} [type]        image, document, audio, video or custom
 * @property {string} [mime_type]
 * @property {number} [size]        bytes
 * @property {string} [elsewhere]   address of a file that Dify does not keep
 * @property {boolean} [ignored]    it was sent, and the app took no notice of it
 *
 * @typedef {{code: string, message: string, status?: number}} TurnError
 * @typedef {{code: string, message: string}} Notice
 *
 * @typedef {object} Form           what a paused answer waits for
 * @property {string} id
 * @property {string} title
 * @property {string} content        markdown with slots for the inputs
 * @property {{name: string, type: string, default: string, options: string[], most?: number, endings?: string[]}[]} inputs  most, endings: of a field for files
 * @property {{id: string, title: string, style: string}[]} actions
 * @property {number|null} expires_at unix seconds
 * @property {boolean} open
 * @property {boolean} expired
 * @property {string} choice         title of the action that was chosen
 * @property {string} rendered       markdown, as it was filled in
 *
 * @typedef {object} Rest           of a list that was told before: its first items stay, these follow
 * @property {number} from
 * @property {any[]} items
 *
 * @typedef {object} Turn           every key may be missing, which means empty
 * @property {number} index         unique inside the conversation; the list's order is the screen's order
 * @property {string} id
 * @property {State} state
 * @property {string} [query]       plain text
 * @property {string} [attempt_of]  id of the turn that asked this first
 * @property {FileEntry[]} [attachments]
 * @property {boolean} [whole]      asked for in one piece
 * @property {number|null} [retry_in] seconds until the question is sent once more
 * @property {number} [asked_at]    unix seconds
 * @property {number} [answered_at] unix seconds
 * @property {string} [answer]      markdown
 * @property {boolean} [replaced]   moderation put other words in the answer's place
 * @property {string} [replaced_reason]
 * @property {""|"begun"|"whole"} [spoken]  speech came along
 * @property {string} [reasoning]
 * @property {Thought[]} [thoughts]
 * @property {Step[]} [steps]
 * @property {Citation[]} [citations]
 * @property {FileEntry[]} [files]
 * @property {Form[]} [forms]
 * @property {{id: string, author?: string}|null} [annotation]
 * @property {Record<string, unknown>|null} [usage]
 * @property {{first_text?: number, total?: number, reasoning?: number}} [timings]  seconds since the question was sent
 * @property {{rating: "like"|"dislike", content: string}|null} [rating]
 * @property {string[]} [changed_variables] names; told after the answer's end
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
 * @typedef {object} App
 * @property {string} [name]
 * @property {string|null} [icon]        an emoji
 * @property {string|null} [icon_url]    a picture instead, of our own origin
 * @property {boolean} [answers]         false: it does not stand beside answers
 * @property {string|null} [background]  colour behind the emoji
 * @property {string|null} [color]       the app's theme colour
 * @property {boolean} [inverted]        …which is then not to be used for grounds
 * @property {string} [language]         BCP 47, of the app's own words
 * @property {string} [icons]            `{icons}/{tool}`
 * @property {Record<string, "image"|{content: string, background: string}>} [tools]
 *
 * @typedef {object} Data           the component's data; fixed for a mount
 * @property {string} key
 * @property {boolean} [hears]      Python is told when an answer ends
 * @property {string} live
 * @property {string} turns
 * @property {string} stop
 * @property {string} files         of the conversation: `{files}/{turn}/{file}`
 * @property {string} assets
 * @property {App} app
 * @property {{statement?: string, questions?: string[]}} [opening]
 * @property {{copy?: boolean, retry?: boolean, stop?: boolean, rate?: boolean, follow_ups?: boolean, citations?: boolean, steps?: boolean, newline?: boolean, annotate?: boolean, note?: boolean}} [allow]
 * @property {string} [find]       id of a message to go to
 * @property {{url: string, app: string, on: boolean, autoplay: boolean, voice: string}} [speech]
 * @property {Record<string, any>} [labels]
 */

/** States in which an answer is on its way and can be stopped. */
const RUNNING = new Set(["waiting", "streaming", "recovering"]);
const FINAL = new Set(["complete", "stopped", "failed", "incomplete"]);

/** @param {State|undefined} state */
export const isRunning = (state) => RUNNING.has(state ?? "");
/** @param {State|undefined} state */
export const isFinal = (state) => FINAL.has(state ?? "");

const LISTS = /** @type {const} */ (["thoughts", "steps", "files"]);

/**
 * Makes whole lists of those of which only the rest came.
 * @param {Turn} part @param {Turn|undefined} before @returns {boolean} false: what should stay is not there
 */
export function completed(part, before) {
  for (const name of LISTS) {
    const rest = /** @type {Rest|any[]|undefined} */ (part[name]);
    if (!rest || Array.isArray(rest)) continue;
    const known = before?.[name] ?? [];
    if (known.length < rest.from) return false;
    part[name] = [...known.slice(0, rest.from), ...rest.items];
  }
  return true;
}

/** An id that makes a second click of the same intent recognisable. randomUUID exists in secure contexts only. */
export function sendId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
