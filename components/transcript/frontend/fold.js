/** One line that unfolds to what the app did before it answered. */
import { el, icon } from "./dom.js";

/** @typedef {import("./turn.js").Context} Context */

/** @param {Context} context @param {string} name  a class @param {() => void} [opened] */
export function fold({ scroll }, name, opened = () => {}) {
  const line = el("span", { class: "tr-clip" });
  const summary = el("summary", { on: { click: () => scroll.release() } }, icon("chevron"), line);
  const body = el("div", { class: "tr-fold-body" });
  const root = el("details", { class: `tr-fold ${name}`, hidden: true }, summary, body);
  root.addEventListener("toggle", () => root.open && opened());
  return {
    root,
    body,
    /** @param {string} words @param {"busy"|"failed"|""} how */
    say(words, how) {
      if (line.textContent !== words) line.textContent = words;
      root.classList.toggle("tr-busy", how === "busy");
      root.classList.toggle("tr-failed", how === "failed");
      root.hidden = false;
    },
  };
}

/**
 * Rows that stay as they are while their value does: what is being read, copied or focused in one must not go away
 * because another one has news.
 * @template T
 * @param {HTMLElement} list @param {(value: T) => string} keyOf @param {(value: T) => Node} draw
 * @returns {(values: T[]) => void}
 */
export function rows(list, keyOf, draw) {
  /** @type {Map<string, {said: string, node: Node}>} */
  let known = new Map();
  return (values) => {
    const fresh = new Map();
    for (const value of values) {
      const said = JSON.stringify(value);
      const before = known.get(keyOf(value));
      fresh.set(keyOf(value), before?.said === said ? before : { said, node: draw(value) });
    }
    known = fresh;
    const nodes = [...fresh.values()].map((row) => row.node);
    for (const node of [...list.childNodes]) if (!nodes.includes(node)) node.remove();
    let next = list.firstChild; // what stays is not moved: that would take the focus from it
    for (const node of nodes) {
      if (node === next) next = next.nextSibling;
      else list.insertBefore(node, next);
    }
  };
}

/** @param {string} name @param {string|undefined|null} text */
export const block = (name, text) =>
  text ? el("div", { class: "tr-block" }, el("span", { class: "tr-label", text: name }), el("pre", { text, tabindex: "0" })) : null;
