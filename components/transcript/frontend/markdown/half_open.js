// Text that is still arriving, inside a block: what the end of a paragraph, item, cell or quote has opened is closed for the eye,
// and what cannot be judged yet is kept back a moment. keep_back.js does the same for whole lines.
import { closeEmphasis, delimiters } from "./emphasis.js";
import { canOpenDollar, formulaAt, looksLikeProse } from "./maths.js";
import { IMAGE_MAX, labelEnd, PICTURE_DATA, TARGET_MAX, targetAt } from "./targets.js";

const CODE_MAX = 300;
const LABEL_MAX = 300;
const FOOTNOTE_MAX = 110;
const FORMULA_MAX = 1_000;
const DISPLAY_MAX = 4_000;
/** An address in angle brackets that has no end yet. */
const OPEN_ADDRESS = /^<(?:[a-z][a-z0-9+.-]{0,31}:?[^\s<>]{0,500}|[^\s<>@]{1,64}@[^\s<>]{0,200})?$/i;
const OPEN_ENTITY = /^&#?\w{0,31}$/;

/**
 * The inline text of a leaf that may go on, with what it has opened closed.
 * @param {string} source
 * @param {import("markdown-it")} md
 * @returns {string}
 */
export function closeHalfOpen(source, md) {
  const reading = new Reading(source.replace(/[\ud800-\udbff]$/, ""), md);
  while (reading.at < reading.text.length) reading.step();
  reading.dropBrackets();
  return closeEmphasis(reading.text, reading.tail, reading.open);
}

/** A way through the text, character by character; what is cut off at its end ends it. */
class Reading {
  at = 0;
  /** What closes the code at the end. */
  tail = "";
  /** @type {import("./emphasis.js").Run[]} */
  open = [];
  /** @type {{at: number, depth: number}[]} */
  brackets = [];
  /** Lengths of backtick runs that the rest of the text closes nowhere. */
  noCloser = new Set();

  /** @param {string} text @param {import("markdown-it")} md */
  constructor(text, md) {
    this.text = text;
    this.state = new md.inline.State(text, md, {}, []);
  }

  step() {
    const { text, at } = this;
    switch (text[at]) {
      case "\\": return this.#escape();
      case "`": return this.#code();
      case "$": return this.#dollar();
      case "!": return this.#image();
      case "[": return this.#bracket();
      case "]": return this.#bracketEnd();
      case "<": return this.#cutIf(OPEN_ADDRESS.test(text.slice(at, at + 600)));
      case "&": return this.#cutIf(OPEN_ENTITY.test(text.slice(at, at + 40)));
      case "*": case "_": case "~":
        this.at = delimiters(text, at, this.state, this.open, (from) => this.#cut(from));
        return;
      default: this.at += 1;
    }
  }

  /** @param {number} [from] */
  #cut(from = this.at) {
    this.text = this.text.slice(0, from);
  }

  /** Keeps the rest back, or goes on behind this mark. @param {boolean} open @param {number} [length] of the mark */
  #cutIf(open, length = 1) {
    if (open) this.#cut();
    else this.at += length;
  }

  #escape() {
    const { text, at } = this;
    const formula = formulaAt(text, at);
    if (formula) this.at = formula.end;
    else this.#cutIf(at + 1 === text.length || (/[([]/.test(text[at + 1]) && opensFormula(text, at)), 2);
  }

  #code() {
    const { text, at } = this;
    const run = /`+/y;
    run.lastIndex = at;
    const mark = run.exec(text)[0];
    const inside = at + mark.length;
    const end = this.noCloser.has(mark.length) ? -1 : closingRun(text, inside, mark.length);
    if (end >= 0) this.at = end;
    else if (text.length - at > CODE_MAX) {
      this.noCloser.add(mark.length);
      this.at = inside;
    } else {
      const code = text.slice(inside).replace(/`+$/, "").trimEnd();
      if (code.trim() === "") return this.#cut();
      this.text = text.slice(0, inside) + code;
      this.tail = (code.endsWith("`") ? " " : "") + mark;
      this.at = this.text.length;
    }
  }

  #dollar() {
    const { text, at } = this;
    const formula = formulaAt(text, at);
    if (formula) this.at = formula.end;
    else this.#cutIf(opensFormula(text, at), text[at + 1] === "$" ? 2 : 1);
  }

  #image() {
    const { text, at } = this;
    if (text[at + 1] !== "[") return this.#cutIf(at + 1 === text.length);
    const label = labelEnd(text, at + 1);
    const target = label < 0 ? { end: 0, open: true } : targetAt(text, label + 1);
    if (target.end) this.at = target.end;
    else this.#cutIf(target.open && (text.length - at < IMAGE_MAX || PICTURE_DATA.test(text.slice(label + 1, label + 40))), 2);
  }

  #bracket() {
    const { text, at } = this;
    if (text[at + 1] === "^" || at + 1 === text.length) {
      const end = text.indexOf("]", at);
      return this.#cutIf(end < 0 && text.length - at < FOOTNOTE_MAX, end < 0 ? 1 : end + 1 - at);
    }
    this.brackets.push({ at, depth: this.open.length });
    this.at += 1;
  }

  #bracketEnd() {
    const { text, at, open } = this;
    const bracket = this.brackets.pop();
    const target = bracket ? targetAt(text, at + 1) : { end: 0, open: false };
    if (target.end > 0) {
      open.length = Math.min(open.length, bracket.depth);
      this.at = target.end;
    } else if (target.open && text.length - at < TARGET_MAX) {
      this.#cut();
      this.brackets.push(bracket);
    } else this.at += 1;
  }

  /** Brackets that nothing has closed are not shown, where they may become a link. */
  dropBrackets() {
    for (const { at } of this.brackets.reverse()) {
      if (this.text.length - at > LABEL_MAX) continue;
      this.text = this.text.slice(0, at) + this.text.slice(at + 1);
      for (const run of this.open) if (run.at > at) run.at -= 1;
    }
  }
}

function closingRun(text, from, length) {
  const run = /`+/g;
  run.lastIndex = from;
  for (let match = run.exec(text); match; match = run.exec(text)) {
    if (match[0].length === length) return match.index + length;
  }
  return -1;
}

/** Whether an unfinished formula at `at` is worth waiting for. */
function opensFormula(text, at) {
  const rest = text.slice(at + 2);
  if (text[at] === "\\") return rest.length < FORMULA_MAX && !looksLikeProse(rest.slice(0, 80).replace(/\\.*/s, ""));
  if (text[at + 1] === "$") return rest.length < DISPLAY_MAX;
  if (at + 1 === text.length) return true;
  if (!canOpenDollar(text, at)) return false;
  const tex = text.slice(at + 1);
  const dollar = tex.indexOf("$");
  if (dollar >= 0 && dollar < tex.length - 1) return false;
  const limit = /[\\^_{]/.test(tex) ? FORMULA_MAX : 60;
  return tex.length < limit && !looksLikeProse(tex.replace(/\$$/, "")) && !/[.,;:!?]\s/.test(tex);
}
