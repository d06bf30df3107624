/** The list of work: conversations with their state, filtered, selected, changed, opened; more of them on the way down. */
import { el } from "../dom.js";
import { dress } from "../dress.js";
import { Calls } from "../lists/calls.js";
import { Endless } from "../lists/endless.js";
import { counted, fill } from "../lists/labels.js";
import { mounting } from "../lists/mounting.js";
import { keepPlace, swap } from "../lists/place.js";
import { bulkBar, changeRows } from "./bulk.js";
import { Filters } from "./filters.js";
import { keys } from "./keys.js";
import { LABELS } from "./labels.js";
import { Row } from "./row.js";
import { Views } from "./views.js";
import { problem } from "./words.js";

export class WorkList {
  /** @type {Row[]} */
  rows = [];
  /** @type {Set<string>} keys of rows */
  selected = new Set();
  current = 0;
  /** @type {import("./words.js").Person[]} */
  staff = [];
  me = "";

  /** @param {{assets: string, app: string}} data @param {import("../lists/mounting.js").Emit} emit */
  constructor(data, emit) {
    dress(data.assets, document.body, ["work/work.css"]);
    this.emit = emit;
    this.calls = new Calls(data.app);
    this.filters = new Filters(data.app, () => this.begin());
    this.views = new Views(this);
    this.all = el("input", { type: "checkbox", "aria-label": LABELS.select_all, title: LABELS.select_all, on: { change: () => this.#selectAll() } });
    this.status = el("span", { class: "ls-status", role: "status" });
    this.bar = el("div", { class: "ls-bar" }, el("label", { class: "ls-all" }, this.all), this.status);
    this.bulk = bulkBar(this);
    this.list = el("ul", { class: "ls-entries", "aria-label": LABELS.list });
    this.note = el("p", { class: "ls-note", hidden: true });
    this.pages = new Endless({
      ask: (after, signal) => this.#ask(after, signal),
      take: (page, first) => this.#take(page, first),
      failed: (error) => this.#failed(error),
    });
    this.help = el("p", { class: "ls-meta wk-keys", text: LABELS.keys });
    this.root = el("div", { class: "ls-root ls-history wk-list" }, this.views.root, this.filters.root, this.bar, this.bulk.root, this.list, this.note, this.pages.more, this.help);
    this.stopKeys = keys(this);
    this.begin();
  }

  /** @param {{app: string}} data @param {import("../lists/mounting.js").Emit} emit */
  update(data, emit) {
    this.emit = emit;
    if (this.calls.app === data.app) return;
    this.calls = new Calls(data.app);
    this.filters.close();
    const filters = new Filters(data.app, () => this.begin());
    this.filters.root.replaceWith(filters.root);
    this.filters = filters;
    this.unselect();
    this.begin();
  }

  /** From the first row on. */
  begin() {
    this.views.show();
    this.pages.begin();
  }

  /** @param {string|null} after @param {AbortSignal} signal */
  #ask(after, signal) {
    if (!this.rows.length) this.status.textContent = LABELS.loading;
    return this.calls.get("cases", { ...this.filters.query, after }, signal);
  }

  /** @param {unknown} error */
  #failed(error) {
    this.status.textContent = "";
    this.#note(`${LABELS.unreadable} ${problem(error)}`);
  }

  /** @param {any} page @param {boolean} first */
  #take(page, first) {
    const back = keepPlace(this.list);
    if (first) {
      this.staff = page.staff;
      this.me = page.me;
      this.filters.people(page.staff, page.me);
      this.filters.tags(page.tags);
      this.bulk.tag.suggest(page.tags);
      this.views.take(page.views, page.may.share);
      this.rows = [];
      this.list.replaceChildren();
      this.current = 0;
    }
    const known = new Set(this.rows.map((row) => row.key));
    const fresh = page.rows.map((/** @type {import("./panel.js").Case} */ each) => new Row(this, each)).filter((/** @type {Row} */ row) => !known.has(row.key));
    this.rows.push(...fresh);
    this.list.append(...fresh.map((/** @type {Row} */ row) => row.root));
    back();
    const n = this.rows.length;
    this.status.textContent = page.after ? fill(LABELS.shown_more, { n: n.toLocaleString() }) : counted(LABELS.shown, n);
    this.#note(n ? "" : this.filters.active ? LABELS.no_match : LABELS.empty);
    const there = new Set(this.rows.map((row) => row.key));
    if (!page.after) for (const key of this.selected) if (!there.has(key)) this.selected.delete(key); // nothing unseen is changed
    this.#marked();
  }

  /** @param {string} words */
  #note(words) {
    this.note.hidden = !words;
    this.note.textContent = words;
  }

  /** Rows that are selected, as far as they are shown. */
  get chosen() {
    return this.rows.filter((row) => this.selected.has(row.key));
  }

  /** @param {Row} row @param {boolean} [on] */
  toggle(row, on = row.box.checked) {
    if (on) this.selected.add(row.key);
    else this.selected.delete(row.key);
    this.#marked();
  }

  unselect() {
    this.selected.clear();
    this.#marked();
  }

  #selectAll() {
    for (const row of this.rows) if (this.all.checked) this.selected.add(row.key);
    if (!this.all.checked) this.selected.clear();
    this.#marked();
  }

  #marked() {
    const n = this.chosen.length;
    for (const row of this.rows) row.box.checked = this.selected.has(row.key);
    this.all.checked = n > 0 && n === this.rows.length;
    this.bulk.count(n);
    if (n) swap(this.bulk.root, this.bar);
    else swap(this.bar, this.bulk.root);
  }

  /** @param {import("./bulk.js").Change} change @param {Row[]} [rows] */
  change(change, rows = this.chosen) {
    return rows.length ? changeRows(this, change, rows) : Promise.resolve();
  }

  /** These are as follows now; they keep their places until the list is read anew. @param {import("./panel.js").Case[]} cases */
  put(cases) {
    const now = new Map(cases.map((each) => [`${each.user} ${each.id}`, each]));
    for (const row of this.rows) {
      const known = now.get(row.key);
      if (known) row.put({ ...known, notes: row.case.notes, title: known.title || row.case.title });
    }
  }

  /** @param {number} index */
  go(index) {
    if (!this.rows.length) return;
    this.current = Math.max(0, Math.min(index, this.rows.length - 1));
    this.rows[this.current].root.focus();
  }

  /** @param {{act: string, [key: string]: unknown}} intent */
  act(intent) {
    this.emit("act", intent);
  }

  close() {
    this.pages.close();
    this.filters.close();
    this.stopKeys();
  }
}

export const mount = mounting((data, emit) => new WorkList(data, emit));
