/** On a phone the sidebar lies over the page: it makes way once that has turned, as for Streamlit's own navigation, or was loaded. */
import { el } from "../dom.js";
import { mounting } from "./mounting.js";

const PHONE = "(max-width: 768px)"; // where Streamlit lays it over the page
const FOLD = '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button';

/** How often the page had turned when it was last drawn; over the elements, which go with their page. @type {number|undefined} */
let seen;

/** @typedef {{assets: string, turned: number}} Data */

/** Whether anybody has pressed something since this page was loaded; navigator.userActivation knows of the page before. */
const touched = () => ["pointerdown", "keydown"].some((event) => performance.eventCounts?.get(event));

class Drawer {
  root = el("div", { hidden: true });

  /** @param {Data} data */
  constructor(data) {
    this.update(data);
  }

  /** @param {Data} data */
  update({ turned }) {
    // Streamlit remembers a sidebar that was left open: nobody has asked for it on a page just loaded.
    const unasked = seen === undefined ? !touched() : seen !== turned;
    if (unasked && matchMedia(PHONE).matches) document.querySelector(FOLD)?.click();
    seen = turned;
  }

  close() {}
}

export const mount = mounting((/** @type {Data} */ data) => new Drawer(data));
