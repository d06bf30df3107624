/**
 * Fields of the page that Streamlit draws: it hears of what is typed only once a field is left. So what is typed into
 * one of components/typed.py is kept by the browser from the first letter, and put back when the field is drawn anew,
 * until the site says that it was saved or given up.
 *
 * @typedef {{text: string, base: string, at: number}} Kept  base: what stood in the field before
 * @typedef {HTMLInputElement|HTMLTextAreaElement} Field
 */
import { keepDraft, namesOf, readDraft } from "./kept.js";

const PREFIX = "typed-";
const MOST = 100;
const LOOK_MS = 250;
const NEVER = "0";
const KINDS = new Set(["text", "number", "textarea"]); // never a password
const BOXES = 'div[class*="st-key-typed-"]';
/** Both go on holding what is on the page. @type {HTMLCollectionOf<Field>[]} */
const FIELDS = [document.getElementsByTagName("textarea"), document.getElementsByTagName("input")];

/** The name under which each field was met. @type {WeakMap<Field, string>} */
const met = new WeakMap();
/** What stood in each field when it was last handed over. @type {WeakMap<Field, string>} */
const bases = new WeakMap();
/** Fields with text that was not handed over yet. @type {Set<Field>} */
const unheard = new Set();
/** What the site has said already, and says with each run. @type {Set<string>} */
const heard = new Set();

/** @param {string} name @returns {Kept|null} */
function read(name) {
  return JSON.parse(readDraft(PREFIX + name) || "null");
}

/** @param {string} name @param {string} text @param {string} base */
function write(name, text, base) {
  keepDraft(PREFIX + name, JSON.stringify({ text, base, at: Date.now() }));
  const names = namesOf(PREFIX);
  if (names.length <= MOST) return;
  const dated = names.map((each) => ({ each, at: JSON.parse(readDraft(each)).at }));
  for (const { each } of dated.sort((a, b) => a.at - b.at).slice(0, -MOST)) keepDraft(each, "");
}

/** @param {EventTarget|null} target @returns {Field|null} */
function field(target) {
  const found = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : null;
  return found && KINDS.has(found.type) ? found : null;
}

/** Its name, and when it was over last, if it was. @param {Field} of @returns {string[]} empty where it is none of ours */
function named(of) {
  return of.closest(BOXES)?.className.match(/st-key-typed-([0-9a-f]+)-([0-9a-f]+)/)?.slice(1) ?? [];
}

/** What was typed there was saved or given up. @param {string} name @param {string} time */
function end(name, time) {
  if (!heard.has(name + time)) keepDraft(PREFIX + name, "");
  heard.add(name + time);
}

/** Puts back what was typed before, where the field is drawn anew. @param {Field} each */
function meet(each) {
  const [name, time] = named(each);
  if (!name || each.disabled || met.get(each) === name) return;
  met.set(each, name);
  if (time !== NEVER) end(name, time);
  bases.set(each, each.value);
  const known = read(name);
  if (!known || known.text === each.value) return;
  // Something else stands there than before: neither may go.
  const theirs = each.value !== known.base && !known.text.includes(each.value);
  const text = theirs && each.type !== "number" ? `${each.value}\n${known.text}` : known.text;
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(each), "value")?.set?.call(each, text);
  each.dispatchEvent(new Event("input", { bubbles: true }));
}

function look() {
  for (const fields of FIELDS) for (const each of fields) if (KINDS.has(each.type)) meet(each);
  for (const each of unheard) {
    if (!each.isConnected) unheard.delete(each);
    // What was put back, with nobody there to leave the field.
    else if (!each.disabled && document.activeElement !== each) each.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  }
}

const early = { capture: true };
document.addEventListener("focusin", ({ target }) => {
  const each = field(target);
  if (!each) return;
  meet(each);
  if (!unheard.has(each)) bases.set(each, each.value);
}, early);
document.addEventListener("input", ({ target }) => {
  const each = field(target);
  const [name] = each ? named(each) : [];
  if (!each || !name) return;
  unheard.add(each);
  write(name, each.value, bases.get(each) ?? "");
}, early);
document.addEventListener("focusout", ({ target }) => {
  const each = field(target);
  if (each) unheard.delete(each);
}, early);
setInterval(look, LOOK_MS);

/** @param {HTMLElement} _element @param {{over: [string, string][]}} data names, each with what tells this time from others */
export function mount(_element, { over }) {
  for (const [name, time] of over) end(name, time);
  look();
  return () => {};
}
