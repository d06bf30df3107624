/**
 * What the transcript and the lists of a page tell each other, so that the page need not be run for it.
 *
 * @typedef {object} News
 * @property {string} [key]       the conversation's key
 * @property {string|null} [id]   the conversation's id, as soon as Dify has named it
 * @property {boolean} [running]  an answer began, or ceased, to run
 * @property {boolean} [stale]    lists may read differently now
 */

/** @type {Set<(news: News) => void>} */
const listeners = new Set();

/** @param {News} news */
export function tell(news) {
  for (const listener of [...listeners]) listener(news);
}

/** @param {(news: News) => void} listener @returns {() => void} ends it */
export function follow(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
