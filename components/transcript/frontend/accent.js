/** The app's own colour as this transcript's accent, made legible on the ground it stands on (WCAG AA). */
import { luminance } from "./theme.js";

const LEGIBLE = 4.5;
const STEPS = 20;

/** @param {number} one @param {number} other  luminances */
const contrast = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);

/** @param {string} hex #rgb or #rrggbb @returns {number[]|null} */
function parts(hex) {
  const digits = /^#([\da-f]{3}|[\da-f]{6})$/i.exec(hex)?.[1];
  if (!digits) return null;
  const pairs = digits.length === 3 ? [...digits].map((digit) => digit + digit) : digits.match(/../g) ?? [];
  return pairs.map((pair) => parseInt(pair, 16));
}

/** The colour itself, or as much nearer to black or white as it takes. @param {number[]} color @param {number} ground  luminance @returns {string} */
function legible(color, ground) {
  const end = contrast(0, ground) > contrast(1, ground) ? 0 : 255;
  let mixed = "";
  for (let step = 0; step <= STEPS; step += 1) {
    mixed = `rgb(${color.map((part) => Math.round(part + ((end - part) * step) / STEPS)).join(", ")})`;
    if (contrast(luminance(mixed), ground) >= LEGIBLE) break;
  }
  return mixed;
}

/** @param {HTMLElement} root @param {import("./protocol.js").App} app */
export function dye(root, app) {
  const color = parts(app.color ?? "");
  if (!color) return;
  const probe = document.createElement("span");
  probe.style.color = "var(--tr-ground)";
  root.append(probe);
  const ground = luminance(getComputedStyle(probe).color);
  probe.remove();
  root.style.setProperty("--tr-app-color", legible(color, ground));
  // Inverted, as Dify's maker means it: the colour is for signs and edges, grounds stay plain.
  root.toggleAttribute("data-dyed", !app.inverted);
  root.toggleAttribute("data-inverted", Boolean(app.inverted));
}
