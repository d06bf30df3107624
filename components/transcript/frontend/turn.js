/** One turn on the screen: a question, and the answer in whatever state it is. */
import { badge } from "./badge.js";
import { changes } from "./changes.js";
import { citations } from "./citations.js";
import { el, hidden } from "./dom.js";
import { face } from "./face.js";
import { files } from "./files.js";
import { humanInput } from "./human_input.js";
import { Markdown } from "./markdown.js";
import { outcome } from "./outcome.js";
import { isRunning } from "./protocol.js";
import { question } from "./question.js";
import { reasoning } from "./reasoning.js";
import { steps } from "./steps.js";
import { Thinking } from "./thinking.js";
import { thoughts } from "./thoughts.js";
import { toolbar } from "./toolbar.js";

/** @typedef {import("./protocol.js").Turn} Turn */
/**
 * @typedef {object} Context   what every part of the transcript may use
 * @property {HTMLElement} root
 * @property {import("./labels.js").Labels} labels
 * @property {import("./protocol.js").Data["app"]} app
 * @property {NonNullable<import("./protocol.js").Data["allow"]>} allow
 * @property {import("./frames.js").Frames} frames
 * @property {import("./scroll.js").Scroll} scroll
 * @property {import("./announcer.js").Announcer} announcer
 * @property {string} turns   address of the conversation's turns
 * @property {string} files   address of its files
 * @property {() => Turn[]} every             all turns on the screen
 * @property {(intent: object) => void} act   tells Python
 * @property {() => boolean} busy             an answer is running
 * @property {(id: string) => Turn|undefined} turn   as it now is
 * @property {import("./speech.js").Speech} speech
 */
/**
 * @typedef {object} Part   one piece of a turn, redrawn when one of its keys changed
 * @property {HTMLElement} root
 * @property {string[]} keys
 * @property {(turn: Turn, answer: string, live: boolean) => void} update
 */

export class TurnView {
  /** @type {Set<string>} keys that changed since the last drawing */
  #changed = new Set();
  /** @type {Part[]|null} null until first drawn: a long history costs one empty element a turn */
  #parts = null;
  /** @type {Markdown|null} */
  #markdown = null;
  #thinking = new Thinking(); // the answer, and what the model thinks aloud in it
  #pending = ""; // arrived since the last drawing
  #afresh = false; // the answer was replaced, not only made longer
  #finished = false;
  /** @type {import("./attempts.js").Standing|null} among the attempts of its question */
  #standing = null;
  #stand = (/** @type {import("./attempts.js").Standing|null} */ _standing) => {};
  /** Changed before the reader's eyes, so an error in it is news. */
  live = false;

  /** @param {Turn} turn @param {Context} context */
  constructor(turn, context) {
    this.turn = turn;
    this.context = context;
    this.#take(turn.answer ?? "");
    this.root = el("article", { class: "tr-turn" });
    this.#mark();
  }

  get running() {
    return isRunning(this.turn.state);
  }

  /** Without what the model thought aloud. */
  get answer() {
    return this.#thinking.visible;
  }

  get drawn() {
    return this.#parts !== null;
  }

  #mark() {
    this.root.dataset.turnId = this.turn.id;
    this.root.dataset.state = this.turn.state;
  }

  /** @param {import("./attempts.js").Standing|null} standing null: the only attempt */
  stand(standing) {
    this.#standing = standing;
    this.#stand(standing);
  }

  /** Merges changed keys, or takes the whole turn (`whole`: keys that are missing are empty). @param {Partial<Turn>} part @param {boolean} [whole] */
  change(part, whole = false) {
    const before = /** @type {Record<string, unknown>} */ (this.turn);
    const after = /** @type {Record<string, unknown>} */ (whole ? { ...part } : { ...before, ...part });
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (key !== "answer" && before[key] !== after[key] && JSON.stringify(before[key]) !== JSON.stringify(after[key])) this.#changed.add(key);
    }
    this.turn = /** @type {Turn} */ (/** @type {unknown} */ (after));
    if (whole || "answer" in part) this.#replace(part.answer ?? "");
    this.#mark();
    this.context.frames.request(this);
  }

  /** @param {string} answer */
  #replace(answer) {
    const raw = this.#thinking.raw;
    if (answer === raw) return;
    if (!answer.startsWith(raw)) {
      this.#thinking = new Thinking();
      this.#pending = "";
      this.#afresh = true;
      this.#changed.add("thinking");
    }
    this.#take(answer.slice(this.#thinking.raw.length));
    this.#changed.add("answer");
  }

  /** @param {string} text */
  #take(text) {
    const thinking = this.#thinking;
    const before = thinking.reasoning.length;
    const inside = thinking.inside;
    this.#pending += thinking.take(text);
    if (thinking.reasoning.length !== before || thinking.inside !== inside) this.#changed.add("thinking");
    if (thinking.restated) this.#afresh = true;
    thinking.restated = false;
  }

  /** @param {string} text */
  append(text) {
    this.#take(text);
    if (this.turn.state === "waiting") this.change({ state: "streaming" });
    else this.context.frames.request(this);
  }

  #build() {
    const { context } = this;
    const text = el("div", { class: "tr-text", dir: "auto" });
    const asked = question(context, () => this.turn);
    this.#stand = asked.stand;
    this.#stand(this.#standing);
    const above = [badge(context), reasoning(context, () => this.#thinking), thoughts(context), steps(context)];
    const below = [files(context), citations(context), changes(context), outcome(context), humanInput(context),
      toolbar(context, () => ({ turn: this.turn, answer: this.answer }), (part) => this.change(part)), context.speech.part()];
    this.#parts = /** @type {Part[]} */ ([asked, ...above, ...below]);
    const roots = (/** @type {{root: Node}[]} */ parts) => parts.map((part) => part.root);
    this.root.append(asked.root, el("div", { class: "tr-answer" }, face(context.app, true),
      el("div", { class: "tr-body" }, hidden(context.app.name || context.labels.app), ...roots(above), text, ...roots(below))));
    this.#markdown = new Markdown(text, context.labels.markdown);
  }

  /** Brings the page up to date; called once per frame at most. */
  draw() {
    const first = this.#parts === null;
    if (first) this.#build();
    this.#drawAnswer();
    for (const part of this.#parts ?? []) {
      if (first || part.keys.some((key) => this.#changed.has(key))) part.update(this.turn, this.answer, this.live);
    }
    this.#changed.clear();
  }

  #drawAnswer() {
    const markdown = /** @type {Markdown} */ (this.#markdown);
    if (!this.running && !this.#finished) this.#pending += this.#thinking.end();
    if (this.#afresh || this.#pending) {
      if (this.#afresh || this.#finished) markdown.replace(this.answer);
      else markdown.append(this.#pending);
      this.#pending = "";
      this.#afresh = this.#finished = false;
    }
    if (this.running) {
      markdown.draw();
      if (markdown.pending) this.context.frames.request(this); // it had more to do than one frame allows
    } else if (!this.#finished) {
      if (this.#thinking.raw) markdown.finish();
      this.#finished = true;
    }
  }

  destroy() {
    this.context.frames.forget(this);
    this.#markdown?.destroy();
    this.root.remove();
  }
}
