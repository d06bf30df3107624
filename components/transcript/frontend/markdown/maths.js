// Formulas: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`, told apart from prices and shell variables.
import { katex } from "../vendor/markdown-libs.js";
import { sanitizeFormula } from "./safety.js";

const INLINE_MAX = 1_000;
const DISPLAY_MAX = 4_000;
const CACHE_SIZE = 500;
const DOLLAR = 0x24;
const BACKSLASH = 0x5c;
const TEX = /[\\^_{}=<>+*/|]/;

/** Signs of TeX, as opposed to those that prices and paths have too. */
const STRONG = /[\\^_{}]/;
const WORD = /(?<![\p{L}\p{N}])\p{L}{3,}(?![\p{L}\p{N}(])/gu;
const SHORT_WORD = /(?<=\s)(?:a|an|as|at|by|de|en|et|if|in|is|it|of|on|or|oder|to|und|vs|we|y)(?=\s)/i;

/** Whether the text between two dollars reads as words, not as a formula: "5, or 10", "HOME and". */
export function looksLikeProse(text) {
  const bare = text.replace(/\\(?:text\w*|math\w+|operatorname|mbox)\s*\{[^}]*\}?/g, "").replace(/\\[a-zA-Z]+/g, " ");
  if (/\p{Script=Han}/u.test(bare)) return true;
  if (!/\s/.test(text)) return false;
  const words = bare.match(WORD)?.length ?? 0;
  return STRONG.test(text) ? words > 2 : words > 0 || SHORT_WORD.test(bare);
}

/** Whether a dollar at `pos` could open a formula, by the characters around it. */
export function canOpenDollar(text, pos) {
  const before = text[pos - 1] ?? " ";
  const after = text[pos + 1] ?? "";
  return !/[\p{N}$]|(?!\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana})\p{L}/u.test(before) && after !== "" && !/[\s$]/.test(after);
}

function canCloseDollar(text, start, pos) {
  const content = text.slice(start, pos);
  const after = text[pos + 1] ?? " ";
  if (/\s/.test(text[pos - 1]) || /[\d$]/.test(after)) return false;
  if (/\p{Script=Latin}/u.test(after) && !(content.length === 1 || STRONG.test(content))) return false;
  return !looksLikeProse(content);
}

/** Index of the next `mark` that no backslash escapes, or -1. */
function next(text, mark, from, limit) {
  const end = Math.min(text.length, from + limit);
  for (let i = from; i < end; i++) {
    if (text.startsWith(mark, i)) return i;
    if (text.charCodeAt(i) === BACKSLASH) i++;
  }
  return -1;
}

/**
 * The formula that starts at `pos`, if one does.
 * @param {string} text
 * @param {number} pos
 * @returns {{tex: string, end: number, display: boolean} | null}
 */
export function formulaAt(text, pos) {
  const code = text.charCodeAt(pos);
  if (code === BACKSLASH) {
    const display = text[pos + 1] === "[";
    if (!display && text[pos + 1] !== "(") return null;
    const end = next(text, display ? "\\]" : "\\)", pos + 2, display ? DISPLAY_MAX : INLINE_MAX);
    if (end < 0 || text[end + 2] === "(" || text[end + 2] === "[") return null; // an escaped link, not a formula
    const tex = text.slice(pos + 2, end).trim();
    return tex ? { tex, end: end + 2, display } : null;
  }
  if (code !== DOLLAR) return null;
  if (text[pos + 1] === "$") {
    const end = next(text, "$$", pos + 2, DISPLAY_MAX);
    const tex = end < 0 ? "" : text.slice(pos + 2, end).trim();
    return tex && !looksMonetary(tex) ? { tex, end: end + 2, display: true } : null;
  }
  if (!canOpenDollar(text, pos)) return null;
  const end = next(text, "$", pos + 1, INLINE_MAX);
  if (end < 0 || !canCloseDollar(text, pos + 1, end)) return null;
  return { tex: text.slice(pos + 1, end), end: end + 1, display: false };
}

function looksMonetary(tex) {
  return !TEX.test(tex) && looksLikeProse(tex);
}

function inlineFormula(state, silent) {
  const code = state.src.charCodeAt(state.pos);
  if (code !== DOLLAR && code !== BACKSLASH) return false;
  const found = formulaAt(state.src, state.pos);
  if (!found || found.end > state.posMax) {
    if (code !== DOLLAR) return false;
    // `$$` that opens nothing is text as a whole: its second dollar must not open a formula of its own
    const length = state.src[state.pos + 1] === "$" ? 2 : 1;
    if (!silent) state.pending += "$".repeat(length);
    state.pos += length;
    return true;
  }
  if (!silent) {
    const token = state.push("maths", "span", 0);
    token.content = found.tex;
    token.meta = { display: found.display };
  }
  state.pos = found.end;
  return true;
}

/** A line that is `$$` or `\[`, up to the line that ends with its partner; blank lines may stand between. */
function blockFormula(state, startLine, endLine, silent) {
  const start = state.bMarks[startLine] + state.tShift[startLine];
  if (state.sCount[startLine] - state.blkIndent >= 4) return false;
  const opener = state.src.slice(start, start + 2);
  if (opener !== "$$" && opener !== "\\[") return false;
  const closer = opener === "$$" ? "$$" : "\\]";
  const first = state.src.slice(start + 2, state.eMarks[startLine]);
  const lines = [];
  let length = 0;
  let line = startLine;
  let closed = false;
  for (; line < endLine; line++) {
    const text = line === startLine ? first : state.getLines(line, line + 1, state.blkIndent, false);
    if (line > startLine && state.sCount[line] < state.blkIndent && !state.isEmpty(line)) break;
    if (line > startLine && state.isEmpty(line) && looksMonetary(lines.join("\n"))) return false;
    const trimmed = text.trimEnd();
    const at = trimmed.indexOf(closer);
    if (at >= 0) {
      if (at !== trimmed.length - 2) return false; // text after it: the inline rule takes it
      lines.push(trimmed.slice(0, -2));
      closed = true;
      break;
    }
    lines.push(text);
    length += text.length + 1;
    if (length > DISPLAY_MAX) return false;
  }
  if (!closed && !(state.env.open && line >= endLine && endLine >= state.lineMax)) return false;
  const tex = lines.join("\n").trim();
  if (closed && (!tex || looksMonetary(tex))) return false;
  if (silent) return true;
  state.line = closed ? line + 1 : line;
  const token = state.push("maths_block", "div", 0);
  token.content = tex;
  token.meta = { open: !closed };
  token.map = [startLine, state.line];
  return true;
}

/** @param {import("markdown-it")} md */
export function addMaths(md) {
  const { escapeHtml } = md.utils;
  md.inline.ruler.before("escape", "maths", inlineFormula);
  md.block.ruler.before("fence", "maths_block", blockFormula, { alt: ["paragraph", "reference", "blockquote", "list"] });
  md.renderer.rules.maths = (tokens, index) => {
    const { content, meta } = tokens[index];
    return `<span class="md-maths" data-display="${meta.display ? "yes" : "no"}">${escapeHtml(content)}</span>`;
  };
  md.renderer.rules.maths_block = (tokens, index) => {
    const { content, meta } = tokens[index];
    if (meta.open) return '<div class="md-maths-open"></div>';
    return `<div class="md-maths" data-display="yes">${escapeHtml(content)}</div>`;
  };
}

/** @type {Map<string, DocumentFragment>} */
const drawn = new Map();

/**
 * A formula as DOM, drawn once per distinct source. A bad formula is its source in KaTeX's error colour.
 * @param {string} tex
 * @param {boolean} display
 * @returns {DocumentFragment}
 */
export function drawFormula(tex, display) {
  const key = (display ? "d" : "i") + tex;
  let fragment = drawn.get(key);
  if (!fragment) {
    fragment = sanitizeFormula(render(tex, display));
    if (drawn.size >= CACHE_SIZE) drawn.delete(drawn.keys().next().value);
    drawn.set(key, fragment);
  }
  return /** @type {DocumentFragment} */ (fragment.cloneNode(true));
}

function render(tex, displayMode) {
  try {
    return katex.renderToString(tex, {
      displayMode,
      throwOnError: false,
      trust: false,
      strict: false,
      maxExpand: 200,
      maxSize: 20,
      errorColor: "var(--md-error)",
      output: "htmlAndMathml",
    });
  } catch {
    const code = document.createElement("code");
    code.textContent = tex;
    return code.outerHTML;
  }
}
