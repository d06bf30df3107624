// A list or a table can grow for a long time: it is drawn item by item.
import { isTooMuch } from "./blocks.js";
import { moreRows, rowLimit } from "./decorate.js";
import { morph } from "./safety.js";

const LISTS = ["bullet_list_open", "ordered_list_open"];

/** A list or a table: its items above the last one are finished. */
export class GrowingBlock {
  /**
   * @param {import("./drawing.js").Block} block
   * @param {import("./blocks.js").Part} part
   * @param {string} source of the finished items
   * @param {import("../markdown.js").Labels} labels
   */
  constructor(block, part, source, labels) {
    this.block = block;
    this.element = block.element;
    this.start = block.start;
    this.formulasBefore = block.formulasBefore;
    this.type = part.type;
    this.markup = part.tokens[0].markup;
    this.labels = labels;
    const lines = source.split("\n");
    /** What stands before an item's text when it is read alone. */
    this.prefix = this.type === "table_open" ? `${lines[0]}\n${lines[1]}\n` : "";
    this.rowLimit = this.type === "table_open" ? rowLimit(this.element) : Infinity;
    this.total = this.type === "table_open" ? countRows(part) : this.items.length;
  }

  /** The line of the last item, or -1 where the block is not one that grows by items. */
  static lastItemLine(part) {
    const wanted = LISTS.includes(part.type) ? ["list_item_open", 1] : part.type === "table_open" ? ["tr_open", 2] : null;
    if (!wanted) return -1;
    const items = part.tokens.filter((token) => token.type === wanted[0] && token.level === wanted[1]);
    return items.length > 1 || part.type === "table_open" ? items.at(-1)?.map?.[0] ?? -1 : -1;
  }

  /** Whether blank lines stand between a list's items, or inside one. */
  static isLoose(part) {
    if (!LISTS.includes(part?.type)) return false;
    return part.tokens.some(({ type, level, hidden }) => type === "paragraph_open" && level === 2 && !hidden);
  }

  loosen() {
    this.element.classList.replace("md-tight", "md-loose");
  }

  get container() {
    return this.type === "table_open" ? this.element.querySelector("tbody") : this.element;
  }

  get items() {
    return this.container?.children ?? [];
  }

  get isFull() {
    return this.total >= this.rowLimit;
  }

  /** Whether the text read next is more of the same block. */
  continuesWith(part) {
    return part !== undefined && part.type === this.type && part.tokens[0].markup === this.markup && !isTooMuch(part);
  }

  /** Items that are finished: they take the place of the one that was open. */
  take(element, part, block) {
    for (const [label, meant] of block.lookups) this.block.lookups.set(label, meant);
    this.block.end = block.end;
    this.block.elements += block.elements;
    if (this.isFull) {
      this.total += countRows(part);
      moreRows(this.element, this.total, this.labels);
      return;
    }
    this.total += this.#merge(element, this.total);
    this.trim();
  }

  /** The item that may go on. */
  show(element) {
    if (this.isFull) return;
    const shown = this.#merge(element, this.total);
    this.#cut(this.total + shown);
  }

  /** Takes away what is drawn past the finished items. */
  trim() {
    this.#cut(Math.min(this.total, this.rowLimit));
  }

  #cut(count) {
    while (this.items.length > count) this.items[this.items.length - 1].remove();
  }

  #merge(element, from) {
    if (!element) return 0;
    const table = this.type === "table_open";
    if (!table && element.classList.contains("md-loose")) this.loosen();
    const fresh = [...(table ? element.querySelectorAll("tbody > tr") : element.children)];
    if (table && fresh.length && !this.container) this.element.querySelector("table").append(document.createElement("tbody"));
    fresh.forEach((item, i) => {
      const old = this.items[from + i];
      if (old) morph(old, item);
      else if (this.items.length < this.rowLimit) this.container.append(item);
    });
    return fresh.length;
  }
}

/** Rows of a table's body. */
function countRows(part) {
  return part.tokens.filter((token) => token.type === "tr_open" && token.level === 2).length - 1;
}
