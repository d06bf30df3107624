/** The reader's own words: exact text in a bubble, what was attached, when. */
import { arrived, editor } from "./again.js";
import { switcher } from "./attempts.js";
import { timeElement } from "./clock.js";
import { el, hidden } from "./dom.js";
import { fileList } from "./files.js";
import { isFinal } from "./protocol.js";

/** A question longer than this many characters or lines is folded; all of it stays one click away. */
const LONG_CHARACTERS = 1_500;
const LONG_LINES = 18;

/** @typedef {import("./protocol.js").Turn} Turn */

/** @param {import("./turn.js").Context} context @param {() => Turn} current */
export function question(context, current) {
  const { labels, scroll, allow } = context;
  const bubble = el("div", { class: "tr-bubble", dir: "auto" });
  const more = el("button", { type: "button", class: "tr-more", "aria-expanded": "false", hidden: true });
  const files = fileList(context, labels.attachments);
  const edit = editor(context, current, bubble);
  const attempts = switcher(context);
  const time = el("span");
  const tools = el("span", { class: "tr-side" }, allow.retry === false ? null : edit.button);
  const foot = el("div", { class: "tr-asked" }, tools, attempts.root, time);
  const root = el("div", { class: "tr-question" }, hidden(labels.you), bubble, edit.root, more, files.root, foot);

  /** @param {boolean} open */
  const expand = (open) => {
    bubble.classList.toggle("tr-folded", !open);
    more.setAttribute("aria-expanded", String(open));
    more.textContent = open ? labels.show_less : labels.show_more;
  };
  more.addEventListener("click", () => {
    scroll.release();
    expand(bubble.classList.contains("tr-folded"));
  });

  return {
    root,
    stand: attempts.stand,
    keys: ["state", "query", "attachments", "asked_at", "message_id"],
    /** @param {Turn} turn */
    update(turn) {
      const query = turn.query ?? "";
      if (bubble.textContent !== query) {
        arrived(query);
        bubble.textContent = query;
        const long = query.length > LONG_CHARACTERS || query.split("\n", LONG_LINES + 1).length > LONG_LINES;
        more.hidden = !long;
        expand(!long);
      }
      bubble.hidden = !query || edit.open();
      edit.button.hidden = !isFinal(turn.state) || !query;
      if (!edit.button.hidden) edit.resume();
      const attachments = turn.attachments ?? [];
      // Dify serves a file only once a message has used it; until then its name has to do.
      files.update(turn.message_id ? attachments : attachments.map((file) => ({ ...file, id: "" })), turn.id);
      time.replaceChildren(timeElement(turn.asked_at, labels) ?? "");
      root.hidden = !query && !attachments.length;
    },
  };
}
