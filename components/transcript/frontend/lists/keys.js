/** A list by keyboard: single letters, as long as nobody types and no dialog or menu is open. */
import { overlayIsOpen } from "../overlays.js";

const TYPES = "input:not([type=checkbox]), textarea, select, [contenteditable], [role=textbox], [role=combobox], [role=menu]";

/** @typedef {Record<string, () => unknown>} Acts by key */
/**
 * @typedef {object} List
 * @property {HTMLElement} root
 * @property {() => HTMLElement} search  the field that is searched by
 * @property {string} row                selector of its rows
 * @property {Acts} acts                 hold on the whole page
 * @property {Acts} own                  hold on the element of a row
 * @property {() => unknown} [clear]     by Esc, except in the field that is searched by: that is left
 */

/** The newest last. @type {List[]} */
const lists = [];

/** @param {KeyboardEvent} event */
function press(event) {
  // One that was drawn anew may be here still, off the page or about to leave it.
  const list = lists.findLast(({ root }) => root.isConnected);
  if (!list || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  const target = /** @type {Element} */ (event.target);
  const esc = event.key === "Escape";
  if (esc && target === list.search()) return list.search().blur();
  if (target.closest?.(TYPES) || overlayIsOpen()) return;
  if (esc) return void list.clear?.();
  const act = (target.matches?.(list.row) ? list.own[event.key] : undefined) ?? list.acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

/** @param {List} list @returns {() => void} stop listening */
export function keys(list) {
  if (!lists.length) document.addEventListener("keydown", press);
  lists.push(list);
  return () => {
    lists.splice(lists.indexOf(list), 1);
    if (!lists.length) document.removeEventListener("keydown", press);
  };
}
