/** The newest conversations beside every page: pinned first, then by date; each opens, and has a menu. */
import { el, hidden } from "../dom.js";
import { Calls } from "./calls.js";
import { grouped } from "./groups.js";
import { LABELS } from "./labels.js";
import { mounting } from "./mounting.js";
import { pending } from "./pending.js";
import { inUse, moreButton } from "./row.js";

/**
 * @typedef {object} Data
 * @property {string} assets
 * @property {string} app
 * @property {boolean} [reads]       they may change nothing
 * @property {string|null} current   id of the conversation on the screen
 * @property {{id: string, name: string, at: number|null, pinned?: boolean, running?: boolean}[]|null} rows null: unreadable
 * @property {import("./pending.js").Waiting|null} waiting
 */

class Sidebar {
  #said = "";
  #waits = "";
  #day = "";
  /** @type {string|null} the conversation that was on the screen when the list was last drawn */
  #at = null;

  /** @param {Data} data @param {import("./mounting.js").Emit} emit */
  constructor(data, emit) {
    this.root = el("nav", { class: "ls-root ls-sidebar", "aria-label": LABELS.list });
    this.calls = new Calls(data.app);
    this.reads = Boolean(data.reads);
    this.root.addEventListener("ls-free", () => this.#draw());
    this.update(data, emit);
    this.unfollow = pending.follow(() => this.#draw());
  }

  /** @param {Data} data @param {import("./mounting.js").Emit} emit */
  update(data, emit) {
    this.data = data;
    this.emit = emit;
    this.reads = Boolean(data.reads);
    const moved = this.calls.app !== data.app;
    if (moved) this.calls = new Calls(data.app); // what was begun, and may be undone, is another app's
    const waits = JSON.stringify(data.waiting?.pending.map(({ id }) => id) ?? []) + data.waiting?.trying;
    const idle = !data.waiting?.pending.length && !data.waiting?.trying;
    if (data.waiting && waits !== this.#waits && !(moved && idle)) pending.show(this.calls, data.waiting, this.root);
    this.#waits = waits;
    const said = JSON.stringify([data.rows, data.current]);
    if (said !== this.#said || this.#day !== new Date().toDateString()) this.#draw();
    this.#said = said;
  }

  #draw() {
    const { data } = this;
    if (inUse(this.root)) return;
    const focused = /** @type {HTMLElement|null} */ (this.root.contains(document.activeElement) ? document.activeElement : null);
    // Whoever opened one goes on in the composer: the transcript sees to that.
    const back = this.#at === this.data?.current ? focused?.closest("li")?.dataset.id : null;
    this.#at = this.data?.current ?? null;
    this.#day = new Date().toDateString();
    const rows = (data?.rows ?? []).filter(({ id }) => !pending.hidden.has(id));
    const groups = grouped(rows).map(([name, some]) =>
      el("section", {}, el("h3", { text: name }), el("ul", {}, ...some.map((row) => this.#row(row)))));
    const empty = data?.rows == null ? LABELS.unreadable : LABELS.none;
    this.root.replaceChildren(...(groups.length ? groups : [el("p", { class: "ls-note", text: empty })]));
    if (back) /** @type {HTMLElement|null} */ (this.root.querySelector(`li[data-id="${CSS.escape(back)}"] button`))?.focus();
  }

  /** @param {NonNullable<Data["rows"]>[number]} row */
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
    const row = this.data?.rows?.find((row) => row.id === id);
    if (row) Object.assign(row, part);
    this.#draw();
  }

  close() {
    this.unfollow();
  }
}

export const mount = mounting((data, emit) => new Sidebar(data, emit));
