/** The gaps of a ready prompt, asked for one by one; those that are known are filled in already. */
import { el } from "../dom.js";
import { LABELS } from "./labels.js";

/**
 * @param {import("./prompts.js").Prompt} prompt @param {Record<string, string>} known
 * @param {(values: Record<string, string>) => void} done @param {() => void} back @param {HTMLElement} trouble
 * @returns {{root: HTMLElement, first: HTMLInputElement}} first: the one to begin with
 */
export function gapForm(prompt, known, done, back, trouble) {
  const fields = prompt.variables.map((name) => {
    const value = Object.hasOwn(known, name) ? known[name] : "";
    const field = el("input", { type: "text", class: "wk-field", dir: "auto", autocomplete: "off", value });
    return { name, field, root: el("label", { class: "wk-gap" }, el("span", { dir: "auto", text: name }), field) };
  });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    done(Object.fromEntries(fields.map(({ name, field }) => [name, field.value])));
  };
  const root = el("form", { class: "wk-form", on: { submit } }, el("h2", {}, el("bdi", { text: prompt.title })),
    el("p", { class: "wk-preview", dir: "auto", text: prompt.text }), ...fields.map(({ root }) => root), trouble,
    el("div", { class: "wk-buttons" }, el("button", { type: "submit", class: "ls-button wk-primary", text: LABELS.insert }),
      el("button", { type: "button", class: "ls-button", text: LABELS.back, on: { click: back } })));
  return { root, first: (fields.find(({ field }) => !field.value) ?? fields[0]).field };
}
