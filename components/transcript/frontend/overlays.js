/** What lies over the page and has the keys first: dialogs, menus, lists to choose from, popovers. */

/** A shelf of toasts is a popover as well, but nobody is in it. */
const OVERLAYS = "dialog[open], [role=dialog], [role=alertdialog], [role=menu], [role=listbox], :popover-open:not([popover=manual])";

/** Whether one is open; one that is closed may stay in the page. */
export function overlayIsOpen() {
  return [...document.querySelectorAll(OVERLAYS)].some((overlay) => overlay.checkVisibility?.() ?? true);
}
