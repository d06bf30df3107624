/** Mounts a list into an element of the page, and keeps it over the reruns of the page, which call `mount` again. */
import { el } from "../dom.js";
import { leaving } from "../leaving.js";

/** @typedef {(name: "act", value: object) => void} Emit */
/** @typedef {{root: HTMLElement, update(data: any, emit: Emit): void, close(): void}} Part */

/** Loads the stylesheet once per page. @param {string} assets */
function dress(assets) {
  const href = new URL(`${assets}lists/lists.css`, document.baseURI).href;
  const links = [...document.head.querySelectorAll("link")];
  if (!links.some((link) => link.href === href)) document.head.append(el("link", { rel: "stylesheet", href }));
}

/** @param {(data: any, emit: Emit) => Part} make */
export function mounting(make) {
  /** @type {WeakMap<Element, {part: Part, leaving: number}>} */
  const mounts = new WeakMap();
  const leave = (/** @type {HTMLElement} */ element) => {
    mounts.get(element)?.part.close();
    mounts.delete(element);
    element.replaceChildren();
  };
  return (/** @type {HTMLElement} */ element, /** @type {any} */ data, /** @type {Emit} */ emit) => {
    dress(data.assets);
    let mounted = mounts.get(element);
    if (mounted) {
      clearTimeout(mounted.leaving);
      mounted.part.update(data, emit);
    } else {
      mounted = { part: make(data, emit), leaving: 0 };
      mounts.set(element, mounted);
      element.append(mounted.part.root);
    }
    return leaving(element, mounts, leave);
  };
}
