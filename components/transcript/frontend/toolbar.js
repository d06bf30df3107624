/** The row under an answer: when it came, copying it, rating it, and its details. */
import { againButton } from "./again.js";
import { timeElement } from "./clock.js";
import { copying } from "./copy.js";
import { openDetails } from "./details.js";
import { el, iconButton } from "./dom.js";
import { isFinal, sendId } from "./protocol.js";
import { rating } from "./rating.js";

/**
 * @param {import("./turn.js").Context} context
 * @param {() => {turn: import("./protocol.js").Turn, answer: string}} current
 * @param {(part: Partial<import("./protocol.js").Turn>) => void} change
 */
export function toolbar(context, current, change) {
  const { labels, allow } = context;
  const time = el("span");
  const drawn = () => root.closest(".tr-turn")?.querySelector(".tr-text");
  const copies = allow.copy === false ? [] : copying(context, () => current().answer, drawn);
  const speak = context.speech.on ? context.speech.button(() => current().turn) : null;
  const again = allow.retry === false ? null : againButton(context, () => current().turn);
  const details = iconButton("info", labels.details, (event) => openDetails(event, current().turn, context));
  details.setAttribute("aria-haspopup", "dialog");
  const rate = allow.rate === false ? { roots: [], update() {} } : rating(context, () => current().turn, change);
  const annotate = allow.annotate ? iconButton("annotation", labels.annotate, () => context.act({ act: "annotate", turn: current().turn.id, send_id: sendId() })) : null;
  const note = allow.note ? iconButton("note", labels.note, () => {
    const { message_id: message, query = "" } = current().turn;
    document.dispatchEvent(new CustomEvent("work-note", { detail: { message, query } }));
  }) : null;
  const tools = el("div", { class: "tr-tools" }, ...copies, speak, again, ...rate.roots, annotate, note, details);
  const root = el("div", { class: "tr-toolbar" }, time, tools);
  return {
    root,
    keys: ["state", "answered_at", "answer", "rating", "message_id", "annotation"],
    /** @param {import("./protocol.js").Turn} turn @param {string} answer */
    update(turn, answer) {
      root.hidden = !isFinal(turn.state) && turn.state !== "paused";
      time.replaceChildren(timeElement(turn.answered_at, labels) ?? "");
      for (const copy of copies) copy.hidden = !answer;
      if (again) again.hidden = !turn.query || turn.state === "paused";
      if (speak) speak.hidden = !answer;
      rate.update(turn, answer);
      if (note) note.hidden = !turn.message_id;
      if (!annotate) return;
      annotate.hidden = !turn.message_id || !answer;
      annotate.title = turn.annotation ? labels.annotate_edit : labels.annotate;
      annotate.setAttribute("aria-label", annotate.title);
    },
  };
}
