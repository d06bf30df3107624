// Long plain text in boxes of its own: the browser lays out those in sight alone, and one long line is not one long job.

/** Characters and lines of one box. */
const PIECE = 20_000;
const LINES = 400;
/** Characters in a line of the column, to guess how high a box is that has never been in sight. */
const COLUMN = 90;

/** Text that only grows. A box ends with a line, unless one line fills half of it. */
export class Pieces {
  /** @type {Text | null} */ #text = null;
  #lines = 0;
  /** Offset after the last whole line in the box. */ #lineEnd = 0;

  /** @param {() => HTMLElement} makeBox makes an empty box where the next one belongs */
  constructor(makeBox) {
    this.makeBox = makeBox;
  }

  /** @param {string} text */
  append(text) {
    for (let at = 0; at < text.length; ) {
      this.#text ??= this.makeBox().appendChild(document.createTextNode(""));
      let room = text.slice(at, at + PIECE - this.#text.length);
      const end = this.#countLines(room);
      if (this.#lines === LINES) room = room.slice(0, end);
      if (end) this.#lineEnd = this.#text.length + end;
      this.#text.appendData(room);
      at += room.length;
      if (this.#lines === LINES || this.#text.length === PIECE) this.#close();
    }
  }

  /** Counts the lines of `room` that the box may still have; the offset after the last of them. */
  #countLines(room) {
    let end = 0;
    for (; this.#lines < LINES; this.#lines++) {
      const newline = room.indexOf("\n", end);
      if (newline < 0) break;
      end = newline + 1;
    }
    return end;
  }

  #close() {
    const text = this.#text;
    const cut = this.#lineEnd > PIECE / 2 || this.#lines === LINES ? this.#lineEnd : PIECE;
    const carried = text.data.slice(cut);
    text.deleteData(cut, carried.length);
    const lines = Math.max(this.#lines, Math.ceil(cut / COLUMN));
    text.parentElement.style.containIntrinsicBlockSize = `auto ${lines}lh`;
    this.#text = null;
    this.#lines = this.#lineEnd = 0;
    this.append(carried);
  }
}
