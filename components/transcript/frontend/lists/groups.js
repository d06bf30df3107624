/** By date, in the reader's own time zone. */
import { LABELS } from "./labels.js";

const DAYS = [[1, "today"], [2, "yesterday"], [8, "week"], [31, "month"]];

/** @param {number} days before the end of today */
function daysAgo(days) {
  const day = new Date();
  day.setHours(24, 0, 0, 0);
  day.setDate(day.getDate() - days);
  return day.getTime() / 1000;
}

/**
 * The pinned ones first, the others by date; each group in the order given.
 * @template {{pinned?: boolean, at: number|null}} T
 * @param {T[]} rows @returns {[string, T[]][]} heading and rows
 */
export function grouped(rows) {
  /** @type {Map<string, T[]>} */
  const groups = new Map();
  const begins = DAYS.map(([days, name]) => [daysAgo(/** @type {number} */ (days)), name]);
  const names = /** @type {Record<string, any>} */ (LABELS);
  for (const row of [...rows.filter((row) => row.pinned), ...rows.filter((row) => !row.pinned)]) {
    const begin = begins.find(([from]) => (row.at ?? 0) >= Number(from));
    const name = row.pinned ? LABELS.pinned : begin ? names[begin[1]] : LABELS.earlier;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return [...groups];
}
