// Text that needs no reading: the inside of an open code block, and what comes past the limit of formatted text. What arrives is
// appended to what is there.
import { colour, knows } from "./code.js";
import { button } from "./decorate.js";
import { HIGHLIGHT_AT_ONCE, HIGHLIGHT_LIMIT } from "./limits.js";
import { Pieces } from "./pieces.js";

/** Characters of plain text put into the page between two looks at the clock. */
const GULP = 100_000;
/** What FenceReader.read() says of a block that has not ended. */
export const OPEN = -1;
export const MORE = -2;
/** A line that is still arriving and could be the end of a fence. */
const MAY_CLOSE = /^ {0,3}(?:`+|~+)?[ \t]*$/;
const LINE_LOOKED_AT = 200;
/** Colouring takes at most one part in this many of the time. */
const COLOUR_PAUSE = 12;

/** A code block that is still open: what arrives is appended to its text, and coloured line by line if there is time. */
export class FenceReader {
  /** The text at the end that has no colour yet. */ tail = document.createTextNode("");
  coloured = 0;
  poured = false;
  pauseUntil = 0;
  /** Offset of the line that is being read. */ line = -1;

  /**
   * @param {HTMLElement} box
   * @param {number} start offset of the fence
   * @param {string} markup its opening marks
   */
  constructor(box, start, markup) {
    this.start = start;
    this.markup = markup;
    this.code = box.querySelector("code");
    this.code.replaceChildren(this.tail);
    this.language = knows(box.dataset.language) ? box.dataset.language : "";
    this.pieces = new Pieces(() => {
      const piece = document.createElement("span");
      piece.className = "md-piece";
      return this.code.appendChild(piece);
    });
  }

  /**
   * Takes in what is new. Of a block too long for colours all of it is then in the page, else what a reader may see of it.
   * @returns {number} the offset after the block, OPEN, or MORE where there is text left to take in
   */
  read(text, final) {
    if (this.line < 0) {
      const first = text.indexOf("\n", this.start);
      if (first < 0) return final ? text.length : OPEN;
      this.at = this.line = this.first = first + 1;
    }
    for (let end = text.indexOf("\n", this.line); end >= 0; end = text.indexOf("\n", this.line)) {
      if (this.#closes(text.slice(this.line, Math.min(end, this.line + LINE_LOOKED_AT)))) return this.#end(text, this.line, end + 1);
      this.line = end + 1;
      if (this.line - this.at > GULP) {
        this.#append(text.slice(this.at, this.line));
        this.at = this.line;
        return MORE;
      }
    }
    if (final) {
      const last = this.#closes(text.slice(this.line, this.line + LINE_LOOKED_AT)) ? this.line : text.length;
      return this.#end(text, last, text.length);
    }
    const held = MAY_CLOSE.test(text.slice(this.line, this.line + LINE_LOOKED_AT)) ? this.line : text.length;
    if (held > this.at) {
      this.#append(text.slice(this.at, held));
      this.at = held;
    }
    if (this.language) this.#colour(text);
    return OPEN;
  }

  #closes(line) {
    const mark = line.replace(/^ {1,3}/, "").trimEnd();
    return mark.length >= this.markup.length && mark === this.markup[0].repeat(mark.length);
  }

  #end(text, last, end) {
    if (end - this.start > HIGHLIGHT_LIMIT && last > this.at) this.#append(text.slice(this.at, last));
    return end;
  }

  /** The first lines can be coloured, so they are one text; what follows is poured. */
  #append(text) {
    if (!this.poured) {
      const before = this.at - this.first;
      const line = text.indexOf("\n", Math.max(0, HIGHLIGHT_AT_ONCE - before)) + 1 || Infinity;
      const cut = Math.min(line, HIGHLIGHT_LIMIT - before);
      this.tail.appendData(text.slice(0, cut));
      if (cut > text.length) return;
      this.poured = true;
      text = text.slice(cut);
    }
    this.pieces.append(text);
  }

  /** Colours the lines that are complete. Earlier ones keep what they have; the last word is spoken when the block ends. */
  #colour(text) {
    const length = this.line - this.first;
    const start = performance.now();
    if (length <= this.coloured || length > HIGHLIGHT_AT_ONCE || start < this.pauseUntil) return;
    const nodes = colour(text.slice(this.first, this.line), this.language, this.coloured);
    if (!nodes) this.language = "";
    else {
      this.tail.deleteData(0, length - this.coloured);
      this.code.insertBefore(nodes, this.tail);
      this.coloured = length;
    }
    const now = performance.now();
    this.pauseUntil = now + (now - start) * COLOUR_PAUSE;
  }
}

/** What comes past the limit of formatted text: exactly as it is. */
export class PlainRest {
  /** @type {string[]} arrived, but not in the page yet */ #waiting = [];

  /** @param {import("./drawing.js").Drawing} drawing @param {number} start */
  constructor(drawing, start) {
    const { labels } = drawing;
    this.start = start;
    this.element = document.createElement("div");
    this.element.className = "md-plain md-rest";
    const note = document.createElement("div");
    note.className = "md-note";
    note.append(labels.restIsPlain, button("formatted", labels.showFormatted), button("download", labels.download));
    this.element.append(note);
    for (const element of drawing.open.splice(0)) element.remove();
    drawing.root.insertBefore(this.element, drawing.footnotes.section);
    this.pieces = new Pieces(() => this.element.appendChild(document.createElement("pre")));
  }

  /** @param {string} text what is new */
  arrive(text) {
    this.#waiting.push(text);
  }

  /** @param {number} deadline as performance.now() @returns {boolean} whether all that arrived is in the page */
  pour(deadline) {
    while (this.#waiting.length) {
      const [text] = this.#waiting;
      this.pieces.append(text.slice(0, GULP));
      if (text.length > GULP) this.#waiting[0] = text.slice(GULP);
      else this.#waiting.shift();
      if (performance.now() > deadline) return !this.#waiting.length;
    }
    return true;
  }
}
