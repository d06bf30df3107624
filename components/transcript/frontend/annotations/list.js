/**
 * The list of annotations: a page of rows, searched, filtered and sorted by Python, worked through by keyboard.
 *
 * What is selected and which row is open live here and outlast every page of rows; Python hears of a selection
 * a moment after it changed, and with each thing asked for.
 *
 * @typedef {{id: string, question: string, answer: string, hits: number|null, created: number|null, alike: boolean, link: string|null}} Row
 * @typedef {{query: string, kind: string, sort: string, descending: boolean, page: number}} View
 * @typedef {object} Data
 * @property {string} assets
 * @property {Row[]} rows
 * @property {View} view
 * @property {number} found     rows that the view shows
 * @property {number} total     rows there are
 * @property {number} size      rows of a page
 * @property {string[]} selected  ids to begin with; taken anew whenever `chosen` is another number
 * @property {number} chosen
 * @property {boolean} whole    false: more rows are being read
 * @property {string[]} kinds
 * @property {Record<string, any>} labels
 */
import { Announcer } from "../announcer.js";
import { el, icon } from "../dom.js";
import { dress } from "../dress.js";
import { fill } from "../labels.js";
import { mounting } from "../lists/mounting.js";
import { keepPlace } from "../lists/place.js";
import { followTheme } from "../theme.js";
import { keys } from "./keys.js";
import { RowView } from "./row.js";

const TYPING_MS = 150;
const TELL_MS = 300;
const COLUMNS = ["question", "answer", "hits", "created"];

class List {
  /** @type {Set<string>} */
  selected = new Set();
  /** @type {RowView[]} */
  views = [];
  current = 0;
  #typing = 0;
  #telling = 0;

  /** @param {Data} data @param {import("../lists/mounting.js").Emit} emit */
  constructor(data, emit) {
    this.data = data;
    this.selected = new Set(data.selected);
    this.chosen = data.chosen;
    const { labels } = data;
    dress(data.assets, document.body, ["style.css", "markdown.css", "annotations/list.css"]);
    this.announcer = new Announcer();
    this.search = el("input", { type: "search", class: "an-search", "aria-label": labels.search, placeholder: labels.search, value: data.view.query,
      on: { input: () => this.#type() } });
    this.kind = el("select", { class: "an-kind", "aria-label": labels.filter, on: { change: () => this.look({ kind: this.kind.value, page: 0 }) } },
      ...data.kinds.map((kind) => el("option", { value: kind, text: labels.kinds[kind] })));
    this.count = el("span", { class: "an-count", role: "status" });
    this.bar = el("div", { class: "an-bar", hidden: true, role: "group", "aria-label": labels.selection });
    this.all = el("input", { type: "checkbox", "aria-label": labels.select_page, on: { change: () => this.#selectPage() } });
    this.head = el("div", { class: "an-row an-head", role: "row" }, el("span", { class: "an-check", role: "columnheader" }, this.all),
      ...COLUMNS.map((name) => this.#column(name)));
    this.body = el("div", { class: "an-body", role: "rowgroup" });
    this.table = el("div", { class: "an-table", role: "treegrid", "aria-label": labels.table }, this.head, this.body);
    this.empty = el("p", { class: "an-empty", hidden: true });
    this.pager = el("nav", { class: "an-pager", "aria-label": labels.pages });
    this.help = el("p", { class: "an-help", text: labels.keys });
    this.root = el("div", { class: "tr-root an-root" }, this.announcer.root,
      el("div", { class: "an-tools" }, this.search, this.kind, this.count), this.bar, this.table, this.empty, this.pager, this.help);
    followTheme(this.root, [this.root]);
    this.stopKeys = keys(this);
    this.update(data, emit);
  }

  /** @param {string} name */
  #column(name) {
    const button = el("button", { type: "button", class: "an-sort", on: { click: () => {
      const { sort, descending } = this.data.view;
      const first = name === "hits" || name === "created";
      this.look({ sort: name, descending: sort === name ? !descending : first, page: 0 });
    } } }, this.data.labels.columns[name], icon("down"));
    return el("span", { class: `an-${name}`, role: "columnheader", "data-column": name }, button);
  }

  /** @param {Data} data @param {import("../lists/mounting.js").Emit} emit */
  update(data, emit) {
    this.emit = emit;
    this.data = data;
    if (this.chosen !== data.chosen) this.selected = new Set(data.selected); // all rows that the view shows, on every page
    this.chosen = data.chosen;
    const { view, labels } = data;
    if (document.activeElement !== this.search) this.search.value = view.query;
    this.kind.value = view.kind;
    for (const column of this.head.querySelectorAll("[data-column]")) {
      const sorted = column.dataset.column === view.sort;
      column.setAttribute("aria-sort", sorted ? (view.descending ? "descending" : "ascending") : "none");
    }
    const open = this.views.find((each) => each.open)?.row.id;
    const back = keepPlace(this.body);
    for (const each of this.views) each.destroy();
    const words = view.query.toLowerCase().split(/\s+/).filter(Boolean);
    this.views = data.rows.map((row) => new RowView(row, words, this));
    this.body.replaceChildren(...this.views.map((each) => each.root));
    const again = this.views.findIndex((each) => each.row.id === open);
    this.current = Math.min(again >= 0 ? again : this.current, Math.max(0, this.views.length - 1));
    if (again >= 0) this.views[again].toggle(true);
    this.#mark();
    back();
    this.table.hidden = !data.rows.length;
    this.empty.hidden = !!data.rows.length;
    this.empty.textContent = data.total ? labels.nothing_found : data.whole ? labels.nothing_yet : labels.reading;
    const narrowed = data.found !== data.total;
    this.count.textContent = fill(narrowed ? labels.found : data.total === 1 ? labels.one : labels.count, { found: data.found.toLocaleString(), total: data.total.toLocaleString() })
      + (data.whole ? "" : ` ${labels.reading}`);
    this.#pages();
    this.#select();
  }

  #pages() {
    const { view, found, size, labels } = this.data;
    const last = Math.max(0, Math.ceil(found / size) - 1);
    const page = Math.min(view.page, last);
    const turn = (/** @type {number} */ to) => el("button", { type: "button", class: "tr-button", "data-id": to < page ? "previous" : "next", disabled: to < 0 || to > last, on: { click: () => this.look({ page: to }) } },
      to < page ? labels.previous : labels.next);
    const back = keepPlace(this.pager);
    this.pager.hidden = last === 0;
    const range = { from: page * size + 1, to: Math.min(found, (page + 1) * size), found: found.toLocaleString() };
    this.pager.replaceChildren(turn(page - 1), el("span", { text: fill(labels.range, range) }), turn(page + 1));
    back();
  }

  #type() {
    clearTimeout(this.#typing);
    this.#typing = window.setTimeout(() => this.look({ query: this.search.value, page: 0 }), TYPING_MS);
  }

  /** @param {{act: string, [key: string]: unknown}} intent */
  act(intent) {
    this.emit?.("act", intent);
  }

  /** Asks Python for other rows. @param {Partial<View>} view */
  look(view) {
    clearTimeout(this.#typing);
    this.data.view = { ...this.data.view, query: this.search.value, ...view };
    if ("page" in view) this.current = 0;
    this.act({ act: "view", view: this.data.view, ids: [...this.selected] });
  }

  /** What the keys and the buttons of a row ask for. @param {string} act @param {string[]} ids */
  ask(act, ids) {
    if (act === "delete") for (const id of ids) this.selected.delete(id);
    this.act({ act, ids });
  }

  /** The selection has changed. */
  #select() {
    const { labels, found } = this.data;
    const many = this.selected.size;
    for (const each of this.views) each.mark(this.selected.has(each.row.id));
    const here = this.views.filter((each) => this.selected.has(each.row.id)).length;
    this.all.checked = here > 0 && here === this.views.length;
    this.all.indeterminate = here > 0 && here < this.views.length;
    const was = this.bar.hidden;
    if (!many && this.bar.contains(document.activeElement)) this.all.focus({ preventScroll: true });
    this.bar.hidden = !many;
    if (!many) return;
    const button = (/** @type {string} */ text, /** @type {() => void} */ click, /** @type {string} */ kind = "") =>
      el("button", { type: "button", class: `tr-button ${kind}`, on: { click } }, text);
    const ids = () => [...this.selected];
    const held = document.activeElement instanceof HTMLElement && this.bar.contains(document.activeElement) ? document.activeElement.textContent : "";
    this.bar.replaceChildren(el("strong", { text: fill(labels.selected, { n: many.toLocaleString() }) }),
      many < found ? button(fill(labels.select_found, { n: found.toLocaleString() }), () => this.#selectFound()) : "",
      button(labels.replace, () => this.ask("replace", ids())), button(labels.delete, () => this.ask("delete", ids()), "an-bad"),
      button(labels.clear, () => this.clear()));
    for (const each of this.bar.querySelectorAll("button")) if (held && each.textContent === held) each.focus();
    if (was) this.announcer.say(fill(labels.selected, { n: many }));
  }

  #tell() {
    this.#select();
    clearTimeout(this.#telling);
    this.#telling = window.setTimeout(() => this.act({ act: "select", ids: [...this.selected] }), TELL_MS);
  }

  /** @param {string} id */
  check(id) {
    if (!this.selected.delete(id)) this.selected.add(id);
    this.#tell();
  }

  clear() {
    this.selected.clear();
    this.#tell();
  }

  #selectPage() {
    for (const { row } of this.views) this.all.checked ? this.selected.add(row.id) : this.selected.delete(row.id);
    this.#tell();
  }

  #selectFound() {
    clearTimeout(this.#telling); // what was ticked just before would be told afterwards, as if it were all
    this.act({ act: "select_found" });
  }

  /** @param {number} index */
  go(index) {
    if (!this.views.length) return;
    this.current = Math.max(0, Math.min(index, this.views.length - 1));
    this.#mark();
    const { root } = this.views[this.current];
    root.focus({ preventScroll: true });
    root.scrollIntoView({ block: "nearest" });
  }

  #mark() {
    this.views.forEach((each, index) => (each.root.tabIndex = index === this.current ? 0 : -1));
  }

  /** What was typed or selected last is told all the same: another list may stand here in the next moment. */
  close() {
    this.stopKeys();
    for (const each of this.views) each.destroy();
  }
}

export const mount = mounting((data, emit) => new List(data, emit));
