/** The row under an answer: when it came, copying it, and its details. */
import { timeElement } from "./clock.js";
import { copyButton } from "./clipboard.js";
import { openDetails } from "./details.js";
import { el, iconButton } from "./dom.js";
import { isFinal } from "./protocol.js";

/** @param {import("./turn.js").Context} context @param {() => {turn: import("./protocol.js").Turn, answer: string}} current */
export function toolbar(context, current) {
  const { labels, allow } = context;
  const time = el("span");
  const copy = allow.copy === false ? null : copyButton(labels.copy, () => current().answer, context);
  const details = iconButton("info", labels.details, (event) => openDetails(event, current().turn, context));
  details.setAttribute("aria-haspopup", "dialog");
  const tools = el("div", { class: "tr-tools" }, copy, details);
  const root = el("div", { class: "tr-toolbar" }, time, tools);
  return {
    root,
    keys: ["state", "answered_at", "answer"],
    /** @param {import("./protocol.js").Turn} turn @param {string} answer */
    update(turn, answer) {
      root.hidden = !isFinal(turn.state) && turn.state !== "paused";
      time.replaceChildren(timeElement(turn.answered_at, labels) ?? "");
      if (copy) copy.hidden = !answer;
    },
  };
}
