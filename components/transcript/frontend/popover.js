/** A small box beside the button that opened it: closed by Esc, by a press elsewhere, or by its own cross. */
import { el, iconButton } from "./dom.js";

const GAP_PX = 6;
const LEAST_PX = 120; // of its height, in a window with room neither above nor below

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
    popover.style.maxHeight = "";
    let size = popover.getBoundingClientRect();
    // A button that was scrolled away counts as at the edge: the box stays in the window.
    const [top, bottom] = [at.top, at.bottom].map((edge) => Math.min(Math.max(edge, 0), innerHeight));
    const [above, below] = [top - 2 * GAP_PX, innerHeight - bottom - 2 * GAP_PX];
    const under = size.height <= below || below > above;
    // Never over its own button, which closes it.
    popover.style.maxHeight = `${Math.max(under ? below : above, LEAST_PX)}px`;
    size = popover.getBoundingClientRect();
    popover.style.top = `${under ? bottom + GAP_PX : Math.max(GAP_PX, top - GAP_PX - size.height)}px`;
    popover.style.left = `${Math.max(GAP_PX, Math.min(at.left, innerWidth - size.width - GAP_PX))}px`;
  };
  const moved = new AbortController();
  const sized = new ResizeObserver(place); // what it shows may come later
  popover.addEventListener("toggle", (/** @type {ToggleEvent} */ toggled) => {
    if (toggled.newState === "open") return;
    moved.abort();
    sized.disconnect();
    opener.popoverTargetElement = null;
    opener.setAttribute("aria-expanded", "false");
    popover.remove();
  });
  root.append(popover); // in the root, so that it inherits colours; a turn would clip it
  opener.popoverTargetElement = popover;
  opener.setAttribute("aria-expanded", "true");
  popover.showPopover();
  place();
  sized.observe(popover);
  const options = { capture: true, passive: true, signal: moved.signal };
  addEventListener("scroll", place, options);
  addEventListener("resize", place, options);
}
