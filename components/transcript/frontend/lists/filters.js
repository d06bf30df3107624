/** What the list is asked for: words, dates, order. Kept in the tab, so that nothing typed is lost on the way back. */
import { el, hidden } from "../dom.js";
import { LABELS } from "./labels.js";
import { symbol } from "./icons.js";

const PAUSE_MS = 150; // after the last letter

export class Filters {
  #clock = 0;

  /** @param {string} app @param {() => void} changed */
  constructor(app, changed) {
    this.name = `history-${app}`;
    this.tell = changed;
    const kept = JSON.parse(sessionStorage.getItem(this.name) ?? "{}");
    const typed = () => this.#changed(PAUSE_MS);
    const set = () => this.#changed(0);
    this.words = el("input", { type: "search", "aria-label": LABELS.search, placeholder: LABELS.search, dir: "auto", on: { input: typed } });
    this.sort = el("select", { "aria-label": LABELS.sort, on: { change: set } },
      ...Object.entries(LABELS.sorts).map(([value, text]) => el("option", { value, text })));
    this.from = el("input", { type: "date", on: { change: set } });
    this.to = el("input", { type: "date", on: { change: set } });
    this.clear = el("button", { type: "button", class: "ls-button", text: LABELS.clear, on: { click: () => this.#clear() } });
    this.words.value = kept.words ?? "";
    this.from.value = kept.from ?? "";
    this.to.value = kept.to ?? "";
    this.sort.value = kept.sort ?? "-updated_at";
    this.root = el("div", { class: "ls-filters", role: "search" },
      el("label", { class: "ls-search" }, symbol("search"), this.words),
      el("label", {}, hidden(LABELS.sort), this.sort),
      el("label", {}, el("span", { text: LABELS.from }), this.from),
      el("label", {}, el("span", { text: LABELS.to }), this.to), this.clear);
    this.clear.hidden = !this.active;
  }

  /** Anything but an order. */
  get active() {
    return Boolean(this.words.value.trim() || this.from.value || this.to.value);
  }

  /** As the server wants it; days are the reader's own. */
  get query() {
    const at = (/** @type {string} */ day, /** @type {number} */ more) => {
      const [year, month, date] = day.split("-").map(Number);
      return day ? new Date(year, month - 1, date + more).getTime() / 1000 : null;
    };
    return { q: this.words.value.trim(), sort: this.sort.value, since: at(this.from.value, 0), until: at(this.to.value, 1) };
  }

  /** @param {number} pause */
  #changed(pause) {
    const [words, sort, from, to] = [this.words, this.sort, this.from, this.to].map((field) => field.value);
    sessionStorage.setItem(this.name, JSON.stringify({ words, sort, from, to }));
    this.clear.hidden = !this.active;
    clearTimeout(this.#clock);
    this.#clock = window.setTimeout(this.tell, pause);
  }

  #clear() {
    for (const field of [this.words, this.from, this.to]) field.value = "";
    this.#changed(0);
    this.words.focus();
  }

  close() {
    clearTimeout(this.#clock);
  }
}
