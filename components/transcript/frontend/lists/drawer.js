/**
 * On a phone the sidebar lies over the page: once that has turned, it makes way. Streamlit remembers how it was
 * left: open, it would lie over the page when that is loaded again.
 */
import { el } from "../dom.js";
import { mounting } from "./mounting.js";

const PHONE = "(max-width: 768px)"; // where Streamlit lays it over the page
const FOLD = '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button';
const LEFT = "stSidebarCollapsed-";

/** Which page was drawn last, and how often it had turned by then; over the elements, which go with their page. */
let seen = "";

addEventListener("pagehide", () => {
  if (!matchMedia(PHONE).matches) return;
  for (const name of Object.keys(localStorage)) if (name.startsWith(LEFT)) localStorage.setItem(name, "true");
});

/** @typedef {{assets: string, turned: number}} Data */

class Drawer {
  root = el("div", { hidden: true });

  /** @param {Data} data */
  constructor(data) {
    this.update(data);
  }

  /** @param {Data} data */
  update({ turned }) {
    const here = `${turned} ${location.pathname}`;
    if (seen && seen !== here && matchMedia(PHONE).matches) document.querySelector(FOLD)?.click();
    seen = here;
  }

  close() {}
}

export const mount = mounting((/** @type {Data} */ data) => new Drawer(data));
