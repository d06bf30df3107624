/** Triage by keyboard: single letters, as long as nobody types and no dialog or menu is open. */

const TYPES = "input:not([type=checkbox]), textarea, select, [contenteditable], [role=textbox], [role=combobox], [role=menu]";
const STATUSES = ["new", "triaged", "done"];

/** @param {import("./list.js").WorkList} list @returns {() => void} stop listening */
export function keys(list) {
  const row = () => list.rows[list.current];
  const held = () => Boolean(row()?.root.contains(document.activeElement));
  /** @type {Record<string, () => void>} */
  const acts = {
    j: () => list.go(held() ? list.current + 1 : list.current),
    k: () => list.go(list.current - 1),
    x: () => row() && list.toggle(row(), !list.selected.has(row().key)),
    "/": () => list.filters.text.focus(),
    ...Object.fromEntries(STATUSES.map((status, place) => [String(place + 1), () => {
      const chosen = list.chosen.length ? list.chosen : held() ? [row()] : [];
      if (chosen.length) void list.change({ status }, chosen);
    }])),
  };
  const onRow = { ArrowDown: acts.j, ArrowUp: acts.k, Enter: () => row().open(), " ": acts.x };

  /** @param {KeyboardEvent} event */
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const target = /** @type {Element} */ (event.target);
    if (target === list.filters.text && event.key === "Escape") return list.filters.text.blur();
    if (target.closest?.(TYPES) || document.querySelector("[role=dialog]")) return;
    if (event.key === "Escape" && list.selected.size) return list.unselect();
    const own = target.matches?.(".wk-row") ? /** @type {Record<string, () => void>} */ (onRow)[event.key] : undefined;
    const act = own ?? acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}
