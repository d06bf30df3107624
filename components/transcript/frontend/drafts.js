/**
 * What stands in the composer of each conversation, kept by the browser: over reloads, other pages and a lost site.
 *
 * @typedef {{text: string, sent: string, after: string, at: number}} Draft
 *   sent: handed over, and not seen among the questions yet; after: id of the turn that was the newest then
 */
import { PREFIX as KEPT } from "./kept.js";

const PREFIX = "draft:";
const TYPED = [PREFIX, KEPT, "form-"]; // the last are those of human_input.js
const MOST = 50;
let over = false;

/** @param {string} key of the conversation @returns {Draft} */
export function read(key) {
  const empty = { text: "", sent: "", after: "", at: 0 };
  try {
    return { ...empty, ...JSON.parse(localStorage.getItem(PREFIX + key) ?? "{}") };
  } catch {
    return empty; // no storage, or something else's
  }
}

/** Empty drafts go. @param {string} key @param {Draft} draft */
export function write(key, draft) {
  if (over) return;
  try {
    if (draft.text || draft.sent) localStorage.setItem(PREFIX + key, JSON.stringify({ ...draft, at: Date.now() }));
    else localStorage.removeItem(PREFIX + key);
    prune();
  } catch {
    // no storage, or none left: the text is in the composer all the same
  }
}

/** All that somebody has typed in this browser. @param {boolean} [leaving] nothing is written down after this */
export function forget(leaving = true) {
  over ||= leaving;
  for (const name of Object.keys(localStorage)) {
    if (TYPED.some((start) => name.startsWith(start))) localStorage.removeItem(name);
  }
  sessionStorage.clear();
}

/** The oldest beyond MOST are forgotten. */
function prune() {
  const keys = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  if (keys.length <= MOST) return;
  const dated = keys.map((name) => ({ name, at: read(name.slice(PREFIX.length)).at }));
  for (const { name } of dated.sort((a, b) => a.at - b.at).slice(0, keys.length - MOST)) localStorage.removeItem(name);
}
