// How much of an answer is looked at in one step, so that no step holds up the page however much has come.
import { HIGHLIGHT_LIMIT } from "./limits.js";
import { MORE, OPEN } from "./pouring.js";

/** Characters looked at in one step when much text arrives at once; fewer where a step takes longer than this, in ms. */
const WINDOW = 2_048;
const SMALLEST_WINDOW = 256;
const STEP = 5;
/** Time for the formulas of one step, in ms. */
const FORMULAS = 6;

export class Steps {
  #window = WINDOW;

  /** @param {import("./drawing.js").Drawing} drawing */
  constructor(drawing) {
    this.drawing = drawing;
  }

  /**
   * Draws what `text` has more than last time.
   * @param {string} text the whole answer so far
   * @param {boolean} final nothing comes after it
   * @param {number} deadline as performance.now(); past it the rest waits for the next call
   * @returns {boolean} whether all of it has been seen to
   */
  advance(text, final, deadline) {
    const { drawing } = this;
    let size = this.#window;
    while (true) {
      if (drawing.rest) {
        drawing.changed = true;
        return drawing.rest.pour(deadline);
      }
      if (drawing.fence) {
        const { at } = drawing.fence;
        const closed = drawing.fence.read(text, final);
        drawing.changed ||= drawing.fence.at !== at;
        if (closed === OPEN) return true;
        if (closed === MORE) {
          if (performance.now() > deadline) return false;
          continue;
        }
        if (closed - drawing.offset > HIGHLIGHT_LIMIT) drawing.keepFence(text, closed);
        else size = Math.max(size, closed - drawing.offset);
        drawing.fence = null;
      }
      let end = drawing.offset + size < text.length ? text.lastIndexOf("\n", drawing.offset + size - 1) + 1 : text.length;
      if (end <= drawing.offset) end = text.length > drawing.offset ? endOfLine(text, drawing.offset + size) : text.length;
      if (drawing.allowance.isUsedUp(drawing, text, end, size)) {
        drawing.pourRest(text);
        continue;
      }
      const whole = end === text.length;
      const before = drawing.offset;
      const start = performance.now();
      drawing.formulasUntil = start + FORMULAS;
      drawing.read(text, end, !(final && whole), whole);
      if (whole && !drawing.fence) return true;
      const now = performance.now();
      if (drawing.offset > before || drawing.fence) {
        size = this.#window = now - start > STEP ? Math.max(SMALLEST_WINDOW, size >> 1) : Math.min(WINDOW, this.#window * 2);
      } else size *= 2;
      if (now > deadline) return false;
    }
  }
}

function endOfLine(text, from) {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end + 1;
}
