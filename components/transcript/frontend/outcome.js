/** How it stands with an answer, when its words alone do not say it: waiting, lost, stopped, failed, replaced, empty. */
import { el, icon } from "./dom.js";
import { fill } from "./labels.js";
import { isFinal, sendId } from "./protocol.js";

const RETRY_AGAIN_MS = 5_000;

/** @typedef {import("./protocol.js").Turn} Turn */
/** @typedef {import("./turn.js").Context} Context */
/**
 * @typedef {object} Words
 * @property {string} title   what happened
 * @property {string} advice  who can mend it, and what to do now
 * @property {string} [quote] with {message}, where the server's own words belong to the matter
 * @property {"retry"|"wait"|"renew"|"none"} [action]  ask again; the same after some seconds; in a new conversation
 * @property {number} [seconds]
 */

/** One attempt has one send_id, so a second press of the same button can never ask twice. @param {Context} context @param {Turn} turn @param {Words} words @param {boolean} live */
function button({ labels, act, busy }, turn, words, live) {
  const send_id = sendId();
  const gone = words.action === "renew";
  const name = el("span", { text: gone ? labels.renew : labels.retry });
  const button = el("button", { type: "button", class: "tr-button tr-retry", disabled: busy() }, icon(gone ? "chat" : "retry"), name);
  if (words.action === "wait" && live) count(button, name, words.seconds ?? 0, labels);
  button.addEventListener("click", (event) => {
    if (button.ariaDisabled === "true") return event.preventDefault();
    button.disabled = true;
    act({ act: gone ? "renew" : "retry", turn: turn.id, send_id });
    setTimeout(() => (button.disabled = busy()), RETRY_AGAIN_MS);
  });
  return button;
}

/** Says how long it is wiser to wait. Pressed earlier it does nothing; it can be found and read all the while. @param {HTMLButtonElement} button @param {HTMLElement} name @param {number} seconds @param {Context["labels"]} labels */
function count(button, name, seconds, labels) {
  const until = performance.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((until - performance.now()) / 1000);
    button.ariaDisabled = left > 0 ? "true" : null;
    name.textContent = left > 0 ? fill(labels.retry_after, { n: left }) : labels.retry;
    if (left > 0) setTimeout(() => button.isConnected && tick(), 200);
  };
  button.ariaDisabled = "true";
  name.textContent = fill(labels.retry_after, { n: seconds });
  setTimeout(tick);
}

/** Words that count down as long as they are on the screen. @param {number} seconds @param {Context["labels"]} labels */
function countdown(seconds, labels) {
  const words = el("span");
  const until = performance.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((until - performance.now()) / 1000);
    words.textContent = left > 0 ? fill(labels.retry_in, { n: left }) : labels.retry_now;
    if (left > 0) setTimeout(() => words.isConnected && tick(), 200);
  };
  tick();
  return words;
}

/** @param {Turn} turn @param {boolean} empty @param {Context} context @returns {Words|null} */
function trouble(turn, empty, { labels }) {
  if (turn.state === "failed" || turn.state === "incomplete") {
    const words = labels.errors[/** @type {keyof typeof labels.errors} */ (turn.error?.code ?? "")];
    if (words) return { ...words, quote: turn.error?.message ? fill(words.quote ?? "", { message: turn.error.message }) : "" };
    const base = labels[turn.state];
    return { title: base.title, advice: turn.error?.message || base.advice };
  }
  return turn.state === "complete" && empty ? labels.empty : null;
}

/** @param {Context} context */
export function outcome(context) {
  const { labels, allow } = context;
  const root = el("div", { class: "tr-outcome" });

  /** @param {string|Node} words @param {string} kind */
  const note = (words, kind) => el("p", { class: `tr-note ${kind}` }, el("span", { class: "tr-dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), words);

  /** @param {Turn} turn */
  const waiting = (turn) => {
    if (typeof turn.retry_in === "number") return countdown(turn.retry_in, labels);
    return turn.whole ? labels.waiting_whole : labels.waiting;
  };

  /** @param {Turn} turn */
  const replaced = ({ replaced_reason: reason }) =>
    [labels.replaced, reason && (labels.replaced_why[/** @type {keyof typeof labels.replaced_why} */ (reason)] ?? reason)].filter(Boolean).join(" ");

  /** @param {Turn} turn @param {Words} words @param {boolean} live */
  const box = (turn, words, live) => {
    const soft = turn.state === "complete";
    const text = el("div", { class: "tr-box-text" }, el("strong", { text: words.title }), words.advice ? el("p", { text: words.advice }) : null, words.quote ? el("p", { class: "tr-quote", text: words.quote }) : null);
    const retry = allow.retry === false || words.action === "none" ? null : button(context, turn, words, live);
    // History must not be shouted at a reader who opens an old conversation.
    return el("div", { class: soft ? "tr-box tr-soft" : "tr-box", role: live ? "alert" : null }, icon(soft ? "info" : "error"), text, retry);
  };

  return {
    root,
    keys: ["state", "error", "replaced", "replaced_reason", "id", "files", "answer", "retry_in"],
    /** @param {Turn} turn @param {string} answer @param {boolean} live */
    update(turn, answer, live) {
      const empty = !answer.trim() && !turn.files?.length;
      const words = trouble(turn, empty, context);
      const parts = [];
      if (turn.replaced) parts.push(note(replaced(turn), "tr-still"));
      if (turn.state === "waiting") parts.push(note(waiting(turn), "tr-waiting"));
      if (turn.state === "recovering") parts.push(note(labels.recovering, ""));
      if (turn.state === "paused") parts.push(note(labels.paused, "tr-still"));
      if (turn.state === "stopped") parts.push(note(labels.stopped, "tr-still"));
      if (words && isFinal(turn.state)) parts.push(box(turn, words, live));
      root.replaceChildren(...parts);
    },
  };
}
