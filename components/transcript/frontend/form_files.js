/** A field for files in a form of the app's: each goes to the server at once and is then sent with the form by its id. */
import { el, icon } from "./dom.js";
import { sizeText } from "./files.js";
import { fill } from "./labels.js";

/** @typedef {import("./turn.js").Context} Context */
/** @typedef {{id: string, type: string, name: string, size: number}} Brought  as the server told of it */
/** @typedef {{name: string, size: number, file: File|null, brought: Brought|null, problem: string, share: number, request: XMLHttpRequest|null}} Row  share: sent so far, of 1 */

export class FileField {
  /** @type {Row[]} */
  #rows = [];
  #disabled = false;

  /**
   * @param {{name: string, most?: number, endings?: string[]}} input
   * @param {string} url  takes a file of this field
   * @param {Brought[]} before  brought before a reload
   * @param {Context} context
   * @param {() => void} changed
   */
  constructor(input, url, before, context, changed) {
    this.most = input.most ?? 1;
    this.url = url;
    this.context = context;
    this.changed = changed;
    this.#rows = before.map((brought) => ({ name: brought.name, size: brought.size, file: null, brought, problem: "", share: 1, request: null }));
    const accept = (input.endings ?? []).map((ending) => `.${ending}`).join(",");
    this.picker = el("input", { type: "file", class: "tr-hidden", tabindex: "-1", "aria-hidden": "true", accept, multiple: this.most > 1 });
    this.picker.addEventListener("change", () => {
      this.#take([...this.picker.files]);
      this.picker.value = "";
    });
    const words = fill(this.most > 1 ? context.labels.form_files_choose : context.labels.form_file_choose, { n: this.most });
    this.button = el("button", { type: "button", class: "tr-button", "aria-label": `${input.name}: ${words}`, on: { click: () => this.picker.click() } }, icon("file"), words);
    this.list = el("ul", { class: "tr-upload-list" });
    this.root = el("div", { class: "tr-upload", role: "group", "aria-label": input.name, "data-input": input.name }, this.picker, this.button, this.list);
    this.root.addEventListener("dragover", (/** @type {DragEvent} */ event) => event.preventDefault());
    this.root.addEventListener("drop", (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      if (!this.#disabled) this.#take([...(event.dataTransfer?.files ?? [])]);
    });
    this.#draw();
  }

  /** @returns {Brought[]} */
  get value() {
    return this.#rows.flatMap(({ brought }) => (brought ? [brought] : []));
  }

  /** Why the form cannot be sent yet; "" where it can. */
  get trouble() {
    const { labels } = this.context;
    if (this.#rows.some((row) => row.request)) return labels.form_files_busy;
    if (this.#rows.some((row) => row.problem)) return labels.form_files_failed;
    return this.#rows.length > this.most ? fill(labels.form_files_many, { n: this.most }) : "";
  }

  set disabled(/** @type {boolean} */ disabled) {
    this.#disabled = disabled;
    this.#draw();
  }

  /** @param {File[]} files */
  #take(files) {
    if (this.most === 1 && files.length) this.#clear();
    for (const file of files) {
      const row = { name: file.name, size: file.size, file, brought: null, problem: "", share: 0, request: null };
      this.#rows.push(row);
      this.#send(row);
    }
    this.#draw();
  }

  #clear() {
    for (const row of this.#rows) row.request?.abort();
    this.#rows = [];
  }

  /** @param {Row} row */
  #send(row) {
    const { labels } = this.context;
    const request = new XMLHttpRequest(); // fetch does not tell how far an upload is
    row.request = request;
    row.problem = "";
    row.share = 0;
    const done = (/** @type {Brought|null} */ brought, problem = "") => {
      row.request = null;
      row.brought = brought;
      row.problem = problem;
      this.#draw();
      this.changed();
    };
    request.upload.addEventListener("progress", (event) => {
      row.share = event.total ? event.loaded / event.total : 0;
      this.#draw();
    });
    request.addEventListener("load", () => {
      const said = request.response ?? {};
      if (request.status === 200) return done(said);
      const words = /** @type {Record<string, string>} */ (labels.form_file_problems)[said.code] ?? labels.form_file_failed;
      return done(null, fill(words, { n: said.limit ?? 0 }));
    });
    request.addEventListener("error", () => done(null, labels.form_problems.unreachable_file));
    request.open("POST", `${this.url}&name=${encodeURIComponent(row.name)}`);
    request.responseType = "json";
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(row.file);
  }

  #draw() {
    const { labels } = this.context;
    const focused = this.list.contains(document.activeElement);
    this.button.disabled = this.#disabled;
    this.list.replaceChildren(...this.#rows.map((row) => {
      const state = row.problem || (row.request ? fill(labels.form_file_share, { n: Math.floor(row.share * 100) }) : sizeText(row.size, labels.locale));
      const bar = row.request ? el("progress", { max: "1", value: String(row.share), "aria-label": row.name }) : null;
      /** @param {string} text @param {() => void} act */
      const button = (text, act) => el("button", { type: "button", class: "tr-more", text, "aria-label": `${text}: ${row.name}`, disabled: this.#disabled, on: { click: act } });
      const again = row.problem && row.file ? button(labels.try_again, () => {
        this.#send(row);
        this.#draw();
      }) : null;
      const remove = button(labels.queue.remove, () => {
        row.request?.abort();
        this.#rows = this.#rows.filter((other) => other !== row);
        this.#draw();
        this.changed();
      });
      return el("li", {}, icon("file"), el("span", { class: "tr-clip", dir: "auto", text: row.name }),
        el("span", { class: row.problem ? "tr-problem" : "tr-row-side", role: row.problem ? "alert" : null, text: state }), bar, again, remove);
    }));
    if (focused) this.button.focus({ preventScroll: true });
  }
}
