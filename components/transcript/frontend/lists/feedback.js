/** All feedback of an app, newest first: filtered, worked through by keyboard; more of it on the way down. */
import { el, icon } from "../dom.js";
import { Calls, Trouble } from "./calls.js";
import { keys } from "./keys.js";
import { counted, fill } from "./labels.js";
import { mounting } from "./mounting.js";
import { keepPlace } from "./place.js";
import { tell } from "./row.js";
import { Filters } from "./feedback_filters.js";
import { LABELS } from "./feedback_labels.js";
import { RowView } from "./feedback_row.js";

const AGAIN_MS = 1_000; // while the server still reads the list

class Inbox {
  /** @type {RowView[]} */
  #views = [];
  #current = 0;
  /** @type {string|null} */
  #after = null;
  #found = 0;
  #asking = new AbortController();
  #loading = false;
  #again = 0;
  #shown = "";

  /** @param {{assets: string, app: string, at: string}} data @param {import("./mounting.js").Emit} emit */
  constructor(data, emit) {
    this.emit = emit;
    this.calls = new Calls(data.app);
    this.wanted = data.at;
    this.filters = new Filters(data.app, () => this.#begin());
    this.status = el("span", { class: "ls-status", role: "status" });
    this.list = el("ul", { class: "ls-entries", "aria-label": LABELS.list });
    this.note = el("p", { class: "ls-note", hidden: true });
    this.more = el("button", { type: "button", class: "ls-button", hidden: true, on: { click: () => this.#load() } });
    this.root = el("div", { class: "ls-root ls-history fb-root" }, this.filters.root, el("div", { class: "ls-bar" }, this.status),
      this.list, this.note, this.more, el("p", { class: "ls-meta fb-keys", text: LABELS.keys }));
    this.sight = new IntersectionObserver((looks) => looks.at(-1)?.isIntersecting && this.#after && this.#load(), { rootMargin: "600px" });
    this.sight.observe(this.more);
    this.stopKeys = this.#keys();
    this.#begin();
  }

  /** @param {{app: string, at: string}} data @param {import("./mounting.js").Emit} emit */
  update(data, emit) {
    this.emit = emit;
    if (this.calls.app === data.app) return;
    this.calls = new Calls(data.app);
    this.#begin();
  }

  /** From the newest row on. */
  #begin() {
    this.#stop();
    this.#after = null;
    void this.#load("first");
  }

  #lookSoon() {
    this.#again = window.setTimeout(() => this.#load("look"), AGAIN_MS);
  }

  #stop() {
    clearTimeout(this.#again);
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#loading = false;
  }

  /** @param {"first"|"next"|"look"} what the newest rows, those that follow, or the newest for a look whether there are others */
  async #load(what = "next") {
    if (this.#loading && what === "look") this.#lookSoon();
    if (this.#loading) return;
    if (this.#after === null && what === "next") return this.#begin();
    const { signal } = this.#asking;
    this.#loading = true;
    this.more.textContent = LABELS.loading;
    if (!this.#views.length) this.status.textContent = LABELS.loading;
    const after = what === "next" ? this.#after : null;
    try {
      const page = await this.calls.get("feedbacks", { ...this.filters.query, after }, signal);
      if (!signal.aborted) this.#take(page, what);
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    } finally {
      if (!signal.aborted) this.#loading = false;
    }
  }

  /** @param {{rows: import("./feedback_row.js").Row[], after: string|null, found: number, known: number, complete: boolean, reading: boolean, looking: boolean}} page @param {"first"|"next"|"look"} what */
  #take(page, what) {
    const first = what !== "next";
    this.more.textContent = LABELS.load_more;
    if (first) {
      this.#found = page.found;
      clearTimeout(this.#again);
      if (page.looking) this.#lookSoon();
    }
    this.#tell(page);
    const shown = JSON.stringify(page.rows);
    // Who has gone further down is not taken back.
    if (what === "look" && this.#views.length && (shown === this.#shown || this.#views.length > page.rows.length)) {
      if (this.#views.length === page.rows.length) this.#follow(page.after);
      return;
    }
    if (first) this.#shown = shown;
    const back = keepPlace(this.list);
    if (first) {
      this.#views = [];
      this.list.replaceChildren();
    }
    const known = new Set(this.#views.map(({ row }) => row.id));
    const fresh = page.rows.filter(({ id }) => !known.has(id)).map((row) => new RowView(row, this));
    this.#views.push(...fresh);
    this.list.append(...fresh.map((view) => view.root));
    if (first) this.#begun();
    back();
    // Above it stands how far the reading is, and why it ended.
    this.#say(!page.complete || this.#views.length ? "" : this.filters.active ? LABELS.no_match : LABELS.empty);
    this.#follow(page.after);
  }

  /** At the row that a reader comes back from. */
  #begun() {
    const wanted = this.#views.findIndex(({ row }) => row.id === this.wanted);
    this.#current = Math.max(0, wanted);
    if (wanted >= 0) this.#go(wanted);
    this.wanted = "";
  }

  /** @param {string|null} after where the next page begins */
  #follow(after) {
    this.#after = after;
    this.more.hidden = !after;
    this.sight.unobserve(this.more); // asks again whether it is in sight
    this.sight.observe(this.more);
  }

  /** How many there are. @param {{found: number, known: number, reading: boolean}} page */
  #tell(page) {
    const numbers = { n: this.#found.toLocaleString(), known: page.known.toLocaleString() };
    this.status.textContent = page.reading ? fill(LABELS.reading, numbers)
      : this.#found === page.known ? counted(LABELS.shown, this.#found) : fill(LABELS.found, numbers);
  }

  /** @param {unknown} error */
  #failed(error) {
    this.status.textContent = "";
    this.more.textContent = LABELS.again;
    this.more.hidden = false;
    this.#say(`${LABELS.unreadable} ${error instanceof Trouble ? error.message : ""}`, "error");
  }

  /** @param {string} words @param {"error"} [sign] */
  #say(words, sign) {
    this.note.hidden = !words;
    this.note.replaceChildren(...(sign ? [icon(sign)] : []), words);
  }

  /** @param {RowView} view somebody is there now */
  at(view) {
    this.#current = this.#views.indexOf(view);
  }

  /** @param {import("./feedback_row.js").Row} row @param {boolean} [annotate] */
  open(row, annotate = false) {
    const query = Object.fromEntries(Object.entries(this.filters.query).filter(([, value]) => value != null && value !== "").map(([name, value]) => [name, String(value)]));
    this.emit("act", { act: "open", id: row.id, query, annotate });
  }

  /** @param {RowView} view */
  async handle(view) {
    const before = view.row;
    const handled = !before.handled_at;
    view.mark({ handled_at: handled ? Date.now() / 1000 : null, handled_by: "" });
    try {
      view.mark(await this.calls.post(`feedbacks/${encodeURIComponent(before.id)}/handled`, { handled }));
    } catch (error) {
      view.mark(before);
      tell(this.root, error);
    }
  }

  /** @param {number} index */
  #go(index) {
    if (!this.#views.length) return;
    this.#current = Math.max(0, Math.min(index, this.#views.length - 1));
    const { root } = this.#views[this.#current];
    root.focus({ preventScroll: true });
    root.scrollIntoView({ block: "nearest" });
  }

  #keys() {
    const view = () => this.#views[this.#current];
    const held = () => view()?.root.contains(document.activeElement);
    /** @param {boolean} [correcting] */
    const open = (correcting) => view() && this.open(view().row, correcting);
    const acts = {
      j: () => this.#go(held() ? this.#current + 1 : this.#current),
      k: () => this.#go(this.#current - 1),
      o: () => open(),
      a: () => open(true),
      e: () => open(true),
      h: () => view() && void this.handle(view()),
      "/": () => this.filters.fields.q.focus(),
    };
    const own = { ArrowDown: acts.j, ArrowUp: acts.k, Enter: acts.o };
    return keys({ root: this.root, search: () => this.filters.fields.q, row: ".fb-row", acts, own });
  }

  close() {
    this.#stop();
    this.stopKeys();
    this.sight.disconnect();
    this.filters.close();
  }
}

export const mount = mounting((data, emit) => new Inbox(data, emit));
