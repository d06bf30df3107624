/** Says of an answer that a person wrote it beforehand, and who that was, as far as Dify tells. */
import { el, icon } from "./dom.js";
import { fill } from "./labels.js";

/** @param {import("./turn.js").Context} context @returns {import("./turn.js").Part} */
export function badge({ labels }) {
  const words = el("span", { dir: "auto" });
  const root = el("p", { class: "tr-badge", hidden: true }, icon("annotation"), words);
  return {
    root,
    keys: ["annotation"],
    update({ annotation }) {
      root.hidden = !annotation;
      words.textContent = annotation?.author ? fill(labels.annotation_by, { author: annotation.author }) : labels.annotation;
    },
  };
}
