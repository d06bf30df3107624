/** An answer as a visitor will see it, while a curator writes it. */
import { el } from "../dom.js";
import { dress } from "../dress.js";
import { Markdown } from "../markdown.js";
import { followTheme } from "../theme.js";

/** @type {WeakMap<Element, Markdown>} */
const mounts = new WeakMap();

/** @param {HTMLElement} element @param {{assets: string, text: string}} data */
export function mount(element, data) {
  let markdown = mounts.get(element);
  if (!markdown) {
    dress(data.assets, element, ["style.css", "markdown.css", "annotations/list.css"]);
    const text = el("div", { class: "tr-text", dir: "auto" });
    const root = el("div", { class: "tr-root an-root an-preview" }, text);
    element.append(root);
    followTheme(root, [root]);
    mounts.set(element, (markdown = new Markdown(text, {})));
  }
  markdown.replace(data.text);
  markdown.finish();
  return () => {};
}
