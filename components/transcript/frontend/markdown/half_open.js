// Text that is still arriving, inside a block: what the end of a paragraph, item, cell or quote has opened is closed for the eye,
// and what cannot be judged yet is kept back a moment. keep_back.js does the same for whole lines.
import { canOpenDollar, formulaAt, looksLikeProse } from "./maths.js";

const CODE_MAX = 300;
const LABEL_MAX = 300;
const IMAGE_MAX = 2_500;
const TARGET_MAX = 2_500;
const ITALIC_MAX = 400;
/** As many as markdown-it follows into each other. */
const PARENTHESES_MAX = 32;
/** Marks opened into each other that are still worth closing. */
const OPEN_MAX = 16;
const PICTURE_DATA = /^\(<?data:image\//;
const FORMULA_MAX = 1_000;
const DISPLAY_MAX = 4_000;

/**
 * The inline text of a leaf that may go on, with what it has opened closed.
 * @param {string} source
 * @param {import("markdown-it")} md
 * @returns {string}
 */
export function closeHalfOpen(source, md) {
  let text = source.replace(/[\ud800-\udbff]$/, "");
  const state = new md.inline.State(text, md, {}, []);
  /** @type {{mark: string, at: number, length: number, close: boolean}[]} */
  let open = [];
  /** @type {{at: number, depth: number}[]} */
  const brackets = [];
  const noCloser = new Set();
  let tail = "";
  let i = 0;
  const cut = (at) => {
    text = text.slice(0, at);
  };
  while (i < text.length) {
    const char = text[i];
    if (char === "\\") {
      const formula = formulaAt(text, i);
      if (formula) i = formula.end;
      else if (i + 1 === text.length) cut(i);
      else if (/[([]/.test(text[i + 1]) && opensFormula(text, i)) cut(i);
      else i += 2;
    } else if (char === "`") {
      const run = /`+/y;
      run.lastIndex = i;
      const mark = run.exec(text)[0];
      const end = noCloser.has(mark.length) ? -1 : closingRun(text, i + mark.length, mark.length);
      if (end >= 0) i = end;
      else if (text.length - i <= CODE_MAX) {
        const code = text.slice(i + mark.length).replace(/`+$/, "").trimEnd();
        if (code.trim() === "") cut(i);
        else {
          text = text.slice(0, i + mark.length) + code;
          tail = (code.endsWith("`") ? " " : "") + mark;
          break;
        }
      } else {
        noCloser.add(mark.length);
        i += mark.length;
      }
    } else if (char === "$") {
      const formula = formulaAt(text, i);
      if (formula) i = formula.end;
      else if (opensFormula(text, i)) cut(i);
      else i += text[i + 1] === "$" ? 2 : 1;
    } else if (char === "!" && text[i + 1] === "[") {
      const label = labelEnd(text, i + 1);
      const target = label < 0 ? { end: 0, open: true } : targetAt(text, label + 1);
      if (target.end) i = target.end;
      else if (target.open && (text.length - i < IMAGE_MAX || PICTURE_DATA.test(text.slice(label + 1, label + 40)))) cut(i);
      else i += 2;
    } else if (char === "!" && i + 1 === text.length) {
      cut(i);
    } else if (char === "[") {
      if (text[i + 1] === "^" || i + 1 === text.length) {
        const end = text.indexOf("]", i);
        if (end < 0 && text.length - i < 110) cut(i);
        else i = end < 0 ? i + 1 : end + 1;
      } else {
        brackets.push({ at: i, depth: open.length });
        i += 1;
      }
    } else if (char === "]" && brackets.length) {
      const bracket = brackets.pop();
      const target = targetAt(text, i + 1);
      if (target.end > 0) {
        open.length = Math.min(open.length, bracket.depth);
        i = target.end;
      } else if (target.open && text.length - i < TARGET_MAX) {
        cut(i);
        brackets.push(bracket);
      } else i += 1;
    } else if (char === "<") {
      if (/^<(?:[a-z][a-z0-9+.-]{0,31}:?[^\s<>]{0,500}|[^\s<>@]{1,64}@[^\s<>]{0,200})?$/i.test(text.slice(i, i + 600))) cut(i);
      else i += 1;
    } else if (char === "&") {
      if (/^&#?\w{0,31}$/.test(text.slice(i, i + 40))) cut(i);
      else i += 1;
    } else if (char === "*" || char === "_" || char === "~") {
      i = delimiters(text, i, state, open, cut);
    } else {
      i += 1;
    }
  }
  for (const { at } of brackets.reverse()) {
    if (text.length - at > LABEL_MAX) continue;
    text = text.slice(0, at) + text.slice(at + 1);
    for (const run of open) if (run.at > at) run.at -= 1;
  }
  return closeEmphasis(text, tail, open);
}

function closeEmphasis(text, tail, open) {
  if (!tail) text = text.trimEnd();
  let closers = tail;
  if (open.length > OPEN_MAX) return text + closers;
  for (const run of open.reverse()) {
    if (run.length === 0) continue;
    if (!tail && text.length <= run.at + run.full) {
      text = text.slice(0, run.at).trimEnd(); // nothing in it yet
    } else if (run.length > 1 || text.length - run.at < ITALIC_MAX) {
      closers += run.mark.repeat(run.length);
    }
  }
  return text + closers;
}

/** Reads a run of `*`, `_` or `~`, matches it against what is open, and returns where to read on. */
function delimiters(text, at, state, open, cut) {
  const mark = text[at];
  const { can_open, can_close, length } = state.scanDelims(at, mark !== "_");
  const end = at + length;
  const atEnd = end >= text.length;
  let left = mark === "~" ? length - (length % 2) : length;
  if (can_close) left -= matchOpen(open, mark, left, can_open);
  if (left === 0 && !(mark === "~" && length % 2)) return end;
  if (atEnd) {
    if (left === length || mark === "~") cut(at);
    else cut(end - left);
    return at + length;
  }
  if (can_open && left > 0 && !isOperator(text, at, end, mark)) {
    open.push({ mark, at, length: left, full: length, close: can_close });
  }
  return end;
}

/** How many of `length` closing marks find an opening one; what was opened in between is no longer open. */
function matchOpen(open, mark, length, canOpen) {
  let used = 0;
  for (let k = open.length - 1; k >= 0 && used < length; k--) {
    const run = open[k];
    if (run.mark !== mark || run.length === 0) continue;
    const odd = (run.close || canOpen) && (run.full + length) % 3 === 0 && (run.full % 3 !== 0 || length % 3 !== 0);
    if (odd && mark !== "~") continue;
    const pair = Math.min(run.length, length - used);
    used += pair;
    run.length -= pair;
    open.length = run.length ? k + 1 : k;
  }
  return used;
}

/** `2**10`, `a*b`: between letters or digits a mark is more likely an operator than emphasis that is about to be closed. */
function isOperator(text, at, end, mark) {
  if (mark === "~" || !/[A-Za-z0-9)\]]/.test(text[at - 1] ?? " ")) return false;
  return end - at === 1 ? /[\w(]/.test(text[end]) : /[\d(]/.test(text[end]);
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

/** What follows a `]`: `end` past a complete target, or `open` if a target may still be arriving. */
function targetAt(text, at) {
  if (at >= text.length) return { end: 0, open: true };
  if (text[at] === "(") {
    if (PICTURE_DATA.test(text.slice(at, at + 40))) {
      const end = text.indexOf(")", at);
      return end < 0 ? { end: 0, open: true } : { end: end + 1, open: false };
    }
    let depth = 0;
    const limit = Math.min(text.length, at + TARGET_MAX);
    for (let i = at; i < limit; i++) {
      if (text[i] === "\\") i++;
      else if (text[i] === "(" && ++depth > PARENTHESES_MAX) return { end: 0, open: false };
      else if (text[i] === ")" && --depth === 0) return { end: i + 1, open: false };
    }
    const inside = text.slice(at + 1, limit);
    return { end: 0, open: limit === text.length && /^\s*(?:<[^<>\n]*>?|[^\s<]*)(?:\s+(?:["'(][^]*)?)?$/.test(inside) };
  }
  if (text[at] === "[") {
    const end = text.indexOf("]", at);
    return end < 0 ? { end: 0, open: true } : { end: end + 1, open: false };
  }
  return { end: 0, open: false };
}

/** Where the `[` at `at` finds its `]`, or -1. */
function labelEnd(text, at) {
  let depth = 0;
  for (let i = at; i < text.length && i < at + IMAGE_MAX; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "[") depth++;
    else if (text[i] === "]" && --depth === 0) return i;
  }
  return -1;
}
