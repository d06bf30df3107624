// Emphasis that the end of the text has left open: which marks still wait for theirs, and what closes them.

const ITALIC_MAX = 400;
/** Marks opened into each other that are still worth closing. */
const OPEN_MAX = 16;

/**
 * @typedef {object} Run marks that may open emphasis
 * @property {string} mark
 * @property {number} at
 * @property {number} length of those that nothing has closed
 * @property {number} full
 * @property {boolean} close they might close some as well
 */

/** Reads a run of `*`, `_` or `~`, matches it against what is open, and returns where to read on. */
export function delimiters(text, at, state, open, cut) {
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

/** The text with its open emphasis closed. @param {string} text @param {string} tail what closes its code @param {Run[]} open */
export function closeEmphasis(text, tail, open) {
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
