/** What the list is narrowed to. Kept in the tab, so that it is the same on the way back. */
import { el } from "../dom.js";
import { symbol } from "../lists/icons.js";
import { LABELS } from "./labels.js";
import { called } from "./words.js";

const PAUSE_MS = 150; // after the last letter
const NAMES = ["text", "status", "assignee", "tag", "days"];

/** @typedef {{text?: string, status?: string, assignee?: string, tag?: string, days?: string|number}} Query */

export class Filters {
  #clock = 0;

  /** @param {string} app @param {() => void} changed */
  constructor(app, changed) {
    this.name = `work-${app}`;
    this.tell = changed;
    const set = () => this.#changed(0);
    const select = (/** @type {string} */ label) => el("select", { "aria-label": label, on: { change: set } });
    this.text = el("input", { type: "search", "aria-label": LABELS.search, placeholder: LABELS.search, dir: "auto", on: { input: () => this.#changed(PAUSE_MS) } });
    [this.status, this.assignee, this.tag, this.days] = [LABELS.status, LABELS.assignee, LABELS.tag, LABELS.period].map(select);
    this.clear = el("button", { type: "button", class: "ls-button", text: LABELS.clear, on: { click: () => this.put({}) } });
    this.root = el("div", { class: "ls-filters", role: "search" }, el("label", { class: "ls-search" }, symbol("search"), this.text),
      ...[this.status, this.assignee, this.tag, this.days].map((field) => el("label", {}, field)), this.clear);
    options(this.status, [["", LABELS.any_status], ["open", LABELS.open_status], ...Object.entries(LABELS.statuses)]);
    options(this.days, ["", "1", "7", "30", "90"].map((days) => [days, /** @type {Record<string, string>} */ (LABELS.periods)[days]]));
    this.people([], "");
    this.tags([]);
    this.#fill(JSON.parse(sessionStorage.getItem(this.name) ?? "{}"));
  }

  /** @param {import("./words.js").Person[]} staff @param {string} me */
  people(staff, me) {
    const others = staff.filter(({ user }) => user !== me).map(({ user }) => /** @type {[string, string]} */ ([`user:${user}`, called(user, staff, me)]));
    options(this.assignee, [["", LABELS.anybody], ["me", LABELS.assigned_me], ["nobody", LABELS.assigned_nobody], ...others]);
  }

  /** @param {string[]} tags */
  tags(tags) {
    options(this.tag, [["", LABELS.any_tag], ...tags.map((tag) => /** @type {[string, string]} */ ([tag, tag]))]);
  }

  /** As the server wants it; nothing of what is not narrowed. @returns {Query} */
  get query() {
    const values = NAMES.map((name) => [name, /** @type {any} */ (this)[name].value.trim()]);
    return Object.fromEntries(values.filter(([, value]) => value));
  }

  get active() {
    return Object.keys(this.query).length > 0;
  }

  /** @param {Query} query */
  put(query) {
    this.#fill(query);
    this.#changed(0);
  }

  /** @param {Query} query */
  #fill(query) {
    for (const name of NAMES) {
      const field = /** @type {any} */ (this)[name];
      const value = String(/** @type {any} */ (query)[name] ?? "");
      // What is asked for may not be among the choices yet, or not any more.
      if (field.tagName === "SELECT" && ![...field.options].some((each) => each.value === value)) field.append(el("option", { value, text: value.replace(/^user:/, "") }));
      field.value = value;
    }
    this.clear.hidden = !this.active;
  }

  /** @param {number} pause */
  #changed(pause) {
    sessionStorage.setItem(this.name, JSON.stringify(this.query));
    this.clear.hidden = !this.active;
    clearTimeout(this.#clock);
    this.#clock = window.setTimeout(this.tell, pause);
  }

  close() {
    clearTimeout(this.#clock);
  }
}

/** @param {HTMLSelectElement} select @param {[string, string][]} wanted */
function options(select, wanted) {
  const { value } = select;
  select.replaceChildren(...wanted.map(([value, text]) => el("option", { value, text })));
  if (value && !wanted.some(([each]) => each === value)) select.append(el("option", { value, text: value.replace(/^user:/, "") }));
  select.value = value;
}
