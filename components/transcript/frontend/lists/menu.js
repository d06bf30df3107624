/** A menu beside the button that opened it: arrow keys, Esc, a press elsewhere, as one knows menus. */
import { el } from "../dom.js";

const GAP_PX = 4;

/**
 * @typedef {object} Item
 * @property {string} text
 * @property {() => void} [act]     closes the menu and does it
 * @property {Item[]} [items]       opens these in the menu's place
 * @property {boolean} [danger]
 */

/** @param {HTMLElement} opener @param {string} name @param {Item[]} items @param {Element} home where it inherits its colours from */
export function openMenu(opener, name, items, home) {
  const menu = el("div", { class: "ls-menu", popover: "auto", role: "menu", "aria-label": name });
  let done = () => {};

  const fillWith = (/** @type {Item[]} */ shown) => {
    menu.replaceChildren(...shown.map((item) =>
      el("button", {
        type: "button", role: "menuitem", tabindex: "-1", class: item.danger ? "ls-danger" : "",
        "aria-haspopup": item.items ? "menu" : null, text: item.text,
        on: { click: () => choose(item) },
      })));
    menu.firstElementChild?.focus();
  };
  const choose = (/** @type {Item} */ item) => {
    if (item.items) {
      fillWith(item.items);
      return place();
    }
    done = item.act ?? done;
    menu.hidePopover();
  };
  const place = () => {
    const at = opener.getBoundingClientRect();
    const size = menu.getBoundingClientRect();
    const below = at.bottom + GAP_PX;
    menu.style.top = `${below + size.height < innerHeight ? below : Math.max(GAP_PX, at.top - GAP_PX - size.height)}px`;
    menu.style.left = `${Math.max(GAP_PX, Math.min(at.left, innerWidth - size.width - GAP_PX))}px`;
  };
  menu.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const buttons = [...menu.children];
    const at = buttons.indexOf(/** @type {Element} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Tab") menu.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    /** @type {HTMLElement} */ (buttons.at(to % buttons.length)).focus();
  });
  menu.addEventListener("toggle", (/** @type {ToggleEvent} */ toggled) => {
    if (toggled.newState === "open") return;
    opener.setAttribute("aria-expanded", "false");
    menu.remove();
    if (opener.isConnected) opener.focus();
    done();
    home.dispatchEvent(new CustomEvent("ls-free"));
  });
  home.append(menu);
  opener.setAttribute("aria-expanded", "true");
  menu.showPopover();
  fillWith(items);
  place();
}
