/** One rating: what, why, by whom and when, and whether somebody has seen to it. */
import { el, icon } from "../dom.js";
import { fill } from "./labels.js";
import { LABELS } from "./feedback_labels.js";

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const CHANGED_S = 60; // later than that it is another opinion, no second thought while typing

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {"like"|"dislike"} rating
 * @property {string} content      "" for no reason
 * @property {"user"|"admin"} source
 * @property {string} who          "" as long as nobody has asked
 * @property {string} end_user     the first letters of Dify's id of the end user; "" where it names none
 * @property {number} created_at   unix seconds
 * @property {number} updated_at
 * @property {number|null} handled_at
 * @property {string} handled_by   "" for the reader
 */

const when = (/** @type {number} */ seconds) => DATE.format(seconds * 1000);

/** @param {Row} row */
function who({ who: name, source, end_user: id }) {
  if (name) return name;
  if (source === "admin") return LABELS.team;
  return id ? fill(LABELS.end_user, { id }) : LABELS.anonymous;
}

export class RowView {
  /** @param {Row} row @param {{open(row: Row): void, handle(view: RowView): void, at(view: RowView): void}} list */
  constructor(row, list) {
    this.row = row;
    this.button = el("button", { type: "button", class: "ls-button", on: { click: () => list.handle(this) } });
    this.state = el("span", { class: "fb-state" });
    const text = el("button", { type: "button", class: "ls-open", on: { click: () => list.open(this.row) } },
      el("bdi", { class: row.content ? "" : "fb-none", text: row.content || LABELS.no_reason }));
    const dates = [fill(LABELS.given, { time: when(row.created_at) })];
    if (row.updated_at - row.created_at > CHANGED_S) dates.push(fill(LABELS.changed, { time: when(row.updated_at) }));
    const meta = el("p", { class: "ls-meta" }, el("bdi", { text: who(row) }), ` · ${dates.join(", ")}`, this.state);
    const sign = el("span", { class: `fb-sign fb-${row.rating}`, title: LABELS[row.rating] }, icon(row.rating), el("span", { class: "tr-hidden", text: LABELS[row.rating] }));
    this.root = el("li", { class: "fb-row", tabindex: -1, "data-id": row.id, on: { focusin: () => list.at(this) } },
      el("div", { class: "ls-line" }, sign, el("div", { class: "ls-body" }, text, meta), this.button));
    this.mark(row);
  }

  /** @param {Partial<Row>} now what is known of its state */
  mark(now) {
    this.row = { ...this.row, ...now };
    const { handled_at: at, handled_by: by } = this.row;
    const words = by ? LABELS.handled_by : LABELS.handled_by_you;
    this.state.textContent = at ? ` · ${fill(words, { id: by, time: when(at) })}` : "";
    this.button.textContent = at ? LABELS.reopen : LABELS.handle;
    this.root.classList.toggle("fb-handled", Boolean(at));
  }
}
