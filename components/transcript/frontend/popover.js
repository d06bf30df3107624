/** A small box beside the button that opened it: closed by Esc, by a press elsewhere, or by its own cross. */
import { el, iconButton } from "./dom.js";

const GAP_PX = 6;
const SHORTEST_PX = 160;

/**
 * @param {MouseEvent} event the press of the button that the focus returns to
 * @param {string} name
 * @param {import("./turn.js").Context} context
 * @param {(close: () => void) => {head?: Node[], body: Node[]}} fill   an element with `autofocus` gets the focus
 */
export function openPopover(event, name, { root, labels }, fill) {
  const opener = /** @type {HTMLButtonElement} */ (event.currentTarget);
  if (opener.popoverTargetElement) return; // it is open: the browser closes it
  event.preventDefault();
  const popover = el("div", { class: "tr-popover", popover: "auto", role: "dialog", "aria-label": name });
  const close = () => popover.hidePopover();
  const { head = [], body } = fill(close);
  const cross = iconButton("close", labels.close, close);
  popover.append(el("div", { class: "tr-panel-head" }, el("strong", { text: name }), ...head, cross), ...body);

  const place = () => {
    const at = opener.getBoundingClientRect();
    const below = at.bottom + GAP_PX;
    const above = at.top - 2 * GAP_PX;
    popover.style.maxHeight = ""; // for its own height
    const under = below + popover.offsetHeight < innerHeight || innerHeight - below > above;
    // Never over its button, which closes it: what has no room is scrolled.
    popover.style.maxHeight = `${Math.max(SHORTEST_PX, under ? innerHeight - below - GAP_PX : above)}px`;
    const size = popover.getBoundingClientRect();
    const top = under ? below : Math.max(GAP_PX, at.top - GAP_PX - size.height);
    popover.style.top = `${top}px`;
    popover.style.left = `${Math.max(GAP_PX, Math.min(at.left, innerWidth - size.width - GAP_PX))}px`;
  };
  const moved = new AbortController();
  popover.addEventListener("toggle", (/** @type {ToggleEvent} */ toggled) => {
    if (toggled.newState === "open") return;
    moved.abort();
    opener.popoverTargetElement = null;
    opener.setAttribute("aria-expanded", "false");
    popover.remove();
  });
  root.append(popover); // in the root, so that it inherits colours; a turn would clip it
  opener.popoverTargetElement = popover;
  opener.setAttribute("aria-expanded", "true");
  popover.showPopover();
  place();
  const options = { capture: true, passive: true, signal: moved.signal };
  addEventListener("scroll", place, options);
  addEventListener("resize", place, options);
}
