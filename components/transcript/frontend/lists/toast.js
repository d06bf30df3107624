/** Lines at the foot of the page, over everything, each with at most one thing to do about it. */
import { el, iconButton } from "../dom.js";
import { LABELS } from "./labels.js";

const COLOURS = ["--st-text-color", "--st-background-color", "--st-primary-color", "--st-font", "--st-base-radius"];

/** They stand in the body, since the sidebar may be folded away, and so must be told whose colours they wear. */
const shelf = el("div", { class: "ls-toasts", popover: "manual" });
/** @type {HTMLElement} */
let home = document.body;

/** Outside a modal dialog nothing can be pressed. @param {HTMLElement} place where they stand from now on */
export function standIn(place) {
  home = place;
  if (shelf.childElementCount) stand();
}

function stand() {
  home.append(shelf);
  shelf.showPopover();
}

export class Toast {
  /** @param {Element} near whose colours it wears */
  constructor(near) {
    this.words = el("span", { dir: "auto" });
    this.button = el("button", { type: "button", class: "ls-button", on: { click: () => this.act() } });
    const cross = iconButton("close", LABELS.dismiss, () => this.close());
    cross.className = "ls-more";
    this.root = el("div", { class: "ls-toast", role: "status" }, this.words, this.button, cross);
    this.act = () => {};
    this.near = near;
  }

  /** @param {string} words @param {{name: string, act: () => void}|null} [button] */
  say(words, button = null) {
    if (!this.root.isConnected) {
      const worn = getComputedStyle(this.near);
      for (const name of COLOURS) shelf.style.setProperty(name, worn.getPropertyValue(name));
      shelf.append(this.root);
      stand();
    }
    if (this.words.textContent !== words) this.words.textContent = words;
    this.button.hidden = !button;
    this.button.textContent = button?.name ?? "";
    this.act = button?.act ?? (() => {});
  }

  close() {
    this.root.remove();
    if (!shelf.childElementCount) shelf.remove();
  }
}
