/** Turns before the first one shown: by a button, and by itself when the reader scrolls up to it. */
import { el } from "./dom.js";

export class Older {
  /** @type {string|null} */
  #cursor = null;
  #loading = false;
  #failed = false;
  #closing = new AbortController();

  /**
   * @param {string} url of the turns route
   * @param {(page: {turns: import("./protocol.js").Turn[], older: string|null}) => void} onPage
   * @param {import("./turn.js").Context} context
   */
  constructor(url, onPage, { labels, scroll }) {
    this.url = url;
    this.onPage = onPage;
    this.labels = labels;
    this.scroll = scroll;
    this.button = el("button", { type: "button", class: "tr-button", on: { click: () => this.load() } });
    this.problem = el("p", { class: "tr-problem", role: "alert" });
    this.root = el("div", { class: "tr-older", hidden: true }, this.problem, this.button);
    // Only a reader who went up wants more; at the opening the button is in sight for a moment.
    this.sight = new IntersectionObserver((looks) => {
      // The last look counts: one frame may bring several, as where a reader scrolls while a page is put in.
      if (looks.at(-1)?.isIntersecting && !scroll.stuck && !this.#failed) this.load();
    });
    this.sight.observe(this.root);
    this.#show();
  }

  get cursor() {
    return this.#cursor;
  }

  /** @param {string|null|undefined} cursor */
  set cursor(cursor) {
    this.#cursor = cursor ?? null;
    this.#failed = false;
    this.#show();
  }

  #show() {
    const { older, older_loading, older_failed, try_again } = this.labels;
    this.root.hidden = this.#cursor === null;
    const problem = this.#failed ? older_failed : ""; // stays while loading again: nothing may jump
    if (this.problem.textContent !== problem) this.problem.textContent = problem;
    this.button.textContent = this.#loading ? older_loading : this.#failed ? try_again : older;
    this.button.setAttribute("aria-disabled", String(this.#loading)); // keeps the focus, unlike disabled
  }

  async load() {
    const cursor = this.#cursor;
    if (this.#loading || cursor === null) return;
    this.#loading = true;
    this.#show();
    let page = null;
    try {
      const url = new URL(this.url);
      url.searchParams.set("before", cursor);
      const answer = await fetch(url, { headers: { Accept: "application/json" }, signal: this.#closing.signal });
      if (answer.ok) page = await answer.json();
    } catch {
      // said below: a lost network and a bad body look the same to the reader
    }
    this.#loading = false;
    if (this.#closing.signal.aborted) return;
    if (cursor !== this.#cursor) return this.#show(); // a snapshot came in between
    this.#failed = !Array.isArray(page?.turns);
    if (this.#failed) return this.#show();
    this.scroll.keep(() => {
      this.#cursor = page.older ?? null;
      this.onPage(page);
      this.#show();
    });
    this.sight.unobserve(this.root); // asks again whether it is still in sight
    this.sight.observe(this.root);
  }

  close() {
    this.#closing.abort();
    this.sight.disconnect();
  }
}
