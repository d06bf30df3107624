/**
 * What a model thinks aloud inside its answer, between <think> and </think>, parted from the answer while both arrive.
 *
 * A tag counts at the beginning of a line, an opening one also at the end of one, and neither inside a code block.
 * Some models leave the first tag out; what stood before a lone </think> is then taken back from the answer.
 */
const OPEN = "<think>";
const CLOSE = "</think>";
const FENCE = /^ {0,3}(```|~~~)/;
const LINE_HEAD = 8; // characters of a line that tell a fence

/** How many characters at the end of `text` may be the beginning of `tag`. @param {string} text @param {string} tag */
function begun(text, tag) {
  for (let length = Math.min(tag.length - 1, text.length); length; length -= 1) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}

export class Thinking {
  /** The thoughts so far. */
  reasoning = "";
  /** A thought is open. */
  inside = false;
  /** What take() had returned is void: `visible` is all there is of the answer. */
  restated = false;
  #raw = "";
  #carry = ""; // may be the beginning of a tag
  #thought = false;
  #visible = "";
  #line = "";
  #fenced = false;
  #named = false;

  /** The answer as it came. */
  get raw() {
    return this.#raw;
  }

  /** All of the answer that is no thought. */
  get visible() {
    if (this.#thought) return this.#visible;
    return this.#carry ? this.#raw.slice(0, -this.#carry.length) : this.#raw;
  }

  /** @param {string} text @returns {string} what of it belongs to the answer */
  take(text) {
    this.#raw += text;
    return this.#read(this.#carry + text, false);
  }

  /** Nothing more comes. @returns {string} what was held back */
  end() {
    return this.#read(this.#carry, true);
  }

  /** @param {string} text the end of what has come @param {boolean} last */
  #read(text, last) {
    let shown = "";
    this.#carry = "";
    for (;;) {
      const found = this.inside ? text.indexOf(CLOSE) : this.#next(text);
      if (found < 0) {
        const held = last ? 0 : Math.max(begun(text, CLOSE), this.inside ? 0 : begun(text, OPEN));
        this.#carry = text.slice(text.length - held);
        return shown + this.#pass(text.slice(0, text.length - held));
      }
      shown += this.#pass(text.slice(0, found));
      const before = this.#raw.length - text.length + found; // characters that came before the tag
      const tag = text.startsWith(CLOSE, found) ? CLOSE : OPEN;
      const next = text[found + tag.length];
      if (!next && !last && !this.inside && this.#line.trim()) {
        this.#carry = tag; // what comes next tells
        return shown;
      }
      if (this.inside) this.#finish();
      else if (!this.#mayStand(tag, next)) shown += this.#pass(tag);
      else if (tag === OPEN) this.#begin(before);
      else shown = this.#takeBack(before);
      text = text.slice(found + tag.length);
    }
  }

  /** Where the next tag of either kind is. @param {string} text */
  #next(text) {
    const places = [text.indexOf(OPEN), text.indexOf(CLOSE)].filter((place) => place >= 0);
    return places.length ? Math.min(...places) : -1;
  }

  /** Whether a tag means something here. @param {string} tag @param {string|undefined} next  character after it */
  #mayStand(tag, next) {
    if (this.#fenced) return false;
    if (tag === OPEN) return !this.#line.trim() || next === "\n";
    return !this.#line.trim() && !this.#thought && !this.#named;
  }

  /** @param {string} text @returns {string} */
  #pass(text) {
    if (this.inside) {
      this.reasoning += this.reasoning ? text : text.trimStart();
      return "";
    }
    if (text === OPEN) this.#named = true; // the answer speaks of the tags themselves
    if (this.#thought && !this.#visible) text = text.trimStart(); // the empty lines after a thought
    if (this.#thought) this.#visible += text;
    for (const [place, line] of text.split("\n").entries()) {
      if (place) {
        if (FENCE.test(this.#line)) this.#fenced = !this.#fenced;
        this.#line = "";
      }
      if (this.#line.length < LINE_HEAD) this.#line += line.slice(0, LINE_HEAD);
    }
    return text;
  }

  /** @param {number} before */
  #begin(before) {
    if (!this.#thought) this.#visible = this.#raw.slice(0, before);
    if (this.reasoning) this.reasoning += "\n\n";
    this.#thought = this.inside = true;
  }

  #finish() {
    this.inside = false;
    this.reasoning = this.reasoning.trimEnd();
    this.#line = "";
  }

  /** @param {number} before */
  #takeBack(before) {
    this.reasoning = this.#raw.slice(0, before).trim();
    this.#thought = this.restated = true;
    this.#visible = this.#line = "";
    return "";
  }
}
