/** The turns on the screen, in order, and what the stream changes about them. */
import { countWords } from "./announcer.js";
import { Attempts } from "./attempts.js";
import { el } from "./dom.js";
import { inIdleSlices } from "./frames.js";
import { fill } from "./labels.js";
import { completed, isFinal, isRunning } from "./protocol.js";
import { TurnView } from "./turn.js";

const FIRST_DRAWING_MS = 12; // what is drawn at once when a conversation opens; the rest in idle time
const AFTER_MS = 50; // what else an answer's end brings: the lists beside it alone take half a frame

/** @typedef {import("./protocol.js").Turn} Turn */
/** @typedef {import("./protocol.js").State} State */

export class Conversation {
  /** @type {TurnView[]} */
  views = [];
  /** @type {Map<number, TurnView>} */
  #byIndex = new Map();
  /** @type {WeakSet<TurnView>} turns whose end Python has heard of */
  #told = new WeakSet();
  #stopFilling = () => {};
  /** @type {Set<number>} timers of #later */
  #due = new Set();

  /**
   * @param {import("./turn.js").Context} context
   * @param {{done(end: {turn: string, state: State}): void, changed(): void}} listener
   *   changed: turns came, went, or began or ceased to run
   */
  constructor(context, listener) {
    this.context = context;
    this.listener = listener;
    this.attempts = new Attempts(context);
    this.root = el("div", { class: "tr-turns" });
  }

  /** @returns {TurnView|null} the answer on its way */
  get running() {
    return this.views.findLast((view) => view.running) ?? null;
  }

  /** Puts these turns in place of all others; what is on the screen already stays as it is. @param {Turn[]} turns @param {boolean} keepOlder */
  replace(turns, keepOlder) {
    const known = new Map(this.views.map((view) => [view.turn.id, view]));
    const first = this.views.findIndex((view) => view.turn.id === turns[0]?.id);
    const before = keepOlder && first > 0 ? this.views.slice(0, first) : [];
    const views = turns.map((turn) => {
      const view = known.get(turn.id);
      if (!view) return new TurnView(turn, this.context);
      this.#change(view, turn, true);
      if (isFinal(view.turn.state)) this.#tell(view);
      return view;
    });
    this.#show([...before, ...views]);
  }

  /** @param {Turn[]} turns older than all shown */
  prepend(turns) {
    const known = new Set(this.views.map((view) => view.turn.id));
    const fresh = turns.filter((turn) => !known.has(turn.id)).map((turn) => new TurnView(turn, this.context));
    this.#show([...fresh, ...this.views]);
  }

  /** @param {TurnView[]} views */
  #show(views) {
    const staying = new Set(views);
    for (const view of this.views) if (!staying.has(view)) view.destroy();
    for (const view of views) if (!view.drawn && isFinal(view.turn.state)) this.#told.add(view);
    for (const [place, view] of views.entries()) view.root.classList.toggle("tr-past", place < views.length - 2);
    this.views = views;
    this.#byIndex = new Map(views.map((view) => [view.turn.index, view]));
    this.context.scroll.keep(() => {
      let next = this.root.firstChild;
      for (const view of views) {
        if (view.root === next) next = next.nextSibling;
        else this.root.insertBefore(view.root, next);
      }
      this.attempts.arrange(views);
    });
    this.#fillIn();
    this.listener.changed();
  }

  /** Draws the newest at once and the rest in idle time, newest first, so that a long history blocks nobody. */
  #fillIn() {
    this.#stopFilling();
    const jobs = this.#drawings();
    const end = performance.now() + FIRST_DRAWING_MS;
    while (performance.now() < end) {
      const job = jobs.next();
      if (job.done) return;
      job.value();
    }
    this.#stopFilling = inIdleSlices(jobs);
  }

  *#drawings() {
    for (const view of [...this.views].reverse()) if (!view.drawn) yield () => view.draw();
  }

  /** @param {number} index @param {string} text @returns {boolean} false: no such turn */
  text(index, text) {
    const view = this.#byIndex.get(index);
    if (!view) return false;
    const before = view.turn.state;
    view.append(text);
    this.#moved(view, before);
    return true;
  }

  /** @param {Turn} part @returns {boolean|void} false: it does not follow what is here, a new snapshot is needed */
  turn(part) {
    const view = this.#byIndex.get(part.index);
    if (!completed(part, view?.turn)) return false;
    if (view) return this.#change(view, part, false);
    const fresh = new TurnView(part, this.context);
    this.views.push(fresh);
    this.views.at(-3)?.root.classList.add("tr-past");
    this.#byIndex.set(part.index, fresh);
    this.root.append(fresh.root);
    this.attempts.arrived(fresh);
    this.attempts.arrange(this.views);
    fresh.live = true;
    fresh.draw();
    // Whoever has the focus asked it; another tab of the conversation does not jump.
    if (document.hasFocus()) this.context.scroll.stick();
    this.listener.changed();
  }

  /** @param {{index: number, id: string, state: State}} end */
  end({ index, id, state }) {
    const view = this.#byIndex.get(index);
    if (!view) return false;
    this.#change(view, /** @type {any} */ ({ index, id, state }), false);
    this.#later(() => this.#tell(view));
    return true;
  }

  /** @param {TurnView} view @param {Turn} part @param {boolean} whole */
  #change(view, part, whole) {
    const before = view.turn.state;
    if (part.state && part.state !== before) view.live = true;
    view.change(part, whole);
    // The last words wait for no frame, and for nothing else that an end brings.
    if (isRunning(before) && !view.running) this.context.frames.flush();
    this.#moved(view, before);
  }

  /** @param {TurnView} view @param {State} before */
  #moved(view, before) {
    const { announcer, labels } = this.context;
    const after = view.turn.state;
    if (after === before) return;
    if (before === "waiting" && after === "streaming") announcer.say(labels.announce_started);
    if (!isFinal(before) && after === "stopped") announcer.say(labels.announce_stopped);
    if (!isFinal(before) && after === "complete") {
      this.#later(() => announcer.say(fill(labels.announce_finished, { words: countWords(view.answer) })));
    }
    if (!isFinal(after)) this.#told.delete(view);
    if (isRunning(before) !== isRunning(after)) this.listener.changed();
  }

  /** @param {TurnView} view */
  #tell(view) {
    if (this.#told.has(view)) return;
    this.#told.add(view);
    this.listener.done({ turn: view.turn.id, state: view.turn.state });
  }

  /** Once the words are on the screen. @param {() => void} work */
  #later(work) {
    const timer = window.setTimeout(() => {
      this.#due.delete(timer);
      work();
    }, AFTER_MS);
    this.#due.add(timer);
  }

  destroy() {
    this.#due.forEach(clearTimeout);
    this.#stopFilling();
    for (const view of this.views) view.destroy();
  }
}
