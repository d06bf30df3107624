/** Private notes on a conversation: read, written, edited, deleted and had back. */
import { el } from "../dom.js";
import { fill } from "../lists/labels.js";
import { keepPlace } from "../lists/place.js";
import { Toast } from "../lists/toast.js";
import { Markdown } from "../markdown.js";
import { keepDraft, readDraft } from "../kept.js";
import { LABELS } from "./labels.js";
import { called, meanwhile, problem, time } from "./words.js";

/** @typedef {{id: string, message_id: string, author: string, author_name: string, text: string, created_at: number, version: number}} Note */

const button = (/** @type {string} */ text, /** @type {() => void} */ click, kind = "") =>
  el("button", { type: "button", class: `ls-button ${kind}`, text, on: { click } });

/** A field that grows with its text and keeps it until it is saved. @param {string} name @param {string} label @param {string} text @param {() => void} send */
function area(name, label, text, send) {
  const field = el("textarea", { class: "wk-field", rows: 3, dir: "auto", "aria-label": label, placeholder: label });
  field.value = readDraft(name) || text;
  field.addEventListener("input", () => keepDraft(name, field.value));
  field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") event.stopPropagation(); // the page has keys of its own
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
  });
  return field;
}

export class Notes {
  /** @type {Note[]} */
  notes = [];
  /** @type {Markdown[]} */
  #drawn = [];
  /** @type {{id: string, query: string}|null} the message that the next note is about */
  #about = null;

  /** @param {import("./panel.js").Panel} panel */
  constructor(panel) {
    this.panel = panel;
    this.list = el("ul", { class: "wk-notes", "aria-label": LABELS.notes_title });
    this.none = el("p", { class: "ls-note", text: LABELS.no_notes });
    this.field = area(panel.name, LABELS.write, "", () => this.#add());
    this.target = el("p", { class: "wk-target" });
    this.trouble = el("p", { class: "ls-problem", role: "alert" });
    this.save = button(LABELS.add_note, () => this.#add());
    this.root = el("section", { class: "wk-section" }, el("h3", { text: LABELS.notes_title }), el("p", { class: "ls-note", text: LABELS.private }),
      this.none, this.list, el("div", { class: "wk-write" }, this.target, this.field, this.trouble, this.save));
    const kept = readDraft(panel.name) && readDraft(this.#aboutName);
    this.about(kept ? JSON.parse(kept) : panel.data.message ? { id: panel.data.message, query: "" } : null);
  }

  get #aboutName() {
    return `${this.panel.name}-about`;
  }

  /** @param {{id: string, query: string}|null} message */
  about(message) {
    this.#about = message;
    keepDraft(this.#aboutName, message ? JSON.stringify(message) : "");
    this.target.replaceChildren(el("bdi", { text: message ? (message.query ? fill(LABELS.on_this, { query: message.query }) : LABELS.on_message) : LABELS.on_all }),
      message ? button(LABELS.off_message, () => this.about(null), "wk-plain") : "");
  }

  /** @param {Note[]} notes */
  show(notes) {
    this.notes = notes;
    this.#draw();
  }

  #draw() {
    for (const each of this.#drawn) each.destroy();
    this.#drawn = [];
    this.none.hidden = this.notes.length > 0;
    const back = keepPlace(this.list);
    this.list.replaceChildren(...this.notes.map((note) => this.#row(note)));
    back();
    this.panel.counted(this.notes.length);
  }

  /** @param {Note} note */
  #row(note) {
    const { staff, me } = this.panel;
    const text = el("div", { class: "tr-text", dir: "auto" });
    const markdown = new Markdown(text, {});
    markdown.append(note.text);
    markdown.finish();
    this.#drawn.push(markdown);
    const meta = [called(note.author, staff, me, note.author_name), time(note.created_at), note.version > 1 && LABELS.edited].filter(Boolean).join(" · ");
    const where = note.message_id && button(LABELS.go_to, () => this.panel.find(note.message_id), "wk-plain");
    const own = note.author === me ? [button(LABELS.edit, () => this.#edit(note, row), "wk-plain"), button(LABELS.delete, () => this.#delete(note), "wk-plain")] : [];
    const row = el("li", { class: "wk-note", "data-id": note.id }, el("p", { class: "ls-meta", dir: "auto", text: meta }),
      el("div", { class: "tr-root wk-markdown" }, text), el("div", { class: "wk-buttons" }, where || null, ...own));
    if (note.author === me && readDraft(note.id)) queueMicrotask(() => row.isConnected && this.#edit(note, row));
    return row;
  }

  async #add() {
    const text = this.field.value.trim();
    if (!text || this.save.disabled) return this.field.focus();
    this.save.disabled = true;
    this.trouble.textContent = "";
    try {
      const note = await this.panel.calls.post("notes", { ...this.panel.place, message: this.#about?.id ?? "", text });
      if (this.field.value.trim() === text) this.field.value = "";
      keepDraft(this.panel.name, this.field.value);
      this.about(null);
      this.show([...this.notes, note]);
    } catch (error) {
      this.trouble.textContent = `${problem(error)} ${LABELS.kept}`;
    } finally {
      this.save.disabled = false;
    }
  }

  /** @param {Note} note @param {HTMLElement} row */
  #edit(note, row) {
    const trouble = el("div", { role: "alert" });
    let version = note.version;
    const end = () => {
      keepDraft(note.id, "");
      this.#draw();
    };
    const send = async () => {
      trouble.replaceChildren();
      try {
        this.#put(await this.panel.calls.post(`notes/${note.id}`, { text: field.value, version }));
        end();
      } catch (error) {
        const now = /** @type {Note|null} */ (meanwhile(error));
        if (!now) return trouble.replaceChildren(el("p", { class: "ls-problem", text: `${problem(error)} ${LABELS.kept}` }));
        trouble.replaceChildren(el("p", { class: "ls-problem", text: LABELS.meanwhile_note }), el("blockquote", { class: "wk-theirs", dir: "auto", text: now.text }),
          button(LABELS.save_mine, () => ((version = now.version), void send())), button(LABELS.take_theirs, () => (this.#put(now), end())));
      }
    };
    const field = area(note.id, LABELS.edit, note.text, () => void send());
    row.replaceChildren(field, trouble, el("div", { class: "wk-buttons" }, button(LABELS.save, () => void send()), button(LABELS.cancel, end, "wk-plain")));
    field.focus();
  }

  /** @param {Note} note */
  #put(note) {
    this.notes = this.notes.map((each) => (each.id === note.id ? note : each));
  }

  /** @param {Note} note */
  async #delete(note) {
    const toast = new Toast(this.panel.root);
    try {
      await this.panel.calls.post(`notes/${note.id}/delete`, {});
      this.show(this.notes.filter((each) => each.id !== note.id));
      toast.say(LABELS.note_deleted, { name: LABELS.undo, act: () => void this.#restore(note, toast) });
    } catch (error) {
      toast.say(problem(error));
    }
  }

  /** @param {Note} note @param {Toast} toast */
  async #restore(note, toast) {
    try {
      const back = await this.panel.calls.post(`notes/${note.id}/restore`, {});
      this.show([...this.notes.filter((each) => each.id !== note.id), back].sort((a, b) => a.created_at - b.created_at));
      toast.close();
    } catch (error) {
      toast.say(problem(error));
    }
  }

  close() {
    for (const each of this.#drawn) each.destroy();
  }
}
