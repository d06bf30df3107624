/** Writing a ready prompt: what is typed stays until it is saved or given up. */
import { el } from "../dom.js";
import { keepDraft, readDraft } from "../kept.js";
import { LABELS } from "./labels.js";
import { meanwhile, problem } from "./words.js";

/** @param {import("./prompts.js").Prompts} sheet @param {import("./prompts.js").Prompt|null} prompt null: a new one */
export function promptForm(sheet, prompt) {
  const draft = `prompt-${sheet.data.app}-${prompt?.id ?? "new"}`;
  const kept = JSON.parse(readDraft(draft) || "{}");
  let version = prompt?.version ?? 0;
  const title = el("input", { type: "text", class: "wk-field", maxlength: 80, dir: "auto", autocomplete: "off", value: kept.title ?? prompt?.title ?? "" });
  const text = el("textarea", { class: "wk-field", rows: 5, dir: "auto" });
  text.value = kept.text ?? prompt?.text ?? "";
  const shared = el("input", { type: "checkbox" });
  shared.checked = kept.shared ?? prompt?.shared ?? false;
  const trouble = el("div", { role: "alert" });
  const values = () => ({ title: title.value, text: text.value, shared: shared.checked });
  const button = (/** @type {string} */ words, /** @type {() => void} */ click, kind = "") =>
    el("button", { type: "button", class: `ls-button ${kind}`, text: words, on: { click } });
  const back = () => {
    keepDraft(draft, "");
    sheet.listAgain();
  };
  const save = async () => {
    trouble.replaceChildren();
    try {
      const path = prompt ? `prompts/${prompt.id}` : "prompts";
      const saved = await sheet.calls.post(path, { ...values(), ...(prompt && { version }) });
      keepDraft(draft, "");
      sheet.put(saved);
    } catch (error) {
      const now = /** @type {import("./prompts.js").Prompt|null} */ (meanwhile(error));
      if (!now) return trouble.replaceChildren(el("p", { class: "ls-problem", text: `${problem(error)} ${LABELS.kept}` }));
      trouble.replaceChildren(el("p", { class: "ls-problem", text: LABELS.meanwhile_prompt }),
        el("blockquote", { class: "wk-theirs", dir: "auto", text: `${now.title}\n${now.text}` }),
        button(LABELS.save_mine, () => ((version = now.version), void save())),
        button(LABELS.take_theirs, () => (keepDraft(draft, ""), sheet.put(now))));
    }
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    void save();
  };
  return el("form", { class: "wk-form", on: { submit, input: () => keepDraft(draft, JSON.stringify(values())) } },
    el("label", { class: "wk-gap" }, el("span", { text: LABELS.prompt_title }), title),
    el("label", { class: "wk-gap" }, el("span", { text: LABELS.prompt_text }), text),
    el("p", { class: "ls-note", text: LABELS.prompt_help }),
    sheet.share ? el("label", { class: "wk-check" }, shared, el("span", { text: LABELS.share_prompt })) : null, trouble,
    el("div", { class: "wk-buttons" }, el("button", { type: "submit", class: "ls-button wk-primary", text: LABELS.save }), button(LABELS.cancel, back),
      prompt ? button(LABELS.delete, () => (keepDraft(draft, ""), void sheet.remove(prompt)), "ls-danger") : null));
}
