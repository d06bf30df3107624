/** A list by keyboard: single letters, as long as nobody types and no dialog or menu is open. */

const TYPES = "input:not([type=checkbox]), textarea, select, [contenteditable], [role=textbox], [role=combobox], [role=menu]";

/** @typedef {Record<string, () => unknown>} Acts by key */

/**
 * `acts` hold on the whole page, `own` on the element of a row (`row` is their selector). Esc leaves the
 * field that is searched by, and otherwise calls `clear`.
 * @param {{ search: HTMLElement, row: string, acts: Acts, own: Acts, clear?: () => unknown }} list
 * @returns {() => void} stop listening
 */
export function keys({ search, row, acts, own, clear }) {
  /** @param {KeyboardEvent} event */
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const target = /** @type {Element} */ (event.target);
    const esc = event.key === "Escape";
    if (esc && target === search) return search.blur();
    if (target.closest?.(TYPES) || document.querySelector("[role=dialog]")) return;
    if (esc) return void clear?.();
    const act = (target.matches?.(row) ? own[event.key] : undefined) ?? acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}
