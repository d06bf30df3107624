/** The prompts to choose from: a field that finds them, and the list below it, gone through by the arrow keys. */
import { el, iconButton } from "../dom.js";
import { fill } from "../lists/labels.js";
import { LABELS } from "./labels.js";

/** @typedef {import("./prompts.js").Prompt} Prompt */

export class PromptChooser {
  #at = 0;

  /** @param {import("./prompts.js").Prompts} sheet */
  constructor(sheet) {
    this.sheet = sheet;
    this.search = el("input", { type: "search", class: "wk-field", dir: "auto", autocomplete: "off", role: "combobox", "aria-expanded": "true", "aria-haspopup": "grid", "aria-controls": "wk-prompts",
      "aria-label": LABELS.filter_prompts, placeholder: LABELS.filter_prompts, on: { input: () => ((this.#at = 0), this.find()) } });
    this.search.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#choose(event));
    this.options = el("div", { id: "wk-prompts", class: "wk-options", role: "grid", "aria-label": LABELS.prompts });
    this.note = el("p", { class: "ls-note", hidden: true });
    this.parts = [this.search, this.options, this.note];
    this.find();
  }

  get #found() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    return this.sheet.prompts.filter(({ title, text }) => words.every((/** @type {string} */ word) => `${title} ${text}`.toLowerCase().includes(word)));
  }

  /** Draws those that have the words. */
  find() {
    const found = this.#found;
    this.#at = Math.max(0, Math.min(this.#at, found.length - 1));
    this.options.replaceChildren(...found.map((prompt, place) => this.#option(prompt, place)));
    this.note.hidden = found.length > 0;
    this.note.textContent = this.sheet.prompts.length ? LABELS.no_prompt_found : LABELS.no_prompts;
    this.#mark();
  }

  /** @param {Prompt} prompt @param {number} place */
  #option(prompt, place) {
    const edit = this.sheet.mayEdit(prompt) ? iconButton("edit", fill(LABELS.edit_prompt, { title: prompt.title }), (event) => {
      event.stopPropagation();
      this.sheet.edit(prompt);
    }) : null;
    if (edit) edit.className = "ls-more";
    return el("div", { id: `wk-prompt-${place}`, role: "row", on: { click: () => this.sheet.take(prompt) } },
      el("span", { class: "wk-option", role: "gridcell" }, el("bdi", { text: prompt.title }), el("span", { class: "ls-meta ls-clip", dir: "auto", text: prompt.text })),
      prompt.shared && el("span", { class: "wk-tag", role: "gridcell", text: LABELS.shared_prompt }), edit && el("span", { role: "gridcell" }, edit));
  }

  #mark() {
    for (const [place, option] of [...this.options.children].entries()) option.setAttribute("aria-selected", String(place === this.#at));
    const chosen = this.options.children[this.#at];
    if (chosen) this.search.setAttribute("aria-activedescendant", chosen.id);
    else this.search.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #choose(event) {
    if (event.isComposing) return;
    const found = this.#found;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      this.#at = (this.#at + step + found.length) % found.length;
      this.#mark();
    } else if (event.key === "Enter" && found.length) {
      event.preventDefault();
      this.sheet.take(found[this.#at]);
    }
  }
}
