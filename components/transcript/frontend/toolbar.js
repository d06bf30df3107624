/** The row under an answer: when it came, copying it, rating it, and its details. */
import { againButton } from "./again.js";
import { timeElement } from "./clock.js";
import { copyButton } from "./clipboard.js";
import { openDetails } from "./details.js";
import { el, iconButton } from "./dom.js";
import { isFinal } from "./protocol.js";
import { rating } from "./rating.js";

/**
 * @param {import("./turn.js").Context} context
 * @param {() => {turn: import("./protocol.js").Turn, answer: string}} current
 * @param {(part: Partial<import("./protocol.js").Turn>) => void} change
 */
export function toolbar(context, current, change) {
  const { labels, allow } = context;
  const time = el("span");
  const copy = allow.copy === false ? null : copyButton(labels.copy, () => current().answer, context);
  const speak = context.speech.on ? context.speech.button(() => current().turn) : null;
  const again = allow.retry === false ? null : againButton(context, () => current().turn);
  const details = iconButton("info", labels.details, (event) => openDetails(event, current().turn, context));
  details.setAttribute("aria-haspopup", "dialog");
  const rate = rating(context, () => current().turn, change);
  const tools = el("div", { class: "tr-tools" }, copy, speak, again, ...rate.roots, details);
  const root = el("div", { class: "tr-toolbar" }, time, tools);
  return {
    root,
    keys: ["state", "answered_at", "answer", "rating", "message_id"],
    /** @param {import("./protocol.js").Turn} turn @param {string} answer */
    update(turn, answer) {
      root.hidden = !isFinal(turn.state) && turn.state !== "paused";
      time.replaceChildren(timeElement(turn.answered_at, labels) ?? "");
      if (copy) copy.hidden = !answer;
      if (again) again.hidden = !turn.query || turn.state === "paused";
      if (speak) speak.hidden = !answer;
      rate.update(turn, answer);
    },
  };
}
