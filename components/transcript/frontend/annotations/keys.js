/** Triage by keyboard: single letters, as long as nobody types and no dialog is open. */

export const TYPES = "input:not([type=checkbox]), textarea, select, [contenteditable], [role=textbox], [role=combobox]";

/** @param {any} list @returns {() => void} stop listening */
export function keys(list) {
  const row = () => list.views[list.current]?.row.id;
  const chosen = () => (list.selected.size ? [...list.selected] : row() ? [row()] : []);
  /** @type {Record<string, () => void>} */
  const acts = {
    j: () => list.go(held() ? list.current + 1 : list.current),
    k: () => list.go(list.current - 1),
    o: () => list.views[list.current]?.toggle(),
    x: () => row() && list.check(row()),
    e: () => row() && list.ask("edit", [row()]),
    h: () => row() && list.ask("history", [row()]),
    d: () => chosen().length && list.ask("delete", chosen()),
    u: () => list.ask("undo", []),
    n: () => list.ask("new", []),
    "/": () => list.search.focus(),
  };
  const held = () => list.views[list.current]?.root.contains(document.activeElement);
  const onRow = { ArrowDown: acts.j, ArrowUp: acts.k, Enter: acts.o, " ": acts.x, Delete: acts.d };

  /** @param {KeyboardEvent} event */
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const target = /** @type {Element} */ (event.target);
    if (target === list.search && event.key === "Escape") return list.search.blur();
    if (target.closest?.(TYPES) || document.querySelector("[role=dialog]")) return;
    if (event.key === "Escape" && list.selected.size) return list.clear();
    const own = target.matches?.(".an-item") ? /** @type {Record<string, () => void>} */ (onRow)[event.key] : undefined;
    const act = own ?? acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}
