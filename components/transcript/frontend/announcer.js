/** The one line a screen reader hears: that an answer began and ended, never its tokens. */
import { el } from "./dom.js";

export class Announcer {
  constructor() {
    /** Must be in the page before words are put in. @type {HTMLElement} */
    this.root = el("p", { class: "tr-hidden tr-status", role: "status" });
  }

  /** @param {string} words */
  say(words) {
    // The same words twice would be no change, and so be silent.
    if (this.root.textContent === words) words += "\u00a0";
    this.root.textContent = words;
  }
}

/** Characters that are looked at one by one; in a longer text only spaces are. */
const CLOSELY = 100_000;

/** Words as a reader counts them; scripts without spaces count by character. @param {string} text */
export function countWords(text) {
  if (text.length > CLOSELY) return countRoughly(text);
  const unit = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}][\p{L}\p{N}\p{M}'’_-]*/gu;
  let words = 0;
  for (const _ of text.matchAll(unit)) words += 1;
  return words;
}

/** Runs of characters above the space. */
function countRoughly(text) {
  let words = 0;
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i) > 0x20;
    if (letter && !inside) words += 1;
    inside = letter;
  }
  return words;
}
