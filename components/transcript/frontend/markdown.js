// One answer, drawn from markdown while it arrives.
//
//   const answer = new Markdown(root, labels);
//   answer.append(text);   // as often as text comes
//   answer.draw();         // once per animation frame while answer.pending
//   answer.finish();       // once, when nothing more will come
import { listen } from "./markdown/actions.js";
import { doOneLater } from "./markdown/decorate.js";
import { drawDiagram, drawDiagrams } from "./markdown/diagrams.js";
import { Drawing } from "./markdown/drawing.js";
import { Footnotes } from "./markdown/footnotes.js";
import { DEFAULT_LABELS } from "./markdown/labels.js";
import { redraw, reopen, repair } from "./markdown/repair.js";
import { Steps } from "./markdown/steps.js";
import { download, offerFormulas, showFormatted, showRows } from "./markdown/more.js";

export { DEFAULT_LABELS };
/** @typedef {import("./markdown/labels.js").Labels} Labels */

/** Time that one call may take before the rest waits for the next one, in ms. */
const DRAW_BUDGET = 10;
const FINISH_BUDGET = 16;
/** A last pass over more than this, in ms, has its corrections in a task of their own. */
const ENOUGH = 8;
/** Time at once for what waits until the browser is idle, in ms. */
const IDLE_BUDGET = 8;
/** A draw that took longer than this, in ms, is followed by a pause of several times its length. */
const CHEAP = 4;
const PAUSE = 4;
/** An open block longer than this costs the browser's layout more than our own code. */
const LONG_BLOCK = 8_000;
const LONGEST_PAUSE = 500;
/** Characters of a long open block for which 1 ms goes by between two draws. */
const LONG_BLOCK_PACE = 400;

let serial = 0;

export class Markdown {
  #source = "";
  #text = "";
  /** A character that only means something together with the next one: CR, or half a pair. */
  #carry = "";
  #pending = false;
  #finished = false;
  #pauseUntil = 0;
  #timer = 0;
  #idle = 0;
  #coloured = null;
  /** Finished blocks that the last pass has found to mean something else by now. @type {object[] | null} */
  #stale = null;
  #settled = Promise.resolve();
  #settle = null;

  /**
   * @param {HTMLElement} root empty; gets the class `md`
   * @param {Partial<Labels>} [labels] DEFAULT_LABELS where not given
   */
  constructor(root, labels = {}) {
    this.root = root;
    this.labels = { ...DEFAULT_LABELS, ...labels };
    root.classList.add("md");
    this.#reset();
    this.stopListening = listen(root, this.labels, {
      formatted: (button) => showFormatted(button, this.drawing, this.#text) && this.#finishAgain(),
      rows: (button) => showRows(button, this.drawing, this.#text),
      download: () => download(this.#source),
    });
    this.theme = new MutationObserver(() => this.retheme());
  }

  /** The exact source. */
  get text() {
    return this.#source;
  }

  /** Whether draw() has something to do. */
  get pending() {
    return this.#pending;
  }

  /** Whether draw() would do nothing just now, because the last one was costly. */
  get resting() {
    return performance.now() < this.#pauseUntil;
  }

  /** Resolves when nothing is left to be done after finish(): colours of long code blocks and diagrams too. */
  get settled() {
    return this.#settled;
  }

  /** Takes text in. Draws nothing. */
  append(text) {
    if (!text) return;
    this.#source += text;
    const raw = this.#carry + text;
    this.#carry = /[\r\ud800-\udbff]$/.exec(raw)?.[0] ?? "";
    this.#take(raw.slice(0, raw.length - this.#carry.length));
    if (this.#finished) this.#reopen();
    this.#pending = true;
  }

  /** What is shown as it is needs no look at the text before it, which may be long. */
  #take(raw) {
    const text = normalize(raw);
    this.#text += text;
    this.drawing.rest?.arrive(text);
  }

  /** The text is now another one, as a whole. If it only continues, what is drawn stays. */
  replace(text) {
    if (text.startsWith(this.#source)) {
      this.append(text.slice(this.#source.length));
      return;
    }
    this.#source = this.#text = this.#carry = "";
    this.#reset();
    this.append(text);
    this.#pending = true;
  }

  /**
   * Draws what has come, once per animation frame.
   * @returns {boolean} whether the page changed
   */
  draw() {
    if (!this.#pending) return false;
    const start = performance.now();
    if (start < this.#pauseUntil) {
      this.#timer ||= setTimeout(() => {
        this.#timer = 0;
        this.draw();
      }, this.#pauseUntil - start);
      return false;
    }
    this.drawing.changed = false;
    this.#pending = !this.steps.advance(this.#text, false, start + DRAW_BUDGET);
    const now = performance.now();
    const length = this.drawing.fence ? 0 : this.#text.length - this.drawing.offset;
    const costly = now - start > CHEAP ? (now - start) * PAUSE : 0;
    const pause = Math.min(Math.max(costly, length > LONG_BLOCK ? length / LONG_BLOCK_PACE : 0), LONGEST_PAUSE);
    this.#pauseUntil = this.drawing.rest ? 0 : now + pause;
    return this.drawing.changed;
  }

  /** Nothing more will come: the last pass. Long answers go on after it returns; see `settled`. */
  finish() {
    if (this.#finished && !this.#pending) return;
    clearTimeout(this.#timer);
    this.#take(this.#carry);
    this.#carry = "";
    this.#finished = true;
    this.#pending = true;
    this.#settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#finishSome();
  }

  #finishSome() {
    this.#timer = 0;
    if (!this.#finished) return;
    const start = performance.now();
    const all = this.steps.advance(this.#text, true, start + FINISH_BUDGET);
    if (!all || performance.now() - start > ENOUGH) {
      this.#timer = setTimeout(() => this.#finishSome());
      return;
    }
    this.#stale ??= repair(this.drawing, this.#text);
    while (this.#stale.length) {
      redraw(this.drawing, this.#text, this.#stale.shift());
      if (performance.now() - start > FINISH_BUDGET) {
        this.#timer = setTimeout(() => this.#finishSome());
        return;
      }
    }
    this.#stale = null;
    this.footnotes.settle();
    this.#pending = false;
    offerFormulas(this.root, this.labels);
    const diagrams = [...this.root.querySelectorAll(".md-code[data-language=mermaid]:not(.md-drawn)")];
    const themed = diagrams.length ? this.root.closest("[data-theme]") : null;
    if (themed) this.theme.observe(themed, { attributes: true, attributeFilter: ["data-theme"] });
    const drawn = drawDiagrams(diagrams, this.labels);
    const coloured = new Promise((resolve) => {
      this.#coloured = resolve;
    });
    this.#colourLater();
    Promise.all([...drawn, coloured]).then(this.#settle);
  }

  /** Draws the diagrams again, for a page that has become light or dark. */
  retheme() {
    for (const box of this.root.querySelectorAll(".md-code.md-drawn")) drawDiagram(box, this.labels);
  }

  /** Takes everything away; the instance is of no use afterwards. */
  destroy() {
    this.#finished = false;
    this.#pending = false;
    clearTimeout(this.#timer);
    this.theme.disconnect();
    this.stopListening();
    this.root.replaceChildren();
    this.root.classList.remove("md");
  }

  #reset() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#pauseUntil = 0;
    this.#finished = false;
    this.#stale = null;
    this.root.replaceChildren();
    this.footnotes = new Footnotes(this.root, `md${++serial}`, this.labels);
    this.drawing = new Drawing(this.root, this.labels, this.footnotes, () => this.#colourLater());
    this.steps = new Steps(this.drawing);
  }

  #reopen() {
    this.#finished = false;
    this.#stale = null;
    this.root.querySelector(":scope > .md-more")?.remove();
    reopen(this.drawing);
  }

  /** Colours long code blocks and draws formulas put off, when the browser has nothing better to do. */
  #colourLater() {
    this.#idle ||= whenIdle(() => {
      this.#idle = 0;
      const end = performance.now() + IDLE_BUDGET;
      while (doOneLater(this.root, this.labels)) if (performance.now() > end) return this.#colourLater();
      this.#coloured?.();
    });
  }

  /** A limit is gone: what it held back is drawn, if the answer was finished. */
  #finishAgain() {
    this.#pending = true;
    if (!this.#finished) return;
    this.#finished = false;
    this.finish();
  }
}

/** Line ends and characters as markdown reads them: LF, no NUL, no half of a pair. */
function normalize(text) {
  return wellFormed(text.replace(/\r\n?/g, "\n").replace(/\0/g, "\uFFFD"));
}

function wellFormed(text) {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\uFFFD");
}

function whenIdle(run) {
  return window.requestIdleCallback ? requestIdleCallback(run, { timeout: 100 }) : setTimeout(run, 30);
}
