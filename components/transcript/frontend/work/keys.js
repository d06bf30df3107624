/** Triage of conversations by keyboard. */
import { keys as listen } from "../lists/keys.js";

const STATUSES = ["new", "triaged", "done"];

/** @param {import("./list.js").WorkList} list @returns {() => void} stop listening */
export function keys(list) {
  const row = () => list.rows[list.current];
  const held = () => Boolean(row()?.root.contains(document.activeElement));
  /** @type {import("../lists/keys.js").Acts} */
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
  const own = { ArrowDown: acts.j, ArrowUp: acts.k, Enter: () => row().open(), " ": acts.x };
  const clear = () => list.selected.size && list.unselect();
  return listen({ root: list.root, search: () => list.filters.text, row: ".wk-row", acts, own, clear });
}
