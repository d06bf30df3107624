/** On a phone the sidebar lies over the page: once that has turned, it makes way, as for Streamlit's own navigation. */
import { el } from "../dom.js";
import { mounting } from "./mounting.js";

const PHONE = "(max-width: 768px)"; // where Streamlit lays it over the page
const FOLD = '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button';

/** How often the page had turned when it was last drawn; over the elements, which go with their page. @type {number|undefined} */
let seen;

/** @typedef {{assets: string, turned: number}} Data */

class Drawer {
  root = el("div", { hidden: true });

  /** @param {Data} data */
  constructor(data) {
    this.update(data);
  }

  /** @param {Data} data */
  update({ turned }) {
    if (seen !== undefined && seen !== turned && matchMedia(PHONE).matches) document.querySelector(FOLD)?.click();
    seen = turned;
  }

  close() {}
}

export const mount = mounting((/** @type {Data} */ data) => new Drawer(data));
