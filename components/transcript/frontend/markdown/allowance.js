// How much of an answer is formatted. A reader may ask for more, a portion at a time.
import { ASKED_FOR, BLOCK_LIMIT, ELEMENT_LIMIT, FORMULA_LIMIT, TEXT_LIMIT } from "./limits.js";

/** A table past its rows is only counted, which costs little: it may be this many times as long. */
const COUNTED = 5;
const PICTURE_DATA = /data:image\/[a-z]{3,4};base64,[a-z0-9+/=]*/gi;

/** @typedef {import("./drawing.js").Drawing} Drawing */

export class Allowance {
  text = TEXT_LIMIT;
  elements = ELEMENT_LIMIT;
  block = BLOCK_LIMIT;
  formulas = FORMULA_LIMIT;
  /** Whether it was ever used up: then blocks are cut where the limit fell, and the whole text is never read at once. */
  wasUsedUp = false;

  /**
   * @param {Drawing} drawing
   * @param {string} text of the whole answer
   * @param {number} end of what would be read next
   * @param {number} size of what was read in vain, in search of a block's end
   * @returns {boolean} whether what comes from the drawing's offset on is more than a page can take as formatted text
   */
  isUsedUp({ offset, growing, elements }, text, end, size) {
    if (offset >= text.length) return false;
    if (growing?.isFull) return offset >= this.text * COUNTED;
    if (offset >= this.text || elements >= this.elements) return true;
    if (Math.max(end - offset, size) <= this.block) return false;
    return text.slice(offset, end).replace(PICTURE_DATA, "").length > this.block;
  }

  /** The next portion, as large as the first. @param {Drawing} drawing */
  extend({ offset, elements }) {
    this.text = offset + TEXT_LIMIT;
    this.elements = elements + ELEMENT_LIMIT;
    this.block = BLOCK_LIMIT * ASKED_FOR;
  }
}
