// Text that needs no reading: the inside of an open code block, and what comes past the limit of formatted text. What arrives is
// appended to what is there.
import { colour, knows } from "./code.js";
import { button } from "./decorate.js";
import { HIGHLIGHT_AT_ONCE } from "./limits.js";

/** Characters of plain text in one element: layout of a longer one is slow. */
const PIECE = 20_000;
/** A line that is still arriving and could be the end of a fence. */
const MAY_CLOSE = /^ {0,3}(?:`+|~+)?[ \t]*$/;
const LINE_LOOKED_AT = 200;
/** Colouring takes at most one part in this many of the time. */
const COLOUR_PAUSE = 12;

/** A code block that is still open: what arrives is appended to its text, and coloured line by line if there is time. */
export class FenceReader {
  /** The text at the end that has no colour yet. */ tail = document.createTextNode("");
  coloured = 0;
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
  }

  /**
   * Takes in what is new.
   * @returns {number} the offset after the block, or -1 while it is open
   */
  read(text, final) {
    if (this.line < 0) {
      const first = text.indexOf("\n", this.start);
      if (first < 0) return final ? text.length : -1;
      this.at = this.line = this.first = first + 1;
    }
    for (let end = text.indexOf("\n", this.line); end >= 0; end = text.indexOf("\n", this.line)) {
      if (this.#closes(text.slice(this.line, Math.min(end, this.line + LINE_LOOKED_AT)))) return end + 1;
      this.line = end + 1;
    }
    if (final) return text.length;
    const held = MAY_CLOSE.test(text.slice(this.line, this.line + LINE_LOOKED_AT)) ? this.line : text.length;
    if (held > this.at) {
      this.#append(text.slice(this.at, held));
      this.at = held;
    }
    if (this.language) this.#colour(text);
    return -1;
  }

  #closes(line) {
    const mark = line.replace(/^ {1,3}/, "").trimEnd();
    return mark.length >= this.markup.length && mark === this.markup[0].repeat(mark.length);
  }

  #append(text) {
    if (this.tail.length > PIECE) this.tail = this.code.appendChild(document.createTextNode(""));
    this.tail.appendData(text);
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

/** What comes past the limit of formatted text: exactly as it is, in pieces. */
export class PlainRest {
  /** @param {import("./drawing.js").Drawing} drawing @param {number} start */
  constructor(drawing, start) {
    this.start = this.at = start;
    this.element = document.createElement("div");
    this.element.className = "md-plain md-rest";
    this.more = this.element.appendChild(button("formatted", drawing.labels.showFormatted));
    for (const element of drawing.open.splice(0)) element.remove();
    drawing.root.insertBefore(this.element, drawing.footnotes.section);
  }

  /** Appends what is new. */
  grow(text) {
    while (this.at < text.length) {
      if (!this.piece || this.piece.length >= PIECE) {
        const pre = document.createElement("pre");
        this.piece = pre.appendChild(document.createTextNode(""));
        this.more.before(pre);
      }
      const end = Math.min(text.length, this.at + PIECE - this.piece.length);
      this.piece.appendData(text.slice(this.at, end));
      this.at = end;
    }
  }
}
