/**
 * The page's own field for questions, which Streamlit draws: what is typed is kept, Arrow-Up brings back earlier
 * questions, and Enter means what the reader wants it to mean.
 */
import { read, write } from "./drafts.js";

const LOOK_MS = 250;
const SAVE_MS = 300;
const LOST_MS = 5_000; // handed over and not among the questions for so long: it comes back

const setter = /** @type {(this: HTMLTextAreaElement, value: string) => void} */ (
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")?.set
);

/** Puts text into a field as if it had been typed. @param {HTMLTextAreaElement} field @param {string} text @param {number} [caret] */
export function typeInto(field, text, caret = text.length) {
  setter.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.setSelectionRange(caret, caret);
}

export class Composer {
  /** @type {HTMLTextAreaElement|null} the element that was looked at last: Streamlit may put another in its place */
  #field = null;
  #known = ""; // what stood there when it was last looked at
  #saving = 0;
  #lost = 0;
  /** @type {number|null} how many questions back Arrow-Up has gone */
  #back = null;
  #listening = new AbortController();

  /**
   * @param {string} key of the conversation
   * @param {{newline: boolean, queries: () => {id: string, query: string}[], complain: (failed: boolean) => void}} page
   *   newline: Enter begins a new line; queries: asked so far and waiting, oldest first
   */
  constructor(key, page) {
    this.key = key;
    this.page = page;
    this.draft = read(key);
    const { signal } = this.#listening;
    const early = { capture: true, signal }; // before Streamlit's own listeners
    document.addEventListener("keydown", (event) => this.#onKey(event), early);
    document.addEventListener("click", (event) => this.#onClick(event), early);
    document.addEventListener("input", (event) => event.target === this.field && this.#typed(), early);
    addEventListener("pagehide", () => this.#save(), { signal });
    this.looking = window.setInterval(() => this.#look(), LOOK_MS);
    this.#look();
  }

  get #box() {
    return document.querySelector(`.st-key-composer-${CSS.escape(this.key)}`);
  }

  /** @returns {HTMLTextAreaElement|null} */
  get field() {
    return this.#box?.querySelector("textarea") ?? null;
  }

  /** Puts text there as if it had been typed. @param {string} text */
  put(text) {
    const field = this.field;
    if (field && field.value !== text) typeInto(field, text);
  }

  /** The questions on the page have changed: what was handed over may be among them. */
  settle() {
    const { sent, after, text } = this.draft;
    if (!sent) return;
    const asked = this.page.queries();
    const news = asked.slice(asked.findIndex((each) => each.id === after) + 1);
    if (!news.some((each) => each.query === sent)) {
      this.#lost ||= window.setTimeout(() => this.#restore(), LOST_MS);
      return;
    }
    this.#arrived();
    if (text === sent && this.field?.value === sent) this.put(""); // it had come back too early
    this.#save();
  }

  #arrived() {
    clearTimeout(this.#lost);
    this.#lost = 0;
    this.draft = { ...this.draft, sent: "", after: "" };
  }

  /** The site went down with it, or never got it. */
  #restore() {
    const { sent, text } = this.draft;
    this.#lost = 0;
    if (sent && !text.includes(sent)) this.put(text ? `${sent}\n${text}` : sent);
  }

  /** Streamlit empties the field when it sends, and fills it with what the site gives back; it says neither. */
  #look() {
    const field = this.field;
    if (!field) return;
    if (field !== this.#field) {
      this.#field = field;
      this.#known = field.value ? this.draft.text : "";
      if (!field.value && this.draft.text) this.put(this.draft.text);
    }
    const { value } = field;
    if (value === this.#known) return;
    const before = this.#known;
    this.#known = value;
    this.#back = null;
    if (!value) {
      this.draft = { text: "", sent: before.trim() && before, after: this.page.queries().at(-1)?.id ?? "", at: 0 };
      this.#save();
    } else {
      this.#arrived();
      // Something new was typed while the site looked at what it now gives back: neither may go.
      if (before && !value.includes(before)) this.put(`${value}\n${before}`);
      this.#typed();
    }
  }

  #typed() {
    this.#known = this.field?.value ?? "";
    this.draft = { ...this.draft, text: this.#known };
    this.#saving ||= window.setTimeout(() => this.#save(), SAVE_MS);
  }

  #save() {
    clearTimeout(this.#saving);
    this.#saving = 0;
    write(this.key, this.draft);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.target !== this.field) return;
    const composing = event.isComposing || event.keyCode === 229; // Safari ends the composition before the key
    const modified = event.shiftKey || event.altKey || event.ctrlKey || event.metaKey;
    if (event.key === "Enter") {
      if (composing || (this.page.newline && !modified)) event.stopPropagation();
      else if (this.page.newline && (event.ctrlKey || event.metaKey)) this.#submit(event);
      else if (!modified) this.#checked(event);
      setTimeout(() => this.#look());
    } else if (!composing && !modified && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      this.#recall(event, event.key === "ArrowUp");
    }
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    event.stopPropagation();
    /** @type {HTMLElement|null|undefined} */ (this.#box?.querySelector("[data-testid=stChatInputSubmitButton]"))?.click();
  }

  /** @param {Event} event */
  #onClick(event) {
    const button = event.target instanceof Element && event.target.closest("[data-testid=stChatInputSubmitButton]");
    if (!button || !this.#box?.contains(button)) return;
    this.#checked(event);
    setTimeout(() => this.#look());
  }

  /** Streamlit would send without the files that it could not take, and say nothing. @param {Event} event */
  #checked(event) {
    const failed = Boolean(this.#box?.querySelector("[data-testid=stFileChipIconError]"));
    this.page.complain(failed);
    if (!failed) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {KeyboardEvent} event @param {boolean} up */
  #recall(event, up) {
    const field = /** @type {HTMLTextAreaElement} */ (this.field);
    const queries = this.page.queries().map((each) => each.query).filter((query, place, all) => query && query !== all[place + 1]);
    const shown = this.#back === null ? "" : queries.at(-this.#back);
    if (field.value !== shown) this.#back = null;
    if (this.#back === null && (field.value || !up)) return;
    const beside = up ? field.value.slice(0, field.selectionStart) : field.value.slice(field.selectionEnd);
    if (beside.includes("\n")) return; // the key moves inside the text
    const back = (this.#back ?? 0) + (up ? 1 : -1);
    event.preventDefault();
    if (back > queries.length) return;
    this.put(back ? /** @type {string} */ (queries.at(-back)) : "");
    this.#back = back || null;
  }

  close() {
    this.#listening.abort();
    clearInterval(this.looking);
    clearTimeout(this.#lost);
    if (this.#saving) this.#save();
  }
}
