/** The keyboard's place in a list whose rows are drawn anew, or go: without it the next Tab would begin at the top of the page. */

const ROWS = "[data-id]:not([hidden], :disabled)";
const CONTROLS = ":is(a, button, input, select, textarea):not(:disabled)";

/**
 * To be called before; what it returns, after. The row that had the focus has it again, in the same control; where that
 * row is no more, the one in its place has it.
 * @param {HTMLElement} list its rows are known by their `data-id`
 * @returns {() => void}
 */
export function keepPlace(list) {
  const held = /** @type {HTMLElement|null} */ (document.activeElement);
  const row = /** @type {HTMLElement|null|undefined} */ (held?.closest(ROWS));
  if (!held || !row || !list.contains(row)) return () => {};
  const place = rowsOf(list).indexOf(row);
  const control = controlsOf(row).indexOf(held);
  return () => {
    const rows = rowsOf(list);
    const again = rows.find(({ dataset }) => dataset.id === row.dataset.id) ?? rows[Math.min(place, rows.length - 1)];
    if (!again) return;
    const controls = controlsOf(again);
    const next = controls[control] ?? (again.matches("button, [tabindex]") ? again : controls[0]);
    if (next !== document.activeElement) next?.focus({ preventScroll: true });
  };
}

/** Of two bars one is shown; the focus goes along. @param {HTMLElement} shown @param {HTMLElement} gone */
export function swap(shown, gone) {
  const held = gone.contains(document.activeElement);
  shown.hidden = false;
  gone.hidden = true;
  if (held) controlsOf(shown)[0]?.focus({ preventScroll: true });
}

/** @param {HTMLElement} list @returns {HTMLElement[]} */
const rowsOf = (list) => [...list.querySelectorAll(ROWS)];

/** @param {HTMLElement} row @returns {HTMLElement[]} */
const controlsOf = (row) => [...row.querySelectorAll(CONTROLS)];
