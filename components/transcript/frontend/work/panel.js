/** Beside a conversation: how far the work on it is, whose it is, its tags and the staff's private notes. */
import { el, icon, iconButton } from "../dom.js";
import { dress } from "../dress.js";
import { Calls } from "../lists/calls.js";
import { fill } from "../lists/labels.js";
import { mounting } from "../lists/mounting.js";
import { follow } from "../news.js";
import { followTheme } from "../theme.js";
import { Cover } from "./cover.js";
import { LABELS } from "./labels.js";
import { Notes } from "./notes.js";
import { chip, tagField } from "./tags.js";
import { assignees, called, meanwhile, problem } from "./words.js";

const OPEN = "work-panel-open";
const NARROW = "(max-width: 64rem)"; // there it stands over the conversation

/** @typedef {{user: string, id: string, title: string, status: string, assignee: string, tags: string[], at: number, notes: number}} Case */
/** @typedef {{assets: string, app: string, user: string, id: string, key: string, message: string, open: boolean, notes: number}} Data */

export class Panel {
  /** @type {import("./words.js").Person[]} */
  staff = [];
  me = "";
  /** @type {Case|null} */
  case = null;
  #asking = new AbortController();
  #listening = new AbortController();

  /** @param {Data} data */
  constructor(data) {
    dress(data.assets, document.body, ["style.css", "markdown.css", "work/work.css"]);
    this.data = data;
    this.calls = new Calls(data.app);
    this.count = el("span", { class: "wk-count" });
    this.opener = el("button", { type: "button", class: "wk-opener", "aria-expanded": "false", on: { click: () => this.#open(this.sheet.hidden) } },
      icon("note"), el("span", { text: LABELS.open_panel }), this.count);
    this.statuses = el("div", { class: "wk-statuses", role: "group", "aria-label": LABELS.status });
    this.assignee = el("select", { class: "wk-field", "aria-label": LABELS.assignee, on: { change: () => this.#set({ assignee: this.assignee.value }) } });
    this.tags = el("div", { class: "wk-tags" });
    this.tag = tagField((tag) => this.#set({ add: [tag] }));
    this.trouble = el("div", { class: "wk-trouble", role: "alert" });
    this.notes = new Notes(this);
    const cross = iconButton("close", LABELS.close, () => this.#open(false));
    cross.className = "ls-more";
    this.sheet = el("aside", { class: "wk-panel", hidden: true, "aria-label": LABELS.panel },
      el("header", {}, el("h2", { text: LABELS.panel }), cross), this.trouble,
      el("section", { class: "wk-section" }, this.statuses,
        el("label", {}, el("span", { text: LABELS.assignee }), this.assignee),
        el("div", { class: "wk-label", text: LABELS.tags }), this.tags, this.tag.root),
      this.notes.root);
    this.root = el("div", { class: "ls-root wk-root" }, this.opener, this.sheet);
    this.cover = new Cover(this.sheet, this.root, LABELS.panel, () => this.#open(false));
    followTheme(this.root, [this.root]);
    const { signal } = this.#listening;
    document.addEventListener("work-note", (event) => this.#note(/** @type {CustomEvent} */ (event).detail), { signal });
    this.sheet.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      event.preventDefault(); // it would stop a running answer
      this.#open(false);
    });
    this.counted(data.notes);
    this.unfollow = follow(({ key, id }) => this.#named(key, id));
    this.opener.hidden = !data.id;
    if (data.id && (data.open || sessionStorage.getItem(OPEN)) && !matchMedia(NARROW).matches) this.#open(true, false);
  }

  /** Dify has named the conversation on the page. @param {string|null} key @param {string|null} id */
  #named(key, id) {
    if (!id || this.data.id || !key || key !== this.data.key) return;
    this.data = { ...this.data, id };
    this.#begin();
  }

  /** Another conversation than before, of which nothing is known yet. */
  #begin() {
    this.opener.hidden = !this.data.id;
    this.#asking.abort();
    this.case = null;
    this.notes.close();
    const fresh = new Notes(this);
    this.notes.root.replaceWith(fresh.root);
    this.notes = fresh;
    this.counted(this.data.notes);
    if (!this.data.id) this.#open(false, false);
    else if (!this.sheet.hidden) void this.#load();
  }

  get place() {
    return { user: this.data.user, id: this.data.id };
  }

  /** Names what is typed here and not saved yet. */
  get name() {
    return `${this.data.app}-${this.data.id}`;
  }

  /** @param {boolean} open @param {boolean} [told] by the person, and so for the next conversation too */
  #open(open, told = true) {
    this.sheet.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    const held = document.activeElement;
    this.cover.lay();
    if (open && !this.case) void this.#load();
    if (!told) return;
    if (open) sessionStorage.setItem(OPEN, "1");
    else sessionStorage.removeItem(OPEN);
    if (open) this.sheet.querySelector("button")?.focus();
    else if ([held, document.body].includes(document.activeElement)) this.opener.focus(); // a dialog has given it back already
  }

  /** Somebody wants to write about a message. @param {{message: string, query: string}} wanted */
  #note({ message, query }) {
    if (!this.data.id) return;
    this.#open(true);
    this.notes.about({ id: message, query });
    this.notes.field.focus();
  }

  /** @param {string} message */
  find(message) {
    document.dispatchEvent(new CustomEvent("transcript-find", { detail: message }));
    if (matchMedia(NARROW).matches) this.#open(false);
  }

  async #load() {
    this.#asking.abort();
    const { signal } = (this.#asking = new AbortController());
    try {
      const found = await this.calls.get("cases/one", this.place, signal);
      if (signal.aborted) return;
      this.staff = found.staff;
      this.me = found.me;
      this.tag.suggest(found.tags);
      this.#show(found.case);
      this.notes.show(found.notes);
    } catch (error) {
      if (!signal.aborted) this.trouble.replaceChildren(el("p", { class: "ls-problem", text: problem(error) }));
    }
  }

  /** @param {Case} now */
  #show(now) {
    this.case = now;
    const held = document.activeElement;
    const inside = this.statuses.contains(held);
    this.statuses.replaceChildren(...Object.entries(LABELS.statuses).map(([status, text]) => el("button", {
      type: "button", class: `wk-status wk-${status}`, "aria-pressed": String(status === now.status), text,
      on: { click: () => this.#set({ status }) },
    })));
    if (inside) this.statuses.querySelector("[aria-pressed=true]")?.focus();
    const people = assignees(this.staff, this.me);
    if (!people.some(([user]) => user === now.assignee)) people.push([now.assignee, called(now.assignee, this.staff, this.me)]);
    this.assignee.replaceChildren(...people.map(([value, text]) => el("option", { value, text })));
    this.assignee.value = now.assignee;
    this.tags.replaceChildren(...now.tags.map((tag) => chip(tag, () => this.#set({ remove: [tag] }))));
  }

  /** @param {number} n */
  counted(n) {
    this.count.textContent = n ? String(n) : "";
    this.opener.setAttribute("aria-label", n ? `${LABELS.open_panel}: ${n}` : LABELS.open_panel);
  }

  /** @param {{status?: string, assignee?: string, add?: string[], remove?: string[]}} change @param {Case|null} [seen] */
  async #set(change, seen = this.case) {
    this.trouble.replaceChildren();
    try {
      const known = seen && { status: seen.status, assignee: seen.assignee };
      const { rows } = await this.calls.post("cases/change", { cases: [this.place], ...change, ...(known && { seen: known }) });
      this.#show(rows[0]);
    } catch (error) {
      const now = /** @type {Case|null} */ (meanwhile(error));
      if (now) return this.#decide(change, now);
      this.trouble.replaceChildren(el("p", { class: "ls-problem", text: problem(error) }));
      if (this.case) this.#show(this.case);
    }
  }

  /** Somebody else was faster: what they chose is shown, and mine offered. @param {{status?: string, assignee?: string}} change @param {Case} now */
  #decide(change, now) {
    this.#show(now);
    const named = (/** @type {{status?: string, assignee?: string}} */ { status, assignee }) => change.status
      ? /** @type {Record<string, string>} */ (LABELS.statuses)[status ?? ""]
      : called(assignee ?? "", this.staff, this.me);
    const button = (/** @type {string} */ text, /** @type {() => void} */ click) => el("button", { type: "button", class: "ls-button", text, on: { click } });
    this.trouble.replaceChildren(el("p", { text: fill(LABELS.meanwhile, { now: named(now) }) }),
      button(fill(LABELS.set_anyway, { wanted: named(change) }), () => this.#set(change, now)),
      button(LABELS.keep_theirs, () => this.trouble.replaceChildren()));
  }

  /** @param {Data} data */
  update(data) {
    const same = data.app === this.data.app && data.user === this.data.user && data.id === this.data.id;
    this.data = data;
    if (same) return;
    this.calls = new Calls(data.app);
    this.#begin();
  }

  close() {
    this.unfollow();
    this.#asking.abort();
    this.#listening.abort();
    this.cover.close();
    this.notes.close();
  }
}

export const mount = mounting((/** @type {Data} */ data) => new Panel(data));
