import { el } from "./dom.js";

/** Loads the assets' stylesheets once per page. @param {string} assets @param {Element} near @param {string[]} names */
export function dress(assets, near, names) {
  const home = near.getRootNode() instanceof ShadowRoot ? near.getRootNode() : document.head;
  for (const name of names) {
    const href = new URL(assets + name, document.baseURI).href;
    const links = [.../** @type {ParentNode} */ (home).querySelectorAll("link")];
    if (!links.some((link) => link.href === href)) home.appendChild(el("link", { rel: "stylesheet", href }));
  }
}
