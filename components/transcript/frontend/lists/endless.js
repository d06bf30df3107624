/** A list of any length: page after page, each as the reader comes near the end of the last one. */
import { el } from "../dom.js";
import { LABELS } from "./labels.js";

/**
 * @typedef {object} List
 * @property {(after: string|null, signal: AbortSignal) => Promise<any>} ask  a page, `{rows, after}`
 * @property {(page: any, first: boolean) => boolean|void} take               false: it is not shown now
 * @property {(error: unknown) => void} failed
 */

export class Endless {
  /** @type {string|null} where the next page begins */
  after = null;
  #asking = new AbortController();
  #loading = false;

  /** @param {List} list */
  constructor(list) {
    this.list = list;
    const click = () => (this.after === null ? this.begin() : this.#load());
    this.more = el("button", { type: "button", class: "ls-button", hidden: true, text: LABELS.load_more, on: { click } });
    this.sight = new IntersectionObserver((looks) => looks.at(-1)?.isIntersecting && this.after !== null && this.#load(), { rootMargin: "600px" });
    this.sight.observe(this.more);
  }

  /** From the first row on. */
  begin() {
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#loading = false;
    this.after = null;
    void this.#load();
  }

  async #load() {
    if (this.#loading) return;
    const { signal } = this.#asking;
    const first = this.after === null;
    this.#loading = true;
    this.more.textContent = LABELS.loading;
    try {
      const page = await this.list.ask(this.after, signal);
      if (signal.aborted) return;
      this.after = page.after;
      if (this.list.take(page, first) === false) this.after = null;
      this.more.textContent = LABELS.load_more;
      this.more.hidden = this.after === null;
      this.sight.unobserve(this.more); // asks again whether it is in sight
      this.sight.observe(this.more);
    } catch (error) {
      if (signal.aborted) return;
      this.more.textContent = LABELS.again;
      this.more.hidden = false;
      this.list.failed(error);
    }
    this.#loading = false;
  }

  close() {
    this.#asking.abort();
    this.sight.disconnect();
  }
}
