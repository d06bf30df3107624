/** On a phone the panel covers the page, and so is a modal dialog: Tab stays in it, Esc or going back closes it, the focus returns. */
import { el } from "../dom.js";
import { standIn } from "../lists/toast.js";

const COVERS = matchMedia("(max-width: 40rem)"); // as in work.css

export class Cover {
  #listening = new AbortController();

  /** @param {HTMLElement} sheet @param {HTMLElement} home where it stands beside the page @param {string} name @param {() => void} left by the browser's own ways */
  constructor(sheet, home, name, left) {
    this.sheet = sheet;
    this.home = home;
    this.dialog = el("dialog", { class: "wk-cover", "aria-label": name, on: { close: () => this.#covers && left() } });
    home.append(this.dialog);
    COVERS.addEventListener("change", () => this.lay(), { signal: this.#listening.signal });
  }

  get #covers() {
    return this.sheet.parentElement === this.dialog;
  }

  /** The sheet was opened or closed, or the window is another one. */
  lay() {
    const covers = COVERS.matches && !this.sheet.hidden;
    if (covers === this.#covers) return;
    const held = /** @type {HTMLElement|null} */ (document.activeElement);
    const back = this.sheet.contains(held);
    (covers ? this.dialog : this.home).append(this.sheet);
    if (covers) this.dialog.showModal();
    else this.dialog.close();
    if (back) held?.focus();
    standIn(covers ? this.dialog : document.body);
  }

  close() {
    this.#listening.abort();
    standIn(document.body);
  }
}
