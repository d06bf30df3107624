/** Two thumbs: what the reader thinks of an answer; and, where they care to say, why. */
import { el, iconButton } from "./dom.js";
import { keepDraft, readDraft } from "./kept.js";
import { isFinal } from "./protocol.js";
import { openPopover } from "./popover.js";

const LONGEST_REASON = 2_000;

/** @typedef {import("./protocol.js").Turn} Turn */
/** @typedef {"like"|"dislike"} Thumb */

/**
 * @param {import("./turn.js").Context} context
 * @param {() => Turn} current
 * @param {(part: Partial<Turn>) => void} change  what is taken shows at once; turns of older pages have no stream
 */
export function rating(context, current, change) {
  const { labels, announcer } = context;
  const problem = el("span", { class: "tr-problem" });

  /** @param {Turn["rating"]} wanted @returns {Promise<boolean>} */
  const send = async (wanted) => {
    const turn = current();
    const before = turn.rating ?? null;
    problem.replaceChildren();
    change({ rating: wanted });
    try {
      const url = `${context.turns}/${encodeURIComponent(turn.id)}/rating`;
      const body = JSON.stringify(wanted ?? { rating: null });
      const headers = { "Content-Type": "application/json" };
      if ((await fetch(url, { method: "POST", headers, body })).ok) return true;
    } catch {
      // said below
    }
    change({ rating: before });
    problem.replaceChildren(el("span", { role: "alert", text: labels.rating_failed }));
    return false;
  };

  /** @param {MouseEvent} event @param {Thumb} thumb */
  const ask = (event, thumb) => openPopover(event, labels.rating_why[thumb], context, (close) => {
    const reason = el("textarea", { rows: 3, maxlength: LONGEST_REASON, "aria-label": labels.rating_reason, placeholder: labels.rating_reason, autofocus: true });
    // Kept over a press elsewhere, a reload and a failure, until it is saved or taken back.
    const draft = `rating-${current().id}`;
    reason.value = readDraft(draft) || (current().rating?.content ?? "");
    reason.addEventListener("input", () => keepDraft(draft, reason.value));
    const done = (/** @type {string} */ words) => {
      keepDraft(draft, "");
      announcer.say(words);
    };
    const save = async () => {
      if (await send({ rating: thumb, content: reason.value.trim() })) done(labels.rating_saved);
      close();
    };
    const revoke = async () => {
      close();
      if (await send(null)) done(labels.rating_revoked);
    };
    reason.addEventListener("keydown", (/** @type {KeyboardEvent} */ pressed) => {
      if (pressed.key === "Enter" && (pressed.ctrlKey || pressed.metaKey)) save();
    });
    const button = (/** @type {string} */ text, /** @type {() => void} */ click) =>
      el("button", { type: "button", class: "tr-button", on: { click } }, text);
    return { body: [reason, el("div", { class: "tr-buttons" }, button(labels.rating_save, save), button(labels.rating_revoke, revoke))] };
  });

  /** A first press rates, and asks why; a press of the same thumb later asks again. @param {Thumb} thumb */
  const button = (thumb) => {
    const made = iconButton(thumb, labels[thumb], (event) => {
      if (current().rating?.rating !== thumb) send({ rating: thumb, content: "" });
      ask(event, thumb);
    });
    made.setAttribute("aria-haspopup", "dialog");
    return made;
  };
  const thumbs = { like: button("like"), dislike: button("dislike") };
  return {
    roots: [thumbs.like, thumbs.dislike, problem],
    /** @param {Turn} turn @param {string} answer */
    update(turn, answer) {
      for (const [thumb, made] of Object.entries(thumbs)) {
        // What Dify does not know by an id of its own, or has no word of, cannot be rated there.
        made.hidden = !turn.message_id || !answer || !isFinal(turn.state);
        made.setAttribute("aria-pressed", String(turn.rating?.rating === thumb));
      }
    },
  };
}
