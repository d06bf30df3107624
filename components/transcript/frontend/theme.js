/** Light or dark, told from Streamlit's background colour, also when a person switches while the page is open. */
import { el } from "./dom.js";

/** @param {string} color as computed: rgb(), rgba() or color(srgb …) @returns {number} relative luminance, 0 to 1 */
export function luminance(color) {
  const scale = color.startsWith("color(") ? 1 : 255;
  const [red, green, blue] = (color.replace(/^color\(\S+/, "").match(/[\d.]+/g) ?? ["255", "255", "255"]).map((part) => {
    const value = Number(part) / scale;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * An unseen element wears the background colour; a change of it is a transition, whatever rule it came by.
 * It is styled here, because the theme must be known before a stylesheet has come.
 * @param {HTMLElement} root @param {HTMLElement[]} marked get data-theme @param {() => void} [told]  called at each change
 */
export function followTheme(root, marked, told = () => {}) {
  const probe = el("span", { class: "tr-hidden", "aria-hidden": "true" });
  probe.style.backgroundColor = "var(--st-background-color, Canvas)";
  probe.style.transition = "background-color 1ms";
  root.append(probe);
  const tell = () => {
    const theme = luminance(getComputedStyle(probe).backgroundColor) < 0.4 ? "dark" : "light";
    for (const element of marked) if (element.dataset.theme !== theme) element.dataset.theme = theme;
    told();
  };
  probe.addEventListener("transitionend", tell);
  if (root.isConnected) tell();
  else queueMicrotask(tell); // colours are those of the page, on which it is in a moment
}
