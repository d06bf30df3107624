/** An export: asked for, fetched by the browser as a download, and followed until it is written. */
import { Calls, Trouble } from "./calls.js";
import { el } from "../dom.js";
import { counted, fill, LABELS } from "./labels.js";
import { Toast } from "./toast.js";

const LOOK_MS = 700;
const CLOSE_MS = 5_000;

/**
 * @param {Calls} calls @param {{ids: string[]}|{query: object}|{cases: {user: string, id: string}[]}} wanted
 * @param {{format: string, mask?: boolean}} how @param {Element} near @param {string} [path] where it is asked for
 */
export async function exportFile(calls, wanted, how, near, path = "export") {
  const toast = new Toast(near);
  try {
    const { token } = await calls.post(path, { ...wanted, ...how });
    toast.say(LABELS.exporting);
    const link = el("a", { href: calls.address(`export/${token}`).href, download: true, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    await followed(calls, token, toast, how.mask ? LABELS.exported_masked : "");
  } catch (error) {
    toast.say(error instanceof Trouble ? error.message : LABELS.exported_failed);
  }
}

/** @param {Calls} calls @param {string} token @param {Toast} toast @param {string} caution */
async function followed(calls, token, toast, caution) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const { state, total, done, failed } = await calls.get(`export/${token}/progress`);
    if (state === "failed") return toast.say(LABELS.exported_failed);
    if (state === "complete") {
      const gaps = failed ? fill(LABELS.exported_gaps, { n: failed }) : "";
      toast.say([counted(LABELS.exported, done), gaps, caution].filter(Boolean).join(" "));
      return setTimeout(() => toast.close(), gaps || caution ? 4 * CLOSE_MS : CLOSE_MS);
    }
    if (total > 1) toast.say(fill(LABELS.exported_part, { done: done.toLocaleString(), total: total.toLocaleString() }));
  }
}

/** @param {(how: {format: string, mask?: boolean}) => void} choose @returns {import("./menu.js").Item[]} */
export const formats = (choose) => {
  const all = (/** @type {boolean} */ mask) =>
    Object.entries(LABELS.formats).map(([format, text]) => ({ text, act: () => choose({ format, mask }) }));
  return [...all(false), { text: LABELS.mask, items: all(true) }];
};
