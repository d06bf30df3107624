/** Triage of annotations by keyboard. */
import { keys as listen } from "../lists/keys.js";

/** @param {any} list @returns {() => void} stop listening */
export function keys(list) {
  const row = () => list.views[list.current]?.row.id;
  const held = () => list.views[list.current]?.root.contains(document.activeElement);
  const chosen = () => (list.selected.size ? [...list.selected] : row() ? [row()] : []);
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
  const own = { ArrowDown: acts.j, ArrowUp: acts.k, Enter: acts.o, " ": acts.x, Delete: acts.d };
  return listen({ root: list.root, search: () => list.search, row: ".an-item", acts, own, clear: () => list.selected.size && list.clear() });
}
