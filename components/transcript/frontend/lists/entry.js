/** A conversation in the history list: its title, when and with what, and where the words searched for stand. */
import { el, hidden } from "../dom.js";
import { fill, LABELS } from "./labels.js";
import { symbol } from "./icons.js";
import { moreButton } from "./row.js";

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} name
 * @property {string} [status]
 * @property {string|null} [asked]      the newest question, where this site has seen one
 * @property {string} [introduction]    the same for all conversations of most apps
 * @property {Record<string, string>} [inputs]
 * @property {number|null} created_at   unix seconds
 * @property {number|null} updated_at
 * @property {boolean} [running]
 * @property {boolean} [pinned]
 * @property {string|null} [message]    id of the message in which it was found
 * @property {[string, boolean][]|null} [snippet]  pieces, each with whether it was searched for
 */

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** @param {string} words @param {number|null} seconds */
const when = (words, seconds) => (seconds ? fill(words, { time: DATE.format(seconds * 1000) }) : "");

export class Entry {
  /** @param {import("./row.js").List & {toggle(id: string, on: boolean): void}} list @param {Row} row @param {boolean} selected */
  constructor(list, row, selected) {
    this.row = row;
    const name = row.name || LABELS.unnamed;
    const open = () => list.act({ act: "open", id: row.id, message: row.message ?? null });
    this.box = el("input", { type: "checkbox", "aria-label": fill(LABELS.select, { name }), on: { change: () => list.toggle(row.id, this.box.checked) } });
    this.box.checked = selected;
    const marks = [
      row.pinned && el("span", { class: "ls-mark", title: LABELS.pinned }, symbol("pin"), hidden(LABELS.pinned)),
      row.running && el("span", { class: "ls-running", title: LABELS.running }, hidden(LABELS.running)),
    ];
    const title = el("button", { type: "button", class: "ls-open", on: { click: open } }, el("bdi", { text: name }), ...marks);
    const dates = [when(LABELS.created, row.created_at), when(LABELS.updated, row.updated_at)].filter(Boolean).join(", ");
    const status = row.status && row.status !== "normal" ? ` · ${row.status}` : "";
    const inputs = Object.entries(row.inputs ?? {}).map(([key, value]) => `${key}: ${value}`).join(" · ");
    const found = row.snippet && el("button", { type: "button", class: "ls-snippet", dir: "auto", on: { click: open } },
      ...row.snippet.map(([text, sought]) => (sought ? el("mark", { text }) : text)));
    const about = found ? "" : row.asked || row.introduction;
    const body = el("div", { class: "ls-body" }, title,
      el("p", { class: "ls-meta", text: dates + status }),
      inputs && el("p", { class: "ls-meta ls-clip", dir: "auto", title: inputs, text: inputs }),
      about && el("p", { class: "ls-meta ls-clip", dir: "auto", title: about, text: about }), found);
    const place = el("div", { class: "ls-line" }, el("label", { class: "ls-box" }, this.box), body);
    place.append(moreButton(list, row, place));
    this.root = el("li", { "data-id": row.id }, place);
  }
}
