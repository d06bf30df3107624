/**
 * Ready prompts beside the composer: found by typing, their gaps filled in, put into the field to be edited.
 * Nothing is ever sent from here, and nothing that stood in the field goes.
 */
import { typeInto } from "../composer.js";
import { el, icon } from "../dom.js";
import { dress } from "../dress.js";
import { Calls } from "../lists/calls.js";
import { fill } from "../lists/labels.js";
import { mounting } from "../lists/mounting.js";
import { Toast } from "../lists/toast.js";
import { gapForm } from "./gap_form.js";
import { LABELS } from "./labels.js";
import { PromptChooser } from "./prompt_chooser.js";
import { promptForm } from "./prompt_form.js";
import { problem } from "./words.js";

const GAP_PX = 8;

/** @typedef {{id: string, title: string, text: string, shared: boolean, version: number, owner: string, variables: string[]}} Prompt */
/** @typedef {{assets: string, app: string, composer: string, inputs: Record<string, string>}} Data */

export class Prompts {
  /** @type {Prompt[]} */
  prompts = [];
  me = "";
  name = "";
  share = false;
  /** It was opened by typing "/": what is typed into the search belongs to the field if nothing is chosen. */
  #slash = false;
  #listening = new AbortController();

  /** @param {Data} data */
  constructor(data) {
    dress(data.assets, document.body, ["work/work.css"]);
    this.data = data;
    this.calls = new Calls(data.app);
    this.button = el("button", { type: "button", class: "wk-opener wk-prompts", title: LABELS.prompts_help, "aria-haspopup": "dialog", on: { click: () => this.#open(false) } },
      icon("lines"), el("span", { text: LABELS.prompts }));
    this.sheet = el("div", { class: "wk-chooser", popover: "auto", role: "dialog", "aria-label": LABELS.prompts });
    this.root = el("div", { class: "ls-root wk-root" }, this.button, this.sheet);
    this.sheet.addEventListener("toggle", (/** @type {ToggleEvent} */ event) => event.newState === "closed" && this.#closed());
    this.sheet.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      event.stopPropagation(); // the page has keys of its own
      if (event.key === "Escape") {
        event.preventDefault();
        this.sheet.hidePopover();
      }
    });
    document.addEventListener("keydown", (event) => this.#onKey(event), { capture: true, signal: this.#listening.signal });
  }

  /** @returns {HTMLTextAreaElement|null} */
  get field() {
    return document.querySelector(`.st-key-composer-${CSS.escape(this.data.composer)} textarea`);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const field = this.field;
    if (event.key !== "/" || event.target !== field || field?.value || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    void this.#open(true);
  }

  /** @param {boolean} slash */
  async #open(slash) {
    this.#slash = slash;
    this.list();
    this.sheet.showPopover();
    this.#place();
    this.chooser.search.focus();
    try {
      const found = await this.calls.get("prompts");
      this.prompts = found.prompts;
      this.me = found.me;
      this.name = found.name;
      this.share = found.may.share;
      this.chooser.find();
    } catch (error) {
      this.trouble.textContent = problem(error);
    }
  }

  /** Over the composer, as wide as that. */
  #place() {
    const box = (this.field?.closest("[data-testid=stChatInput]") ?? this.button).getBoundingClientRect();
    const width = Math.min(Math.max(box.width, 320), innerWidth - 2 * GAP_PX);
    this.sheet.style.width = `${width}px`;
    this.sheet.style.left = `${Math.max(GAP_PX, Math.min(box.left, innerWidth - width - GAP_PX))}px`;
    this.sheet.style.bottom = `${innerHeight - box.top + GAP_PX}px`;
    this.sheet.style.maxHeight = `${Math.max(160, box.top - 2 * GAP_PX)}px`;
  }

  #closed() {
    const typed = this.#slash ? `/${this.chooser?.search.value ?? ""}` : "";
    this.#slash = false;
    const { field } = this;
    if (field && typed && !field.value) typeInto(field, typed);
    (field ?? this.button).focus();
  }

  /** All of them, to choose from. */
  list() {
    this.chooser = new PromptChooser(this);
    this.trouble = el("p", { class: "ls-problem", role: "alert" });
    this.sheet.replaceChildren(...this.chooser.parts, this.trouble,
      el("div", { class: "wk-buttons" }, el("button", { type: "button", class: "ls-button", text: LABELS.new_prompt, on: { click: () => this.edit(null) } })));
  }

  listAgain() {
    this.list();
    this.chooser.search.focus();
  }

  /** @param {Prompt} prompt */
  mayEdit(prompt) {
    return prompt.owner === this.me || this.share;
  }

  /** Chosen: its gaps are asked for, those that are known filled already. @param {Prompt} prompt */
  take(prompt) {
    this.#slash = false;
    if (!prompt.variables.length) return void this.#put(prompt, {});
    const known = /** @type {Record<string, string>} */ ({ name: this.name, today: new Intl.DateTimeFormat(undefined, { dateStyle: "long" }).format(), ...this.data.inputs });
    this.trouble = el("p", { class: "ls-problem", role: "alert" });
    const { root, first } = gapForm(prompt, known, (values) => void this.#put(prompt, values), () => this.listAgain(), this.trouble);
    this.sheet.replaceChildren(root);
    first.focus();
  }

  /** @param {Prompt} prompt @param {Record<string, string>} values */
  async #put(prompt, values) {
    try {
      const { text } = await this.calls.post(`prompts/${prompt.id}/filled`, { values });
      const { field } = this;
      this.sheet.hidePopover();
      if (field) insert(field, text);
    } catch (error) {
      this.trouble.textContent = problem(error);
    }
  }

  /** @param {Prompt|null} prompt null: a new one */
  edit(prompt) {
    this.#slash = false;
    this.sheet.replaceChildren(promptForm(this, prompt));
    this.sheet.querySelector("input")?.focus();
  }

  /** @param {Prompt} prompt */
  put(prompt) {
    this.prompts = [...this.prompts.filter(({ id }) => id !== prompt.id), prompt].sort((a, b) => a.title.localeCompare(b.title));
    this.listAgain();
  }

  /** @param {Prompt} prompt */
  async remove(prompt) {
    const toast = new Toast(this.root);
    try {
      await this.calls.post(`prompts/${prompt.id}/delete`, {});
      this.prompts = this.prompts.filter(({ id }) => id !== prompt.id);
      this.listAgain();
      toast.say(fill(LABELS.prompt_deleted, { title: prompt.title }), { name: LABELS.undo, act: async () => {
        try {
          await this.calls.post(`prompts/${prompt.id}/restore`, {});
          this.prompts = [...this.prompts, prompt];
          toast.close();
          if (this.sheet.matches(":popover-open") && this.chooser.search.isConnected) this.chooser.find();
        } catch (error) {
          toast.say(problem(error));
        }
      } });
    } catch (error) {
      toast.say(problem(error));
    }
  }

  /** @param {Data} data */
  update(data) {
    if (data.app !== this.data.app) {
      this.calls = new Calls(data.app);
      this.prompts = [];
    }
    this.data = data;
  }

  close() {
    this.#slash = false;
    this.#listening.abort();
  }
}

/** At the caret, on a line of its own beside what stands there. @param {HTMLTextAreaElement} field @param {string} text */
function insert(field, text) {
  const before = field.value.slice(0, field.selectionStart);
  const after = field.value.slice(field.selectionEnd);
  const start = before && !before.endsWith("\n") ? `${before}\n` : before;
  const end = after && !after.startsWith("\n") ? `\n${after}` : after;
  typeInto(field, start + text + end, (start + text).length);
  field.focus();
}

export const mount = mounting((/** @type {Data} */ data) => new Prompts(data));
