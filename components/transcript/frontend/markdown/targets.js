// What belongs to a bracket: where its label ends, and the target behind it, which may still be arriving.

export const IMAGE_MAX = 2_500;
export const TARGET_MAX = 2_500;
export const PICTURE_DATA = /^\(<?data:image\//;
/** As many as markdown-it follows into each other. */
const PARENTHESES_MAX = 32;

/** What follows a `]`: `end` past a complete target, or `open` if a target may still be arriving. */
export function targetAt(text, at) {
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
export function labelEnd(text, at) {
  let depth = 0;
  for (let i = at; i < text.length && i < at + IMAGE_MAX; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "[") depth++;
    else if (text[i] === "]" && --depth === 0) return i;
  }
  return -1;
}
