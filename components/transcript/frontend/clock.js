/** Times and durations in the reader's own zone and language. */
import { el } from "./dom.js";
import { fill } from "./labels.js";

/** @typedef {import("./labels.js").Labels} Labels */

/** @type {Map<string, Intl.DateTimeFormat>} making one costs more than using one a thousand times */
const formats = new Map();

/** @param {string} locale @param {Intl.DateTimeFormatOptions} options */
function formatOf(locale, options) {
  const key = locale + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat(locale || undefined, options)));
  return format;
}

/** Days between two moments as the calendar counts them. @param {Date} earlier @param {Date} later */
function daysBetween(earlier, later) {
  const midnight = (/** @type {Date} */ date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(later) - midnight(earlier)) / 86_400_000);
}

/**
 * "14:05" today, "Yesterday 14:05", "12 Nov, 14:05", with the year when it is another one.
 * @param {number} seconds unix time @param {Labels} labels @param {Date} [now]
 */
export function shortTime(seconds, labels, now = new Date()) {
  const date = new Date(seconds * 1000);
  const twelve = formatOf(labels.locale, { hour: "numeric" }).resolvedOptions().hour12; // "2:05 PM", but "02:05"
  const time = formatOf(labels.locale, { hour: twelve ? "numeric" : "2-digit", minute: "2-digit" }).format(date);
  const days = daysBetween(date, now);
  if (days === 0) return time;
  if (days === 1) return fill(labels.yesterday, { time });
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return `${formatOf(labels.locale, { day: "numeric", month: "short", year }).format(date)}, ${time}`;
}

/** @param {number} seconds unix time @param {string} locale */
export function exactTime(seconds, locale) {
  return formatOf(locale, { dateStyle: "full", timeStyle: "long" }).format(new Date(seconds * 1000));
}

/** @param {number|undefined|null} seconds unix time @param {Labels} labels @returns {HTMLTimeElement|null} */
export function timeElement(seconds, labels) {
  if (typeof seconds !== "number" || !Number.isFinite(seconds) || Math.abs(seconds) > 8.64e12) return null;
  const datetime = new Date(seconds * 1000).toISOString();
  const title = exactTime(seconds, labels.locale);
  return el("time", { class: "tr-time", datetime, title, text: shortTime(seconds, labels) });
}

/** Says all times below `root` anew: what was "14:05" is "Yesterday 14:05" after midnight. */
export function refreshTimes(/** @type {HTMLElement} */ root, /** @type {Labels} */ labels) {
  for (const time of root.querySelectorAll("time")) {
    time.textContent = shortTime(Date.parse(time.dateTime) / 1000, labels);
  }
}

/** "3.2 s", "12 s". @param {number} seconds @param {Labels} labels */
export function duration(seconds, labels) {
  const digits = seconds < 10 ? 1 : 0;
  const n = new Intl.NumberFormat(labels.locale || undefined, { maximumFractionDigits: digits }).format(seconds);
  return fill(labels.seconds, { n });
}
