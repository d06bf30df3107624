/** A conversation in the list of work. */
import { el } from "../dom.js";
import { counted, fill } from "../lists/labels.js";
import { LABELS } from "./labels.js";
import { chip } from "./tags.js";
import { called, short, time } from "./words.js";

export class Row {
  /** @param {import("./list.js").WorkList} list @param {import("./panel.js").Case} known */
  constructor(list, known) {
    this.list = list;
    this.box = el("input", { type: "checkbox", tabindex: -1, on: { change: () => list.toggle(this) } });
    this.root = el("li", { class: "wk-row", tabindex: -1, "data-id": known.id, "data-user": known.user });
    this.root.addEventListener("focusin", () => (list.current = list.rows.indexOf(this)));
    this.put(known);
  }

  get key() {
    return `${this.case.user} ${this.case.id}`;
  }

  /** @param {import("./panel.js").Case} known */
  put(known) {
    this.case = known;
    const { staff, me } = this.list;
    const name = known.title || LABELS.unnamed;
    this.box.setAttribute("aria-label", fill(LABELS.select, { name }));
    const held = this.root.contains(document.activeElement) && document.activeElement?.classList.contains("ls-open");
    const title = el("button", { type: "button", class: "ls-open", on: { click: () => this.open() } }, el("bdi", { text: name }));
    const status = el("span", { class: `wk-badge wk-${known.status}`, text: /** @type {Record<string, string>} */ (LABELS.statuses)[known.status] });
    const meta = [known.user === me ? LABELS.own : fill(LABELS.end_user, { user: short(known.user) }), fill(LABELS.changed, { time: time(known.at) }),
      known.notes ? counted(LABELS.notes, known.notes) : ""].filter(Boolean).join(" · ");
    const who = el("span", { class: "wk-who", dir: "auto", text: known.assignee ? called(known.assignee, staff, me) : "" });
    this.root.replaceChildren(el("div", { class: "ls-line" }, el("label", { class: "ls-box" }, this.box),
      el("div", { class: "ls-body" }, title, el("p", { class: "ls-meta", dir: "auto", text: meta }),
        known.tags.length ? el("div", { class: "wk-tags" }, ...known.tags.map((tag) => chip(tag))) : null),
      el("div", { class: "wk-end" }, status, who)));
    if (held) title.focus();
  }

  open() {
    this.list.act({ act: "open", user: this.case.user, id: this.case.id });
  }
}
