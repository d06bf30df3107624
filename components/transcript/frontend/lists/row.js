/** What one can do with a conversation of a list: the menu of its row, and renaming it in its place. */
import { el, iconButton } from "../dom.js";
import { tell as tellAll } from "../news.js";
import { of, Trouble } from "./calls.js";
import { exportFile, formats } from "./exporting.js";
import { fill, LABELS } from "./labels.js";
import { symbol } from "./icons.js";
import { openMenu } from "./menu.js";
import { pending } from "./pending.js";
import { Toast } from "./toast.js";

const LONGEST_NAME = 255;

/** Somebody is at a menu or types a name: no row may be drawn anew before `ls-free` is told. @param {Element} root */
export const inUse = (root) => root.querySelector("form, .ls-menu") !== null;

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} name
 * @property {boolean} [pinned]
 * @property {boolean} [running]
 */
/**
 * @typedef {object} List
 * @property {import("./calls.js").Calls} calls
 * @property {HTMLElement} root
 * @property {(intent: {act: string, [key: string]: unknown}) => void} act   tells Python
 * @property {(id: string, part: Partial<Row>) => void} changed              a row is another one now
 */

/** @param {List} list @param {Row} row @param {HTMLElement} place what the form takes the place of while renaming */
export function moreButton(list, row, place) {
  const { calls, root } = list;
  const name = row.name || LABELS.unnamed;
  const does = (/** @type {() => Promise<unknown>} */ work) => () => void work().catch((error) => tell(root, error));
  const items = () => [
    { text: LABELS.rename, act: () => rename(list, row, place) },
    { text: LABELS.generate, act: does(() => generate(list, row)) },
    { text: row.pinned ? LABELS.unpin : LABELS.pin, act: does(() => pin(list, row)) },
    { text: LABELS.share, act: () => list.act({ act: "share", id: row.id }) },
    { text: LABELS.export, items: formats((format) => exportFile(calls, { ids: [row.id] }, format, root)) },
    { text: LABELS.delete, danger: true, act: does(() => remove(list, [row.id])) },
  ];
  const menuName = fill(LABELS.more_about, { name });
  const button = iconButton("info", LABELS.more, (event) => openMenu(/** @type {HTMLElement} */ (event.currentTarget), menuName, items(), root));
  button.replaceChildren(symbol("more"));
  button.className = "ls-more";
  button.title = "";
  button.setAttribute("aria-haspopup", "menu");
  // Its row's title opens the conversation: as part of this name it would be found twice by name.
  button.setAttribute("aria-description", name);
  return button;
}

/** @param {List} list @param {string[]} ids */
export async function remove(list, ids) {
  await pending.delete(list.calls, ids, list.root);
  list.act({ act: "removed", ids });
}

/** @param {Element} near @param {unknown} error */
export function tell(near, error) {
  const toast = new Toast(near);
  toast.say(error instanceof Trouble ? error.message : LABELS.problems.offline);
}

/** @param {List} list @param {Row} row */
async function pin(list, row) {
  await list.calls.post(`${of(row.id)}/pin`, { pinned: !row.pinned });
  list.changed(row.id, { pinned: !row.pinned });
  tellAll({ stale: true });
}

/** @param {List} list @param {Row} row */
async function generate(list, row) {
  const toast = new Toast(list.root);
  toast.say(LABELS.naming);
  try {
    const { name } = await list.calls.post(`${of(row.id)}/name`, { generate: true });
    if (name) list.changed(row.id, { name });
    tellAll({ stale: true });
  } finally {
    toast.close();
  }
}

/** What was typed stays in the form until Dify has taken it, or the person gives up. @param {List} list @param {Row} row @param {HTMLElement} place */
function rename(list, row, place) {
  const input = el("input", { type: "text", "aria-label": LABELS.name, dir: "auto", autocomplete: "off", value: row.name });
  const problem = el("p", { class: "ls-problem", role: "alert" });
  const save = el("button", { type: "submit", class: "ls-button", text: LABELS.save });
  const cancel = el("button", { type: "button", class: "ls-button", text: LABELS.cancel, on: { click: () => end() } });
  const form = el("form", { class: "ls-rename" }, input, el("div", {}, save, cancel), problem);
  const end = () => {
    form.remove();
    place.hidden = false;
    place.querySelector("button")?.focus();
    list.root.dispatchEvent(new CustomEvent("ls-free"));
  };
  input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation(); // it would stop a running answer
    end();
  });
  form.addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const name = input.value.trim();
    const size = [...name].length;
    try {
      if (!size) throw new Trouble("blank");
      if (size > LONGEST_NAME) throw new Trouble("too_long", "", { n: size });
      save.disabled = true;
      const taken = await list.calls.post(`${of(row.id)}/name`, { name });
      end();
      list.changed(row.id, { name: taken.name });
      tellAll({ stale: true });
    } catch (error) {
      problem.textContent = error instanceof Trouble ? error.message : LABELS.problems.offline;
      save.disabled = false;
      input.focus();
    }
  });
  place.hidden = true;
  place.after(form);
  input.focus();
  input.select();
}
