// The elements of one answer, drawn as its text grows. Finished blocks are drawn once; only what may go on is drawn again.
import { Allowance } from "./allowance.js";
import { keepBack } from "./keep_back.js";
import { holders, isTooMuch, lastLeaf, lineOffsets, outline, partHtml } from "./blocks.js";
import { isOpenFence } from "./grammar.js";
import { decorate as decorateHolder } from "./decorate.js";
import { GrowingBlock } from "./growing.js";
import { FenceReader, PlainRest } from "./pouring.js";
import { recorder } from "./references.js";
import { morph } from "./safety.js";

/**
 * @typedef {object} Block a finished block
 * @property {HTMLElement | null} element
 * @property {string} type
 * @property {number} start offset in the text
 * @property {number} end
 * @property {Map<string, string | undefined>} lookups link labels it asked for, and what they meant then
 * @property {number} formulasBefore formulas in the blocks above
 * @property {number} formulas
 * @property {number} elements
 * @property {boolean} [unlimited]
 * @property {boolean} [poured] a code block whose text was never read as markdown
 */

export class Drawing {
  /** @type {Block[]} */ blocks = [];
  /** @type {HTMLElement[]} drawn, but may change */ open = [];
  /** @type {GrowingBlock | null} a list or table whose earlier items are finished */ growing = null;
  /** @type {FenceReader | null} */ fence = null;
  /** @type {PlainRest | null} */ rest = null;
  /** Where the first block that is not finished starts. */ offset = 0;
  /** What was drawn of the open block last. */ shown = /** @type {string | null} */ (null);
  shownAt = 0;
  /** Whether a node was touched since somebody set it to false. */ changed = false;
  formulas = 0;
  formulasUntil = 0;
  elements = 0;
  allowance = new Allowance();
  references = Object.create(null);
  reopened = false;
  /** Offset of a block that must be drawn as a whole. */ noGrowing = -1;

  /**
   * @param {HTMLElement} root
   * @param {import("../markdown.js").Labels} labels
   * @param {import("./footnotes.js").Footnotes} footnotes
   * @param {() => void} later is told that a code block waits to be coloured
   */
  constructor(root, labels, footnotes, later) {
    this.root = root;
    this.labels = labels;
    this.footnotes = footnotes;
    this.later = later;
  }

  /** Whatever comes is shown as it is from here on. */
  pourRest(text) {
    this.allowance.wasUsedUp = true;
    if (this.growing) this.#finishGrowing({ end: this.offset });
    this.rest = new PlainRest(this, this.offset);
    this.rest.arrive(text.slice(this.offset));
  }

  /** A code block so long that to draw it once more, as a whole, would hold up the page: it stays as it was poured. */
  keepFence(text, end) {
    const element = this.open.shift();
    delete element.dataset.open;
    this.blocks.push({
      element, type: "fence", start: this.offset, end, lookups: new Map(),
      formulasBefore: this.formulas, formulas: 0, elements: 0, poured: true,
    });
    this.shown = null;
    this.changed = true;
    this.offset = end;
  }

  /** Finishes what is finished in text[offset, end), and draws what is left of it if `draw`. */
  read(text, end, mayGoOn, draw) {
    let source = (this.growing?.prefix ?? "") + text.slice(this.offset, end);
    let parts = outline(source, { references: Object.create(this.references), open: mayGoOn });
    if (mayGoOn) {
      const keep = keepBack(source, lastLeaf(parts, source));
      if (keep < source.length) {
        source = source.slice(0, keep);
        parts = outline(source, { references: Object.create(this.references), open: true });
      }
      if (!parts.length) return;
    }
    if (this.growing && !this.growing.continuesWith(parts[0])) {
      this.#giveUpGrowing();
      return this.read(text, end, mayGoOn, draw);
    }
    const offsets = lineOffsets(source);
    const open = mayGoOn ? parts.slice(-(isPending(parts.at(-1)) ? 2 : 1)) : [];
    const cut = open.length ? offsets[this.#firstOpenLine(open[0])] : source.length;
    const prefix = this.growing?.prefix.length ?? 0;
    if (cut > prefix) this.#commit(source.slice(0, cut), prefix, open[0]);
    if (this.growing && GrowingBlock.isLoose(open[0])) this.growing.loosen(); // the blank line may be where the cut is
    if (!open.length) {
      this.#dropOpen(0);
      return;
    }
    const tail = (this.growing?.prefix ?? "") + source.slice(cut);
    if (!this.growing && open[0].type === "fence" && isOpenFence(open[0].tokens[0]) && !/^[ \t]/.test(tail)) {
      this.fence = new FenceReader(this.#drawOpen(tail)[0], this.offset, open[0].tokens[0].markup);
      this.fence.read(text.slice(0, end), false);
    } else if (draw && !(this.shown === tail && this.shownAt === this.offset)) {
      this.#drawOpen(tail);
    }
  }

  /** The first line that may still change: of a list its last item, of a table its last row, else the block's own. */
  #firstOpenLine(part) {
    if (this.noGrowing !== this.offset && !isTooMuch(part)) {
      const line = GrowingBlock.lastItemLine(part);
      if (line > part.start) return line;
    } else if (this.growing) {
      this.#giveUpGrowing();
    }
    return part.start;
  }

  #giveUpGrowing() {
    this.offset = this.growing.start;
    this.elements -= this.growing.block.elements;
    this.formulas = this.growing.formulasBefore;
    this.noGrowing = this.offset;
    this.open.unshift(this.growing.element);
    this.growing = null;
  }

  /** Draws finished text for good. `openPart` is the block that may go on after it. */
  #commit(source, prefix, openPart) {
    this.changed = true;
    this.shown = null;
    const lookups = new Map();
    const env = { references: recorder(this.references, lookups) };
    const parts = outline(source, env);
    const offsets = lineOffsets(source);
    const base = this.offset - prefix;
    const skip = this.growing?.isFull ? 1 : 0;
    const asked = [];
    const htmls = parts.map((part, i) => {
      lookups.clear();
      const html = i < skip ? "" : partHtml(part, source, env);
      asked.push(new Map(lookups));
      return html;
    });
    const drawn = holders(htmls);
    const sizes = drawn.map((holder) => holder.getElementsByTagName("*").length);
    parts.forEach((part, i) => {
      const { element, formulas } = this.decorate(drawn[i], this.formulas);
      const block = {
        element, type: part.type, start: base + offsets[part.start], end: base + offsets[part.end],
        lookups: asked[i], formulasBefore: this.formulas, formulas, elements: sizes[i],
      };
      this.formulas += formulas;
      this.elements += sizes[i];
      const partial = i === parts.length - 1 && openPart !== undefined && part.start === openPart.start;
      if (i === 0 && this.growing) {
        this.growing.take(element, part, block);
        if (!partial) this.#finishGrowing(block);
        return;
      }
      block.element = this.#place(element, 0);
      this.open.shift();
      if (partial) this.growing = new GrowingBlock(block, part, source.slice(offsets[part.start]), this.labels);
      else this.blocks.push(block);
    });
    this.offset = base + source.length;
  }

  #finishGrowing(last) {
    const { growing } = this;
    growing.trim();
    this.blocks.push({ ...growing.block, end: last.end, formulas: this.formulas - growing.formulasBefore });
    this.growing = null;
  }

  /** Draws the text that may go on, over what was drawn of it before. */
  #drawOpen(tail) {
    this.shown = tail;
    this.shownAt = this.offset;
    this.changed = true;
    const lines = lineOffsets(tail).length - 1;
    const env = { references: Object.create(this.references), open: true, lines, endsLine: tail.endsWith("\n") };
    let formulas = this.formulas;
    let index = 0;
    const drawn = holders(outline(tail, env).map((part) => partHtml(part, tail, env)));
    drawn.forEach((holder, i) => {
      const { element, formulas: found } = this.decorate(holder, formulas);
      formulas += found;
      if (i === 0 && this.growing) this.growing.show(element);
      else if (element) this.open[index] = this.#place(element, index++);
    });
    this.#dropOpen(index);
    return this.open;
  }

  #dropOpen(from) {
    for (const element of this.open.splice(from)) element.remove();
  }

  /** Puts an element where open block number `index` stands, over what was drawn there if it is of the same kind. */
  #place(element, index) {
    const old = this.open[index];
    if (!element) {
      old?.remove();
      return null;
    }
    if (old && old.nodeName === element.nodeName && old.className === element.className) {
      morph(old, element);
      return old;
    }
    if (old && (old.nodeName === "LI") === (element.nodeName === "LI")) old.replaceWith(element);
    else {
      old?.remove();
      if (element.nodeName === "LI") this.footnotes.add(element);
      else this.root.insertBefore(element, this.open[index + 1] ?? this.footnotes.section);
    }
    return element;
  }

  /** @param {HTMLElement} holder @param {number} formulasBefore formulas in the blocks above */
  decorate(holder, formulasBefore) {
    const decorated = decorateHolder(holder, {
      labels: this.labels, formulasLeft: this.allowance.formulas - formulasBefore, until: this.formulasUntil, later: this.later,
    });
    if (decorated.element) this.footnotes.number(decorated.element);
    return decorated;
  }
}

function isPending(part) {
  return part.type === "maths_block" && part.tokens[0].meta.open;
}

