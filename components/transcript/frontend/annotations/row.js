/** One annotation in the list; opened, its answer as a visitor sees it, and what can be done with it. */
import { exactTime, shortTime } from "../clock.js";
import { el } from "../dom.js";
import { labelsOf } from "../labels.js";
import { Markdown } from "../markdown.js";

const PREVIEW = 240; // characters of a text that two lines may need
const MARKS = /\*\*|__|`+|^#+ /gm; // of markdown: noise where a text is only told apart

/** Text with the searched words marked. @param {string} text @param {string[]} words @param {number} most */
function marked(text, words, most) {
  const lower = text.toLowerCase();
  const hits = words.map((word) => lower.indexOf(word)).filter((at) => at >= 0);
  const first = hits.length ? Math.min(...hits) : 0;
  const start = first > most / 2 ? first - 40 : 0; // what was found is to be seen
  const cut = text.slice(start, start + most);
  const parts = start ? ["…"] : [];
  let rest = cut;
  while (rest) {
    const low = rest.toLowerCase();
    const found = words.map((word) => ({ at: low.indexOf(word), length: word.length })).filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at || b.length - a.length)[0];
    if (!found || low.length !== rest.length) break;
    parts.push(rest.slice(0, found.at), el("mark", { text: rest.slice(found.at, found.at + found.length) }));
    rest = rest.slice(found.at + found.length);
  }
  return [...parts, rest, start + most < text.length ? "…" : ""];
}

export class RowView {
  open = false;
  /** @type {Markdown|null} */
  #markdown = null;

  /** @param {import("./list.js").Row} row @param {string[]} words @param {any} list */
  constructor(row, words, list) {
    this.row = row;
    this.list = list;
    const { labels } = list.data;
    const times = labelsOf({});
    this.box = el("input", { type: "checkbox", tabindex: -1, "aria-label": labels.select, on: { change: () => list.check(row.id) } });
    const check = el("label", { class: "an-check", role: "gridcell", on: { click: (/** @type {Event} */ event) => event.stopPropagation() } }, this.box);
    const created = row.created == null ? "" : el("time", { title: exactTime(row.created, ""), text: shortTime(row.created, times) });
    const badge = row.alike ? el("span", { class: "an-badge", text: labels.alike }) : null;
    this.line = el("div", { class: "an-row", on: { click: () => this.#press() } }, check,
      el("span", { class: "an-question", role: "gridcell", dir: "auto" }, el("span", { class: "an-text" }, ...marked(row.question, words, PREVIEW)), badge),
      el("span", { class: "an-answer", role: "gridcell", dir: "auto" }, el("span", { class: "an-text" }, ...marked(row.answer.replace(MARKS, ""), words, PREVIEW))),
      el("span", { class: "an-hits", role: "gridcell", title: labels.columns.hits, text: row.hits ?? "" }), el("span", { class: "an-created", role: "gridcell" }, created));
    this.detail = el("div", { class: "an-detail", role: "gridcell", hidden: true });
    this.root = el("div", { class: "an-item", role: "row", tabindex: -1, "data-id": row.id, "aria-expanded": "false" }, this.line, this.detail);
    this.root.addEventListener("focusin", () => (list.current = list.views.indexOf(this)));
  }

  #press() {
    if (window.getSelection()?.toString()) return; // the reader marks words
    this.list.go(this.list.views.indexOf(this));
    this.toggle();
  }

  /** @param {boolean} [open] */
  toggle(open = !this.open) {
    this.open = open;
    if (open) for (const other of this.list.views) if (other !== this && other.open) other.toggle(false);
    this.root.setAttribute("aria-expanded", String(open));
    this.detail.hidden = !open;
    if (!open || this.#markdown) return;
    const { labels } = this.list.data;
    const answer = el("div", { class: "tr-text", dir: "auto" });
    const button = (/** @type {string} */ act, /** @type {string} */ text, /** @type {string} */ kind = "") =>
      el("button", { type: "button", class: `tr-button ${kind}`, on: { click: (/** @type {Event} */ event) => { event.stopPropagation(); this.list.ask(act, [this.row.id]); } } }, text);
    this.detail.append(el("p", { class: "an-full", dir: "auto", text: this.row.question }), answer,
      el("div", { class: "tr-buttons" }, button("edit", labels.edit), button("history", labels.history),
        this.row.link ? button("source", labels.source) : null, button("delete", labels.delete, "an-bad")));
    this.#markdown = new Markdown(answer, {});
    this.#markdown.append(this.row.answer);
    this.#markdown.finish();
  }

  /** @param {boolean} selected */
  mark(selected) {
    this.box.checked = selected;
    this.root.toggleAttribute("data-selected", selected);
    this.root.setAttribute("aria-selected", String(selected));
  }

  destroy() {
    this.#markdown?.destroy();
  }
}
