/**
 * How much of a conversation a reader has: the id of a frame, `…-<index>-<offset>`, and the text that came after it.
 *
 * Most text comes without an id, which would be longer than the text: its length is added to the offset here.
 * Characters are counted as the server does, by code points.
 */
export class Position {
  #head = "";
  #offset = 0;
  /** The turn that text without an index belongs to. */
  index = -1;

  /** @param {string} id "" forgets all */
  is(id) {
    const parts = id.split("-");
    this.#offset = Number(parts.pop());
    this.#head = parts.join("-");
    this.index = Number(parts.pop() || -1);
  }

  /** @param {string} text */
  advance(text) {
    this.#offset += text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0);
  }

  toString() {
    return this.#head && `${this.#head}-${this.#offset}`;
  }
}
