/** The directory of end users: searched and sorted by the server, more of them on the way down. */
import { el, icon } from "../dom.js";
import { Calls, Trouble } from "./calls.js";
import { Endless } from "./endless.js";
import { symbol } from "./icons.js";
import { counted, fill, LABELS } from "./labels.js";
import { mounting } from "./mounting.js";
import { keepPlace } from "./place.js";

const PAUSE_MS = 120; // after the last letter
const WORDS = LABELS.people;
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} user          the external id; "" where it is not known
 * @property {string} end_user_id   Dify's own; "" where it is not known
 * @property {string} name
 * @property {string} type
 * @property {boolean|null} anonymous
 * @property {string[]} how
 * @property {number} first_seen    unix seconds
 * @property {number} last_seen
 * @property {number} conversations
 */

class People {
  #shown = 0;
  #clock = 0;

  /** @param {{app: string}} data @param {import("./mounting.js").Emit} emit */
  constructor(data, emit) {
    this.calls = new Calls(data.app);
    this.emit = emit;
    const kept = JSON.parse(sessionStorage.getItem(this.#name) ?? "{}");
    this.words = el("input", { type: "search", "aria-label": WORDS.search, placeholder: WORDS.search, dir: "auto", on: { input: () => this.#changed(PAUSE_MS) } });
    this.sort = el("select", { "aria-label": LABELS.sort, on: { change: () => this.#changed(0) } },
      ...Object.entries(WORDS.sorts).map(([value, text]) => el("option", { value, text })));
    this.words.value = kept.words ?? "";
    this.sort.value = kept.sort ?? "-last_seen";
    this.status = el("span", { class: "ls-status", role: "status" });
    this.body = el("tbody");
    this.table = el("table", { class: "ls-people", hidden: true },
      el("caption", { class: "tr-hidden", text: WORDS.list }),
      el("thead", {}, el("tr", {}, ...Object.entries(WORDS.columns).map(([name, text]) => el("th", { scope: "col", class: `ls-${name}`, text })))), this.body);
    this.note = el("p", { class: "ls-note", hidden: true });
    this.rows = new Endless({
      ask: (after, signal) => this.#ask(after, signal),
      take: (page, first) => this.#take(page, first),
      failed: (error) => this.#failed(error),
    });
    this.root = el("div", { class: "ls-root ls-history" },
      el("div", { class: "ls-filters", role: "search" }, el("label", { class: "ls-search" }, symbol("search"), this.words), el("label", {}, this.sort), this.status),
      this.table, this.note, this.rows.more);
    this.rows.begin();
  }

  /** @param {{app: string}} data @param {import("./mounting.js").Emit} emit */
  update(data, emit) {
    this.emit = emit;
    if (this.calls.app === data.app) return;
    this.calls = new Calls(data.app);
    this.rows.begin();
  }

  /** Where the tab keeps what was typed. */
  get #name() {
    return `people-${this.calls.app}`;
  }

  /** @param {number} pause */
  #changed(pause) {
    sessionStorage.setItem(this.#name, JSON.stringify({ words: this.words.value, sort: this.sort.value }));
    clearTimeout(this.#clock);
    this.#clock = window.setTimeout(() => this.rows.begin(), pause);
  }

  /** @param {string|null} after @param {AbortSignal} signal */
  #ask(after, signal) {
    if (!this.#shown) this.status.textContent = LABELS.loading;
    return this.calls.get("people/rows", { q: this.words.value.trim(), sort: this.sort.value, after }, signal);
  }

  /** @param {unknown} error */
  #failed(error) {
    this.status.textContent = "";
    this.#say(`${LABELS.unreadable} ${error instanceof Trouble ? error.message : ""}`, "error");
  }

  /** @param {{rows: Row[], after: string|null, total: number}} page @param {boolean} first */
  #take(page, first) {
    const rows = page.rows.map((row) => this.#row(row));
    const back = keepPlace(this.body);
    if (first) this.body.replaceChildren(...rows);
    else this.body.append(...rows);
    back();
    this.#shown = this.body.children.length;
    this.table.hidden = !this.#shown;
    this.status.textContent = counted(WORDS.count, page.total);
    this.#say(this.#shown ? "" : this.words.value.trim() ? WORDS.no_match : WORDS.empty);
  }

  /** @param {Row} row */
  #row(row) {
    const shown = row.name || row.user || row.end_user_id;
    const ids = [row.user, row.end_user_id].filter((id) => id && id !== shown);
    const open = () => this.emit("act", { act: "open", id: row.id });
    const how = row.how.map((each) => /** @type {Record<string, string>} */ (WORDS.how)[each] ?? each);
    const kind = [row.type, row.anonymous && WORDS.anonymous].filter(Boolean);
    const cell = (/** @type {string} */ name, /** @type {(string|Node)[]} */ ...held) =>
      el("td", { class: `ls-${name}`, "data-label": /** @type {Record<string, string>} */ (WORDS.columns)[name] }, ...held);
    // A type breaks at no hyphen of its own.
    const kinds = kind.flatMap((text, at) => [at ? ", " : "", el("span", { class: "ls-whole", text: String(text) })]);
    return el("tr", { "data-id": row.id },
      el("th", { scope: "row", class: "ls-person-name" },
        el("button", { type: "button", class: "ls-open", "aria-label": fill(WORDS.open, { name: shown }), on: { click: open } }, el("bdi", { text: shown })),
        ...ids.map((id) => el("p", { class: "ls-meta", dir: "auto", text: id }))),
      cell("kind", ...(kinds.length ? kinds : ["–"])), cell("first", DATE.format(row.first_seen * 1000)), cell("last", DATE.format(row.last_seen * 1000)),
      cell("known", row.conversations ? row.conversations.toLocaleString() : "–"), cell("how", how.join(", ") || "–"));
  }

  /** @param {string} words @param {"error"} [sign] */
  #say(words, sign) {
    this.note.hidden = !words;
    this.note.replaceChildren(...(sign ? [icon(sign)] : []), words);
  }

  close() {
    clearTimeout(this.#clock);
    this.rows.close();
  }
}

export const mount = mounting((data, emit) => new People(data, emit));
