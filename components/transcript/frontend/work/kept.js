/** What was typed and is not saved yet: it outlives the panel, the page and the browser. */
const PREFIX = "work-draft-";

/** @param {string} name */
export const readDraft = (name) => localStorage.getItem(PREFIX + name) ?? "";

/** @param {string} name @param {string} text "" forgets it */
export function keepDraft(name, text) {
  try {
    if (text) localStorage.setItem(PREFIX + name, text);
    else localStorage.removeItem(PREFIX + name);
  } catch {
    // Without room the text still stands in its field.
  }
}
