/** Tags of a conversation: taken away by their cross, added by typing, with those in use as suggestions. */
import { el, iconButton } from "../dom.js";
import { fill } from "../lists/labels.js";
import { LABELS } from "./labels.js";

let lists = 0;

/** A field for a tag, and what it suggests. @param {(tag: string) => void} take */
export function tagField(take) {
  const list = el("datalist", { id: `wk-tags-${++lists}` });
  const field = el("input", { type: "text", class: "wk-field", maxlength: 40, list: list.id, autocomplete: "off", dir: "auto",
    "aria-label": LABELS.new_tag, placeholder: LABELS.new_tag });
  const give = () => {
    const tag = field.value.trim();
    field.value = "";
    if (tag) take(tag);
  };
  field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== ",")) return;
    event.preventDefault();
    give();
  });
  field.addEventListener("change", give); // chosen from the list, or left
  const suggest = (/** @type {string[]} */ tags) => list.replaceChildren(...tags.map((tag) => el("option", { value: tag })));
  return { root: el("span", { class: "wk-tag-field" }, field, list), field, suggest };
}

/** @param {string} tag @param {(() => void)|null} [remove] */
export function chip(tag, remove = null) {
  const cross = remove && iconButton("close", fill(LABELS.remove_tag, { tag }), remove);
  if (cross) cross.className = "wk-cross";
  return el("span", { class: "wk-tag" }, el("bdi", { text: tag }), cross);
}
