// From text to parts and from parts to elements. A part is one block at the top of an answer: a paragraph, a list, a table…
import { isOpenFence, md } from "./grammar.js";
import { sanitize } from "./safety.js";
import { ASKED_FOR, COLUMN_LIMIT, NESTING_LIMIT } from "./limits.js";

/**
 * @typedef {object} Part
 * @property {string} type of its first token
 * @property {any[]} tokens
 * @property {number} start first line
 * @property {number} end line after its last
 */

/**
 * The block phase alone: what stands where, nothing inside it read yet.
 * @param {string} text
 * @param {object} env references found are added to env.references
 * @returns {Part[]}
 */
export function outline(text, env) {
  const tokens = [];
  md.block.parse(text, md, env, tokens);
  const parts = [];
  let depth = 0;
  for (const token of tokens) {
    if (depth === 0) parts.push({ type: token.type, tokens: [], start: token.map?.[0] ?? 0, end: token.map?.[1] ?? 0 });
    parts.at(-1).tokens.push(token);
    depth += token.nesting;
  }
  return parts;
}

/** Offset in `text` of the beginning of each line, and of its end. */
export function lineOffsets(text) {
  const offsets = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) offsets.push(at + 1);
  if (offsets.at(-1) !== text.length) offsets.push(text.length);
  return offsets;
}

/** What the last line of `text` belongs to, for keepBack(). */
export function lastLeaf(parts, text) {
  const lines = lineOffsets(text).length - 1;
  const tokens = parts.at(-1)?.tokens ?? [];
  for (let i = tokens.length - 1; i >= 0; i--) {
    const { type, map } = tokens[i];
    if (type === "fence") {
      const inside = map[0] < lines - 1 && map[1] >= lines && isOpenFence(tokens[i]); // not its own first line
      return { inFence: inside, inTable: false, inParagraph: false };
    }
    if (type === "table_close") {
      const hasRows = tokens[i - 1].type === "tbody_close" || text.endsWith("\n"); // else its second line is still arriving
      return { inFence: false, inTable: hasRows && !text.endsWith("\n\n"), inParagraph: !hasRows };
    }
    if (type === "inline") return { inFence: false, inTable: false, inParagraph: map[1] >= lines };
    if (type === "maths_block" || type === "code_block" || type === "hr") break;
  }
  return { inFence: false, inTable: false, inParagraph: false };
}

/**
 * Whether a part is more than a page can take: then its text is shown as it came.
 * @param {Part} part
 * @param {number} [times] the limits
 */
export function isTooMuch(part, times = 1) {
  let depth = 0;
  let columns = 0;
  for (const { type } of part.tokens) {
    if (type === "blockquote_open" || type === "list_item_open") depth += 1;
    else if (type === "blockquote_close" || type === "list_item_close") depth -= 1;
    else if (type === "tr_open") columns = 0;
    else if (type === "th_open") columns += 1;
    if (depth > NESTING_LIMIT * times || columns > COLUMN_LIMIT * times) return true;
  }
  return false;
}

/**
 * A part as HTML: at most one element, neither sanitised nor decorated yet.
 * @param {Part} part its tokens are used up
 * @param {string} text the part's lines are counted in
 * @param {object} env references, and `open`, `lines`, `endsLine` while the part may go on, `unlimited` without limits
 * @returns {string}
 */
export function partHtml(part, text, env) {
  const never = isTooMuch(part, ASKED_FOR);
  if (never || (!env.unlimited && isTooMuch(part))) {
    const offsets = lineOffsets(text);
    const source = text.slice(offsets[part.start], offsets[part.end] ?? text.length).replace(/\n+$/, "");
    return `<div class="md-plain${never ? " md-never" : ""}"><pre>${md.utils.escapeHtml(source)}</pre></div>`;
  }
  const state = new md.core.State(text, md, env);
  state.tokens = part.tokens;
  md.core.process(state);
  return md.renderer.render(state.tokens, md.options, env);
}

/**
 * Makes nodes of the HTML of several parts; sanitising them together costs a fraction of doing it one by one.
 * @param {string[]} htmls
 * @returns {HTMLElement[]} one holder for each
 */
export function holders(htmls) {
  return [...sanitize(htmls.map((html) => `<div>${html}</div>`).join("")).children];
}
