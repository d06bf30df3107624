/** What was typed and is not saved yet: it outlives the panel, the page and the browser. */
export const PREFIX = "work-draft-";

/** @param {string} name */
export function readDraft(name) {
  try {
    return localStorage.getItem(PREFIX + name) ?? "";
  } catch {
    return ""; // no storage
  }
}

/** @param {string} name @param {string} text "" forgets it */
export function keepDraft(name, text) {
  try {
    if (text) localStorage.setItem(PREFIX + name, text);
    else localStorage.removeItem(PREFIX + name);
  } catch {
    // Without room the text still stands in its field.
  }
}

/** Of all that begin so. @param {string} start @returns {string[]} */
export function namesOf(start) {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX + start));
  return keys.map((key) => key.slice(PREFIX.length));
}
