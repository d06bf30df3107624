/** Which feedback is wanted. Kept in the tab, so that nothing typed is lost on the way back. */
import { el, hidden } from "../dom.js";
import { symbol } from "./icons.js";
import { LABELS } from "./feedback_labels.js";

const PAUSE_MS = 150; // after the last letter
const FIELDS = ["q", "rating", "source", "handled", "from", "to"];

export class Filters {
  #clock = 0;

  /** @param {string} app @param {() => void} changed */
  constructor(app, changed) {
    this.name = `feedback-${app}`;
    this.tell = changed;
    const kept = JSON.parse(sessionStorage.getItem(this.name) ?? "{}");
    const choice = (/** @type {string} */ name, /** @type {Record<string, string>} */ options) =>
      el("select", { "aria-label": name, on: { change: () => this.#changed(0) } },
        ...Object.entries(options).map(([value, text]) => el("option", { value, text })));
    const date = () => el("input", { type: "date", on: { change: () => this.#changed(0) } });
    /** @type {Record<string, HTMLInputElement>} */
    this.fields = {
      q: el("input", { type: "search", "aria-label": LABELS.search, placeholder: LABELS.search, dir: "auto", on: { input: () => this.#changed(PAUSE_MS) } }),
      rating: choice(LABELS.rating, LABELS.ratings),
      source: choice(LABELS.source, LABELS.sources),
      handled: choice(LABELS.handled, LABELS.states),
      from: date(),
      to: date(),
    };
    for (const name of FIELDS) this.fields[name].value = kept[name] ?? "";
    const { q, rating, source, handled, from, to } = this.fields;
    this.clear = el("button", { type: "button", class: "ls-button", text: LABELS.clear, on: { click: () => this.#clear() } });
    this.root = el("div", { class: "ls-filters", role: "search" },
      el("label", { class: "ls-search" }, symbol("search"), q),
      ...[[LABELS.rating, rating], [LABELS.source, source], [LABELS.handled, handled]].map(([name, field]) => el("label", {}, hidden(name), field)),
      el("label", {}, el("span", { text: LABELS.from }), from), el("label", {}, el("span", { text: LABELS.to }), to), this.clear);
    this.clear.hidden = !this.active;
  }

  get active() {
    return FIELDS.some((name) => this.fields[name].value.trim());
  }

  /** As the server wants it; days are the reader's own. */
  get query() {
    const at = (/** @type {string} */ day, /** @type {number} */ more) => {
      const [year, month, date] = day.split("-").map(Number);
      return day ? new Date(year, month - 1, date + more).getTime() / 1000 : null;
    };
    const { q, rating, source, handled, from, to } = this.fields;
    return {
      q: q.value.trim(), rating: rating.value, source: source.value, handled: handled.value,
      since: at(from.value, 0), until: at(to.value, 1),
    };
  }

  /** @param {number} pause */
  #changed(pause) {
    sessionStorage.setItem(this.name, JSON.stringify(Object.fromEntries(FIELDS.map((name) => [name, this.fields[name].value]))));
    this.clear.hidden = !this.active;
    clearTimeout(this.#clock);
    this.#clock = window.setTimeout(this.tell, pause);
  }

  #clear() {
    for (const name of FIELDS) this.fields[name].value = "";
    this.#changed(0);
    this.fields.q.focus();
  }

  close() {
    clearTimeout(this.#clock);
  }
}
