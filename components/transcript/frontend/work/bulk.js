/** What can be done with the selected conversations, and the way back. */
import { el } from "../dom.js";
import { exportFile, formats } from "../lists/exporting.js";
import { counted, fill } from "../lists/labels.js";
import { openMenu } from "../lists/menu.js";
import { Toast } from "../lists/toast.js";
import { LABELS } from "./labels.js";
import { tagField } from "./tags.js";
import { assignees, called, meanwhile, problem } from "./words.js";

const CLOSE_MS = 8_000;

/** @typedef {{status?: string, assignee?: string, add?: string[]}} Change */

/** The bar over the list while something is selected. @param {import("./list.js").WorkList} list */
export function bulkBar(list) {
  const button = (/** @type {string} */ text, /** @type {() => import("../lists/menu.js").Item[]} */ items) =>
    el("button", { type: "button", class: "ls-button", text, "aria-haspopup": "menu", on: {
      click: (/** @type {MouseEvent} */ event) => openMenu(/** @type {HTMLElement} */ (event.currentTarget), text, items(), list.root),
    } });
  const count = el("strong", { role: "status" });
  const tag = tagField((name) => void list.change({ add: [name] }));
  const places = () => list.chosen.map(({ case: { user, id } }) => ({ user, id }));
  const root = el("div", { class: "ls-bulk", hidden: true }, count,
    button(LABELS.set_status, () => Object.entries(LABELS.statuses).map(([status, text]) => ({ text, act: () => void list.change({ status }) }))),
    button(LABELS.assign, () => assignees(list.staff, list.me).map(([assignee, text]) => ({ text, act: () => void list.change({ assignee }) }))),
    tag.root,
    button(LABELS.export, () => formats((how) => exportFile(list.calls, { cases: places() }, how, list.root, "cases/export"))),
    el("button", { type: "button", class: "ls-button", text: LABELS.unselect, on: { click: () => list.unselect() } }));
  return { root, tag, count: (/** @type {number} */ n) => (count.textContent = counted(LABELS.selected, n)) };
}

/** @param {import("./list.js").WorkList} list @param {Change} change @param {import("./row.js").Row[]} rows @param {{status: string, assignee: string}|null} [seen] */
export async function changeRows(list, change, rows, seen = rows.length === 1 ? rows[0].case : null) {
  const toast = new Toast(list.root);
  const cases = rows.map(({ case: { user, id } }) => ({ user, id }));
  try {
    const known = seen && { seen: { status: seen.status, assignee: seen.assignee } };
    const { undo, rows: now } = await list.calls.post("cases/change", { cases, ...change, ...known });
    list.put(now);
    toast.say(counted(LABELS.done, now.length), { name: LABELS.undo, act: () => void takeBack(list, undo, toast) });
    setTimeout(() => toast.close(), CLOSE_MS);
  } catch (error) {
    const now = meanwhile(error);
    if (!now) return toast.say(problem(error));
    list.put([now]);
    const named = (/** @type {Change} */ { status, assignee }) => change.status
      ? /** @type {Record<string, string>} */ (LABELS.statuses)[status ?? ""] : called(assignee ?? "", list.staff, list.me);
    toast.say(fill(LABELS.meanwhile, { now: named(now) }), { name: fill(LABELS.set_anyway, { wanted: named(change) }), act: () => {
      toast.close();
      void changeRows(list, change, rows, now);
    } });
  }
}

/** @param {import("./list.js").WorkList} list @param {string} undo @param {Toast} toast */
async function takeBack(list, undo, toast) {
  try {
    const { back, kept } = await list.calls.post("cases/undo", { undo });
    toast.say([counted(LABELS.undone, back), kept ? fill(LABELS.undone_part, { n: kept }) : ""].join(" "));
    setTimeout(() => toast.close(), CLOSE_MS);
    list.begin();
  } catch (error) {
    toast.say(/** @type {any} */ (error).code === "not_found" ? LABELS.too_late : problem(error));
  }
}
