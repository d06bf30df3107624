/** All conversations, whatever their number: sorted, filtered, searched, selected; more of them on the way down. */
import { el, icon } from "../dom.js";
import { Calls, Trouble } from "./calls.js";
import { Endless } from "./endless.js";
import { exportFile, formats } from "./exporting.js";
import { Filters } from "./filters.js";
import { counted, fill, LABELS } from "./labels.js";
import { openMenu } from "./menu.js";
import { mounting } from "./mounting.js";
import { pending } from "./pending.js";
import { keepPlace, swap } from "./place.js";
import { inUse, remove, tell } from "./row.js";
import { Entry } from "./entry.js";

const AGAIN_MS = 1_000; // while the server still reads the list

class History {
  /** @type {Map<string, Entry>} in the order of the list */
  #entries = new Map();
  /** @type {Set<string>} */
  #selected = new Set();
  #again = 0;

  /** @param {{assets: string, app: string, reads?: boolean}} data @param {import("./mounting.js").Emit} emit */
  constructor(data, emit) {
    this.calls = new Calls(data.app);
    this.reads = Boolean(data.reads);
    this.emit = emit;
    this.filters = new Filters(data.app, () => this.#begin());
    const button = (/** @type {string} */ text, /** @type {(event: MouseEvent) => void} */ click, props = {}) =>
      el("button", { type: "button", class: "ls-button", text, on: { click }, ...props });
    const choose = (/** @type {MouseEvent} */ event, /** @type {string} */ name, /** @type {() => any} */ wanted) =>
      openMenu(/** @type {HTMLElement} */ (event.currentTarget), name, formats((how) => exportFile(this.calls, wanted(), how, this.root)), this.root);
    this.all = el("input", { type: "checkbox", "aria-label": LABELS.select_all, title: LABELS.select_all, on: { change: () => this.#selectAll() } });
    this.status = el("span", { class: "ls-status", role: "status" });
    this.exportAll = button("", (event) => choose(event, LABELS.export, () => ({ query: this.filters.query })), { "aria-haspopup": "menu" });
    this.shares = button(LABELS.shares, () => this.act({ act: "shares" }));
    this.bar = el("div", { class: "ls-bar" }, el("label", { class: "ls-all" }, this.all), this.status, this.exportAll, this.shares);
    this.count = el("strong", { role: "status" });
    this.bulk = el("div", { class: "ls-bulk", hidden: true }, this.count,
      button(LABELS.export, (event) => choose(event, LABELS.export, () => ({ ids: [...this.#selected] })), { "aria-haspopup": "menu" }),
      !this.reads && button(LABELS.delete, () => this.#delete(), { class: "ls-button ls-danger" }),
      button(LABELS.unselect, () => this.#select([], true)));
    this.list = el("ul", { class: "ls-entries", "aria-label": LABELS.list });
    this.note = el("p", { class: "ls-note", hidden: true });
    this.rows = new Endless({
      ask: (after, signal) => this.#ask(after, signal),
      take: (page, first) => this.#take(page, first),
      failed: (error) => this.#failed(error),
    });
    this.root = el("div", { class: "ls-root ls-history" }, this.filters.root, this.bar, this.bulk, this.list, this.note, this.rows.more);
    this.unfollow = pending.follow(() => this.#hide());
    this.#begin();
  }

  /** @param {{app: string}} data @param {import("./mounting.js").Emit} emit */
  update(data, emit) {
    this.emit = emit;
    if (this.calls.app === data.app) return;
    this.calls = new Calls(data.app);
    this.#begin();
  }

  /** From the first row on. */
  #begin() {
    clearTimeout(this.#again);
    this.rows.begin();
  }

  /** @param {string|null} after @param {AbortSignal} signal */
  #ask(after, signal) {
    if (!this.#entries.size) this.status.textContent = LABELS.loading;
    return this.calls.get("conversations", { ...this.filters.query, after }, signal);
  }

  /** @param {{rows: import("./entry.js").Row[], after: string|null, reading: boolean, known: number}} page @param {boolean} first */
  #take(page, first) {
    if (first && page.reading && inUse(this.root)) {
      this.#again = window.setTimeout(() => this.#begin(), AGAIN_MS);
      return false;
    }
    const back = keepPlace(this.list);
    if (first) {
      this.#entries.clear();
      this.list.replaceChildren();
    }
    const fresh = page.rows.filter(({ id }) => !this.#entries.has(id)).map((row) => new Entry(this, row, this.#selected.has(row.id)));
    for (const entry of fresh) this.#entries.set(entry.row.id, entry);
    this.list.append(...fresh.map((entry) => entry.root));
    this.#hide();
    back();
    if (page.reading) {
      this.status.textContent = fill(LABELS.reading, { n: page.known.toLocaleString() });
      this.#again = window.setTimeout(() => this.#begin(), AGAIN_MS);
    }
    this.#note(page.reading || this.#shown ? "" : this.filters.active ? LABELS.no_match : LABELS.empty);
    return true;
  }

  /** @param {unknown} error */
  #failed(error) {
    this.status.textContent = "";
    this.#note(`${LABELS.unreadable} ${error instanceof Trouble ? error.message : ""}`, "error");
  }

  /** @param {string} words @param {"error"} [sign] */
  #note(words, sign) {
    this.note.hidden = !words;
    this.note.replaceChildren(...(sign ? [icon(sign)] : []), words);
  }

  get #shown() {
    return [...this.#entries.values()].filter((entry) => !entry.root.hidden).length;
  }

  /** What waits to be deleted is not shown; it comes back when that is undone. */
  #hide() {
    const back = keepPlace(this.list);
    for (const [id, entry] of this.#entries) entry.root.hidden = pending.hidden.has(id);
    back();
    for (const id of this.#selected) if (pending.hidden.has(id)) this.#selected.delete(id);
    const n = this.#shown;
    this.status.textContent = this.rows.after ? fill(LABELS.shown_more, { n: n.toLocaleString() }) : counted(LABELS.shown, n);
    this.exportAll.textContent = this.filters.active ? LABELS.export_found : LABELS.export_all;
    this.bar.classList.toggle("ls-empty", !n);
    this.#marked();
  }

  #selectAll() {
    this.#select([...this.#entries.values()].filter((entry) => !entry.root.hidden).map((entry) => entry.row.id), !this.all.checked);
  }

  /** @param {string[]} ids @param {boolean} [none] */
  #select(ids, none = false) {
    if (none) this.#selected.clear();
    else for (const id of ids) this.#selected.add(id);
    for (const [id, entry] of this.#entries) entry.box.checked = this.#selected.has(id);
    this.#marked();
  }

  /** @param {string} id @param {boolean} on */
  toggle(id, on) {
    if (on) this.#selected.add(id);
    else this.#selected.delete(id);
    this.#marked();
  }

  #marked() {
    const n = this.#selected.size;
    if (n) swap(this.bulk, this.bar);
    else swap(this.bar, this.bulk);
    this.count.textContent = counted(LABELS.selected, n);
    this.all.checked = n > 0 && n >= this.#shown;
  }

  async #delete() {
    const ids = [...this.#selected];
    try {
      await remove(this, ids);
      this.#select([], true);
    } catch (error) {
      tell(this.root, error);
    }
  }

  /** @param {{act: string, [key: string]: unknown}} intent */
  act(intent) {
    this.emit("act", intent);
  }

  /** @param {string} id @param {object} part */
  changed(id, part) {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const fresh = new Entry(this, { ...entry.row, ...part }, this.#selected.has(id));
    this.#entries.set(id, fresh);
    const focused = entry.root.contains(document.activeElement);
    entry.root.replaceWith(fresh.root);
    if (focused) fresh.root.querySelector("button")?.focus();
  }

  close() {
    clearTimeout(this.#again);
    this.rows.close();
    this.filters.close();
    this.unfollow();
  }
}

export const mount = mounting((data, emit) => new History(data, emit));
