/** Asking a question once more: as it is, or with other words; here, or along the same way in a new chat. */
import { el, iconButton } from "./dom.js";
import { openPopover } from "./popover.js";
import { sendId } from "./protocol.js";

const AGAIN_MS = 5_000;

/** @typedef {import("./protocol.js").Turn} Turn */
/** @typedef {import("./turn.js").Context} Context */

/**
 * Two buttons: ask here, ask in a new chat. One pair has one send id each, so that a second press never asks twice.
 * @param {Context} context @param {() => string} turn @param {() => string|null} query null: its own words
 * @param {() => void} done
 */
function choices({ labels, act, busy }, turn, query, done) {
  const send = (/** @type {object} */ intent) => (/** @type {MouseEvent} */ { currentTarget }) => {
    const button = /** @type {HTMLButtonElement} */ (currentTarget);
    button.disabled = true;
    setTimeout(() => (button.disabled = busy()), AGAIN_MS);
    act(intent);
    done();
  };
  const ids = [sendId(), sendId()];
  const here = (/** @type {MouseEvent} */ event) => {
    const words = query();
    send(words === null ? { act: "retry", turn: turn(), send_id: ids[0] } : { act: "edit", turn: turn(), query: words, send_id: ids[0] })(event);
  };
  const anew = (/** @type {MouseEvent} */ event) => send({ act: "repeat", turn: turn(), query: query() ?? "", send_id: ids[1] })(event);
  return [
    el("button", { type: "button", class: "tr-button tr-primary tr-retry", disabled: busy(), autofocus: query() === null, on: { click: here } }, labels.again_here),
    el("button", { type: "button", class: "tr-button", title: labels.again_anew_hint, on: { click: anew } }, labels.again_anew),
  ];
}

/** @param {Context} context @param {() => Turn} current */
export function againButton(context, current) {
  const { labels } = context;
  const button = iconButton("retry", labels.again, (event) => openPopover(event, labels.again, context, (close) => ({
    body: [el("p", { class: "tr-hint", text: labels.again_hint }), el("div", { class: "tr-buttons" }, ...choices(context, () => current().id, () => null, close))],
  })));
  button.setAttribute("aria-haspopup", "dialog");
  return button;
}

const ASKED = "asked-";

/** What is typed into a question survives a reload. @param {string} id @param {string|null} [words] @returns {string|null} */
function kept(id, words, start = "edit-") {
  try {
    if (words === null) sessionStorage.removeItem(start + id);
    else if (words !== undefined) sessionStorage.setItem(start + id, words);
    return sessionStorage.getItem(start + id);
  } catch {
    return null;
  }
}

/** Words that were handed over are among the questions: until then they may have been lost on the way. @param {string} query */
export function arrived(query) {
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith(ASKED) && sessionStorage.getItem(name) === query) sessionStorage.removeItem(name);
  } catch {
    // no storage
  }
}

/**
 * The question's words in a field, in the place of its bubble.
 * @param {Context} context @param {() => Turn} current @param {HTMLElement} bubble
 */
export function editor(context, current, bubble) {
  const { labels, scroll } = context;
  const root = el("div", { class: "tr-editor", hidden: true });
  const button = iconButton("edit", labels.edit, () => open());
  const open = () => {
    const { id, query = "" } = current();
    scroll.release();
    const field = el("textarea", { class: "tr-input", "aria-label": labels.edit_field, rows: 3, dir: "auto" });
    field.value = kept(id) ?? kept(id, undefined, ASKED) ?? query;
    field.addEventListener("input", () => kept(id, field.value));
    const close = () => {
      root.hidden = true;
      bubble.hidden = !query;
      root.replaceChildren();
      button.focus({ preventScroll: true });
    };
    const cancel = () => {
      kept(id, null);
      kept(id, null, ASKED);
      close();
    };
    field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      close(); // what was typed is there again when it is opened again
    });
    const sent = () => {
      kept(id, field.value.trim() || query, ASKED);
      kept(id, null);
      close();
    };
    const [here, anew] = choices(context, () => id, () => field.value.trim() || query, sent);
    root.replaceChildren(field, el("p", { class: "tr-hint", text: labels.again_hint }),
      el("div", { class: "tr-buttons" }, here, anew, el("button", { type: "button", class: "tr-button", on: { click: cancel } }, labels.cancel)));
    bubble.hidden = true;
    root.hidden = false;
    field.focus({ preventScroll: true });
    root.scrollIntoView({ block: "nearest" });
  };
  return { root, button, open: () => !root.hidden, resume: () => kept(current().id) !== null && root.hidden && open() };
}
