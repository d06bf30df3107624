/** The newest conversations beside every page: pinned first, then by date; each opens, and has a menu. */
import { el, hidden } from "../dom.js";
import { follow } from "../news.js";
import { Calls } from "./calls.js";
import { grouped } from "./groups.js";
import { LABELS } from "./labels.js";
import { mounting } from "./mounting.js";
import { pending } from "./pending.js";
import { keepPlace } from "./place.js";
import { inUse, moreButton } from "./row.js";

/**
 * @typedef {object} Data
 * @property {string} assets
 * @property {string} app
 * @property {boolean} [reads]       they may change nothing
 * @property {string|null} current   id of the conversation on the screen, once Dify has named it
 * @property {string|null} key       its key, which it has from the beginning
 */
/** @typedef {{id: string, name: string, at: number|null, pinned?: boolean, running?: boolean}} Row */

const FRESH_MS = 5_000; // a list read so lately is not read again for a tab that is looked at again

class Sidebar {
  /** @type {Row[]|null|undefined} null: unreadable; undefined: not read yet */
  #rows = undefined;
  /** @type {import("./pending.js").Waiting|null} */
  #waiting = null;
  #version = ""; // of what was read
  #said = "";
  #waits = "";
  #readAt = 0;
  #reading = new AbortController();
  #listening = new AbortController();
  /** @type {string|null} the conversation that was on the screen when the list was last drawn */
  #at = null;

  /** @param {Data} data @param {import("./mounting.js").Emit} emit */
  constructor(data, emit) {
    this.root = el("nav", { class: "ls-root ls-sidebar", "aria-label": LABELS.list });
    this.root.addEventListener("ls-free", () => this.#draw());
    this.update(data, emit);
    const unfollow = [pending.follow(() => this.#draw()), follow((news) => this.#hear(news))];
    const { signal } = this.#listening;
    signal.addEventListener("abort", () => unfollow.forEach((end) => end()));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && Date.now() - this.#readAt > FRESH_MS) this.#read();
    }, { signal });
  }

  /** @param {Data} data @param {import("./mounting.js").Emit} emit */
  update(data, emit) {
    const moved = this.data?.app !== data.app;
    this.data = data;
    this.emit = emit;
    this.reads = Boolean(data.reads);
    if (moved) {
      this.calls = new Calls(data.app); // what was begun, and may be undone, is another app's
      this.#rows = undefined;
      this.#version = "";
    }
    this.#draw();
    this.#read(moved);
  }

  /** @param {import("../news.js").News} news */
  #hear({ key, id, running, stale }) {
    if (key && key === this.data?.key && id) this.data.current ??= id;
    if (id && running !== undefined) this.#change(id, { running });
    this.#draw();
    if (stale) this.#read();
  }

  /** @param {boolean} [moved] from another app */
  async #read(moved = false) {
    this.#reading.abort();
    const { signal } = (this.#reading = new AbortController());
    try {
      const found = await this.calls.get("conversations/newest", { known: this.#version }, signal);
      if (signal.aborted) return;
      if (found.version) {
        this.#rows = found.rows ?? this.#rows ?? null;
        this.#waiting = found.waiting;
        this.#version = found.version;
      }
    } catch {
      if (signal.aborted) return;
      this.#rows ??= null;
    }
    this.#readAt = Date.now();
    this.#remind(moved);
    this.#draw();
  }

  /** Says what waits to be deleted, unless that was said. @param {boolean} moved */
  #remind(moved) {
    const waiting = this.#waiting;
    const waits = JSON.stringify(waiting?.pending.map(({ id }) => id) ?? []) + waiting?.trying;
    const idle = !waiting?.pending.length && !waiting?.trying;
    if (waiting && waits !== this.#waits && !(moved && idle)) pending.show(this.calls, waiting, this.root);
    this.#waits = waits;
  }

  #draw() {
    if (inUse(this.root) || this.#rows === undefined) return;
    const said = JSON.stringify([this.#rows, this.data?.current, new Date().toDateString(), [...pending.hidden]]);
    if (said === this.#said) return;
    this.#said = said;
    // Whoever opened one goes on in the composer: the transcript sees to that.
    const back = this.#at === this.data?.current ? keepPlace(this.root) : null;
    this.#at = this.data?.current ?? null;
    const rows = (this.#rows ?? []).filter(({ id }) => !pending.hidden.has(id));
    const groups = grouped(rows).map(([name, some]) =>
      el("section", {}, el("h3", { text: name }), el("ul", {}, ...some.map((row) => this.#row(row)))));
    const empty = this.#rows === null ? LABELS.unreadable : LABELS.none;
    this.root.replaceChildren(...(groups.length ? groups : [el("p", { class: "ls-note", text: empty })]));
    back?.();
  }

  /** @param {Row} row */
  #row(row) {
    const name = row.name || LABELS.unnamed;
    const open = el("button", {
      type: "button", class: "ls-open", title: name, "aria-current": row.id === this.data?.current ? "page" : null,
      on: { click: () => this.act({ act: "open", id: row.id }) },
    }, el("bdi", { text: name }), row.running && el("span", { class: "ls-running", title: LABELS.running }, hidden(LABELS.running)));
    const place = el("div", { class: "ls-line" }, open);
    place.append(moreButton(this, row, place));
    return el("li", { "data-id": row.id }, place);
  }

  /** @param {{act: string, [key: string]: unknown}} intent */
  act(intent) {
    this.emit?.("act", intent);
  }

  /** @param {string} id @param {object} part */
  changed(id, part) {
    this.#change(id, part);
    this.#draw();
  }

  /** @param {string} id @param {object} part */
  #change(id, part) {
    const row = this.#rows?.find((row) => row.id === id);
    if (!row) return;
    Object.assign(row, part);
    this.#version = ""; // no longer what the server told
  }

  close() {
    this.#listening.abort();
    this.#reading.abort();
  }
}

export const mount = mounting((data, emit) => new Sidebar(data, emit));
