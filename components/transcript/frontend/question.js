/** The reader's own words: exact text in a bubble, what was attached, when. */
import { editor } from "./again.js";
import { switcher } from "./attempts.js";
import { timeElement } from "./clock.js";
import { el, hidden, icon, safeAddress } from "./dom.js";
import { isFinal } from "./protocol.js";

/** A question longer than this many characters or lines is folded; all of it stays one click away. */
const LONG_CHARACTERS = 1_500;
const LONG_LINES = 18;

/** @typedef {import("./protocol.js").Turn} Turn */

/** @param {import("./protocol.js").FileEntry} file @param {string} fallback */
function chip(file, fallback) {
  const address = safeAddress(file.url);
  const symbol = icon(file.type === "image" ? "image" : "file");
  const name = el("span", { class: "tr-clip", text: file.name || fallback });
  const link = address && { href: address.href, target: "_blank", rel: "noopener noreferrer" };
  return el("li", {}, el(link ? "a" : "span", { class: "tr-chip", title: file.name, ...link }, symbol, name));
}

/** @param {import("./turn.js").Context} context @param {() => Turn} current */
export function question(context, current) {
  const { labels, scroll, allow } = context;
  const bubble = el("div", { class: "tr-bubble", dir: "auto" });
  const more = el("button", { type: "button", class: "tr-more", "aria-expanded": "false", hidden: true });
  const files = el("ul", { class: "tr-chips", "aria-label": labels.attachments, hidden: true });
  const edit = editor(context, current, bubble);
  const attempts = switcher(context);
  const time = el("span");
  const tools = el("span", { class: "tr-side" }, allow.retry === false ? null : edit.button);
  const foot = el("div", { class: "tr-asked" }, tools, attempts.root, time);
  const root = el("div", { class: "tr-question" }, hidden(labels.you), files, bubble, edit.root, more, foot);

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
    keys: ["state", "query", "attachments", "asked_at"],
    /** @param {Turn} turn */
    update(turn) {
      const query = turn.query ?? "";
      if (bubble.textContent !== query) {
        bubble.textContent = query;
        const long = query.length > LONG_CHARACTERS || query.split("\n", LONG_LINES + 1).length > LONG_LINES;
        more.hidden = !long;
        expand(!long);
      }
      bubble.hidden = !query || edit.open();
      edit.button.hidden = !isFinal(turn.state) || !query;
      if (!edit.button.hidden) edit.resume();
      const attachments = turn.attachments ?? [];
      files.hidden = !attachments.length;
      files.replaceChildren(...attachments.map((file) => chip(file, labels.file)));
      time.replaceChildren(timeElement(turn.asked_at, labels) ?? "");
      root.hidden = !query && !attachments.length;
    },
  };
}
