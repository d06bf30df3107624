/** Questions that wait for the running answer: what they are, why they wait, and what can be done with them. */
import { el, hidden, icon } from "./dom.js";
import { fill } from "./labels.js";

/** @typedef {{id: string, query: string, attachments?: import("./protocol.js").FileEntry[]}} Waiting */
/** @typedef {{held: string, waiting: Waiting[]}} Line  held: why nothing sends them by itself */

export class Queue {
  /** @type {Line} */
  #line = { held: "", waiting: [] };
  #running = false;

  /** @param {import("./turn.js").Context} context */
  constructor(context) {
    this.context = context;
    this.root = el("div", { class: "tr-queue", role: "group", "aria-label": context.labels.queue.name, hidden: true });
  }

  get waiting() {
    return this.#line.waiting;
  }

  /** @param {Line} line */
  take(line) {
    if (line.waiting.length > this.waiting.length) this.context.announcer.say(this.context.labels.queue.announce);
    this.#line = line;
    this.#draw();
    this.context.scroll.refresh();
  }

  /** @param {boolean} running an answer is on its way */
  update(running) {
    if (running === this.#running) return;
    this.#running = running;
    this.#draw();
  }

  #draw() {
    const { labels } = this.context;
    const { held } = this.#line;
    const words = this.#running ? labels.queue.waits : labels.queue.held[/** @type {"failed"} */ (held)] ?? labels.queue.waits;
    const before = this.root.contains(document.activeElement);
    const head = !this.#running && held && this.waiting.length > 1 ? [this.#head(held)] : [];
    this.root.replaceChildren(...head, ...this.waiting.map((each) => this.#card(each, head.length ? "" : words)));
    this.root.hidden = !this.waiting.length;
    if (before) /** @type {HTMLElement|null} */ (document.querySelector('[data-testid="stBottom"] textarea'))?.focus({ preventScroll: true });
  }

  /** Several wait and nothing sends them: what to do with all of them. @param {string} held */
  #head(held) {
    const { queue } = this.context.labels;
    const [first] = this.waiting;
    return el("div", { class: "tr-queued-foot tr-queued-head", role: "status" },
      el("span", { text: fill(queue.all_held[/** @type {"stopped"} */ (held)] ?? queue.all_held.stopped, { n: this.waiting.length }) }),
      this.#button(queue.go_on, "send_now", first), this.#button(queue.take_all_back, "take_all_back", first));
  }

  /** @param {string} text @param {string} act @param {Waiting} waiting */
  #button(text, act, waiting) {
    const made = el("button", { type: "button", class: "tr-more", text });
    made.addEventListener("click", () => {
      made.disabled = true;
      this.context.act({ act, waiting: waiting.id });
      setTimeout(() => (made.disabled = false), 5_000);
    });
    return made;
  }

  /** @param {Waiting} waiting @param {string} words */
  #card(waiting, words) {
    const { queue, attachments, file } = this.context.labels;
    const files = (waiting.attachments ?? []).map((each) =>
      el("li", {}, el("span", { class: "tr-chip" }, icon("file"), el("span", { class: "tr-clip", text: each.name || file }))));
    return el("div", { class: "tr-question tr-queued", "data-waiting-id": waiting.id },
      hidden(queue.name),
      files.length ? el("ul", { class: "tr-chips", "aria-label": attachments }, ...files) : null,
      el("div", { class: "tr-bubble", dir: "auto", text: waiting.query }),
      el("div", { class: "tr-queued-foot" }, el("span", { text: words }),
        this.#button(queue.edit, "take_back", waiting), this.#button(queue.remove, "drop", waiting),
        this.#button(this.#running ? queue.now : queue.send, "send_now", waiting)));
  }
}
