/** Saved views of the list: chips above it, one's own and the team's. */
import { el, icon, iconButton } from "../dom.js";
import { fill } from "../lists/labels.js";
import { keepPlace } from "../lists/place.js";
import { Toast } from "../lists/toast.js";
import { LABELS } from "./labels.js";
import { problem } from "./words.js";

/** @typedef {{id: string, name: string, filters: import("./filters.js").Query, shared: boolean, mine: boolean}} View */

const same = (/** @type {object} */ one, /** @type {object} */ other) => sorted(one) === sorted(other);
const sorted = (/** @type {object} */ query) => JSON.stringify(Object.entries(query).map(([name, value]) => [name, String(value)]).sort());

export class Views {
  /** @type {View[]} */
  views = [];
  share = false;

  /** @param {import("./list.js").WorkList} list */
  constructor(list) {
    this.list = list;
    this.chips = el("div", { class: "wk-chips", role: "group", "aria-label": LABELS.views });
    this.form = this.#saving();
    this.root = el("div", { class: "wk-views" }, this.chips, this.form);
  }

  #saving() {
    this.name = el("input", { type: "text", class: "wk-field", maxlength: 60, dir: "auto", "aria-label": LABELS.view_name, placeholder: LABELS.view_name });
    this.all = el("input", { type: "checkbox" });
    this.allow = el("label", { class: "wk-check" }, this.all, el("span", { text: LABELS.share_view }));
    this.trouble = el("p", { class: "ls-problem", role: "alert" });
    const cancel = el("button", { type: "button", class: "ls-button", text: LABELS.cancel, on: { click: () => this.#close() } });
    return el("form", { class: "wk-save", hidden: true, on: { submit: (/** @type {Event} */ event) => this.#save(event) } },
      this.name, this.allow, el("button", { type: "submit", class: "ls-button", text: LABELS.save }), cancel, this.trouble);
  }

  /** @param {View[]} views @param {boolean} share */
  take(views, share) {
    this.views = views;
    this.share = share;
    this.show();
  }

  /** The filters may be others now. */
  show() {
    const query = this.list.filters.query;
    const chosen = this.views.find((view) => same(view.filters, query));
    const chip = (/** @type {string} */ name, /** @type {import("./filters.js").Query} */ filters, /** @type {View|null} */ view) => {
      const button = el("button", { type: "button", class: "wk-chip", "data-id": view?.id ?? "all", "aria-pressed": String(same(filters, query)), on: { click: () => this.list.filters.put(filters) } },
        view?.shared && icon("person"), el("bdi", { text: name }));
      if (view?.shared) button.setAttribute("aria-label", fill(LABELS.shared_view, { name }));
      return button;
    };
    const may = chosen && (chosen.mine || (chosen.shared && this.share));
    const drop = may && iconButton("close", LABELS.delete_view, () => this.#delete(chosen));
    if (drop) drop.className = "wk-cross";
    const save = !chosen && this.list.filters.active && this.form.hidden;
    const back = keepPlace(this.chips);
    this.chips.replaceChildren(chip(LABELS.everything, {}, null), ...this.views.flatMap((view) => {
      const made = chip(view.name, view.filters, view);
      return view === chosen && drop ? [el("span", { class: "wk-chosen" }, made, drop)] : [made];
    }), save ? el("button", { type: "button", class: "wk-chip wk-add", text: LABELS.save_view, on: { click: () => this.#open() } }) : "");
    back();
  }

  #open() {
    this.form.hidden = false;
    this.allow.hidden = !this.share;
    this.show();
    this.name.focus();
  }

  #close() {
    this.form.hidden = true;
    this.name.value = "";
    this.all.checked = false;
    this.trouble.textContent = "";
    this.show();
  }

  /** @param {Event} event */
  async #save(event) {
    event.preventDefault();
    const toast = new Toast(this.list.root);
    try {
      const wanted = { name: this.name.value, filters: this.list.filters.query, shared: this.share && this.all.checked };
      const view = await this.list.calls.post("views", wanted);
      this.views = [...this.views, view];
      this.#close();
      toast.say(fill(LABELS.view_saved, { name: view.name }));
      setTimeout(() => toast.close(), 4_000);
    } catch (error) {
      this.trouble.textContent = problem(error);
    }
  }

  /** @param {View} view */
  async #delete(view) {
    const toast = new Toast(this.list.root);
    try {
      await this.list.calls.post(`views/${view.id}/delete`, {});
      const before = this.views;
      this.views = this.views.filter((each) => each !== view);
      this.show();
      toast.say(fill(LABELS.view_deleted, { name: view.name }), { name: LABELS.undo, act: async () => {
        try {
          await this.list.calls.post(`views/${view.id}/restore`, {});
          this.views = before;
          this.show();
          toast.close();
        } catch (error) {
          toast.say(problem(error));
        }
      } });
    } catch (error) {
      toast.say(problem(error));
    }
  }
}
