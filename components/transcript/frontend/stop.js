/** The one control that ends a running answer: a button at the transcript's foot, and Esc. */
import { el, icon } from "./dom.js";
import { overlayIsOpen } from "./overlays.js";

const GIVE_UP_MS = 10_000; // the server took the stop but the answer runs on: offer it again

/** Where Esc means something else. */
const OWN_ESC = "input, select, [contenteditable=''], [contenteditable=true], .tr-panel";

export class Stop {
  /** @type {string|null} id of the turn that can be stopped */
  #turn = null;
  #stopping = false;
  #timer = 0;
  #listening = new AbortController();

  /** @param {string} url @param {import("./turn.js").Context} context */
  constructor(url, { labels, allow }) {
    this.url = url;
    this.labels = labels;
    this.allowed = allow.stop !== false;
    this.words = el("span");
    const key = el("kbd", { "aria-hidden": "true", text: "Esc" });
    this.button = el("button", { type: "button", class: "tr-stop", on: { click: () => this.press() } }, icon("stop"), this.words, key);
    this.problem = el("span", { class: "tr-problem", role: "alert" });
    this.root = el("div", { class: "tr-stopping", hidden: true }, this.problem, this.button);
    addEventListener("keydown", (event) => this.#onKey(event), { capture: true, signal: this.#listening.signal });
  }

  /** @param {string|null} turn */
  offer(turn) {
    if (turn === this.#turn || !this.allowed) return;
    this.#turn = turn;
    this.#settle("");
    this.root.hidden = turn === null;
  }

  /** Looks first, while overlays are still open; acts last, when nobody else has used the key. @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== "Escape" || event.isComposing || event.keyCode === 229) return;
    if (this.#turn === null || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target instanceof Element && event.target.closest(OWN_ESC)) return;
    if (overlayIsOpen()) return;
    setTimeout(() => !event.defaultPrevented && this.press());
  }

  /** @param {string} problem */
  #settle(problem) {
    clearTimeout(this.#timer);
    this.#stopping = false;
    this.words.textContent = this.labels.stop;
    this.button.removeAttribute("aria-disabled");
    if (this.problem.textContent !== problem) this.problem.textContent = problem;
  }

  async press() {
    const turn = this.#turn;
    if (turn === null || this.#stopping) return;
    this.#settle("");
    this.#stopping = true;
    this.words.textContent = this.labels.stopping;
    this.button.setAttribute("aria-disabled", "true"); // keeps the focus, unlike disabled
    let taken = false;
    try {
      taken = (await fetch(this.url, { method: "POST", keepalive: true })).ok;
    } catch {
      // said below
    }
    if (turn !== this.#turn) return;
    if (taken) this.#timer = window.setTimeout(() => this.#settle(""), GIVE_UP_MS);
    else this.#settle(this.labels.stop_failed);
  }

  close() {
    this.#listening.abort();
    clearTimeout(this.#timer);
  }
}
