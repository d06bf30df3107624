/** What the app says before anybody asks, and the questions it suggests. */
import { el, hidden } from "./dom.js";
import { face } from "./face.js";
import { Markdown } from "./markdown.js";
import { sendId } from "./protocol.js";

const ASK_AGAIN_MS = 5_000;

export class Opening {
  /** @type {HTMLButtonElement[]} */
  #buttons = [];
  #timer = 0;
  #turns = 0;
  /** @type {Markdown|null} */
  markdown = null;

  /** @param {{statement?: string, questions?: string[]}} opening @param {import("./turn.js").Context} context */
  constructor({ statement = "", questions = [] }, context) {
    const { app, labels, act } = context;
    const text = el("div", { class: "tr-text", dir: "auto", lang: app.language || null, hidden: !statement });
    this.text = text;
    this.labels = labels;
    this.statement = statement;
    this.#buttons = questions.filter((question) => question.trim()).map((query) => {
      const ask = () => {
        this.#enable(false);
        act({ act: "ask", query, send_id: sendId() });
        this.#timer = window.setTimeout(() => this.#enable(true), ASK_AGAIN_MS);
      };
      return el("button", { type: "button", class: "tr-suggestion", text: query, dir: "auto", on: { click: ask } });
    });
    this.suggestions = el("div", { class: "tr-suggestions", role: "group", "aria-label": labels.suggestions, lang: app.language || null }, ...this.#buttons);
    const body = el("div", { class: "tr-body" }, hidden(app.name || labels.app), text, this.suggestions);
    this.root = el("div", { class: "tr-opening", hidden: true }, el("div", { class: "tr-answer" }, face(app), body));
  }

  /** @param {boolean} enabled */
  #enable(enabled) {
    clearTimeout(this.#timer);
    for (const button of this.#buttons) button.disabled = !enabled;
  }

  /** @param {number} turns @param {boolean} older there are turns before the first one shown */
  update(turns, older) {
    if (turns !== this.#turns) this.#enable(true);
    this.#turns = turns;
    this.suggestions.hidden = turns > 0 || !this.#buttons.length;
    this.root.hidden = older || (!this.statement && this.suggestions.hidden);
    if (this.root.hidden || this.markdown || !this.statement) return;
    this.markdown = new Markdown(this.text, this.labels.markdown);
    this.markdown.append(this.statement);
    this.markdown.finish();
  }

  /** The statement as this conversation began with it. @param {string} statement */
  restate(statement) {
    if (statement === this.statement) return;
    this.statement = statement;
    this.text.hidden = !statement;
    this.markdown?.replace(statement);
    this.markdown?.finish();
  }

  destroy() {
    clearTimeout(this.#timer);
    this.markdown?.destroy();
  }
}
