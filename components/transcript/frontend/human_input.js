/** The form that a paused answer waits for: drawn as its maker wrote it, sent, and then only its outcome. */
import { shortTime } from "./clock.js";
import { el, icon } from "./dom.js";
import { FileField } from "./form_files.js";
import { fill } from "./labels.js";
import { Markdown } from "./markdown.js";

/** Where a control stands in the text. */
const SLOT = /\{\{#\$output\.([^#{}]+)#\}\}/;
const TEXTS = new Set(["paragraph", "text-input", "select", ""]);
const FILES = new Set(["file", "file-list"]);

/** @typedef {import("./protocol.js").Form} Form */
/** @typedef {import("./turn.js").Context} Context */

/** What was typed outlives a reload; storage may be forbidden. */
class Draft {
  /** @param {string} turn @param {string} form */
  constructor(turn, form) {
    this.key = `form-${turn}-${form}`;
  }

  /** @returns {Record<string, any>} texts; of files what the server told of each */
  get values() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "{}");
    } catch {
      return {};
    }
  }

  /** @param {Record<string, any>|null} values */
  keep(values) {
    try {
      if (values) localStorage.setItem(this.key, JSON.stringify(values));
      else localStorage.removeItem(this.key);
    } catch {
      // what stands in the controls is all there is
    }
  }
}

/** @param {Form["inputs"][0]} input @param {string} value @param {(value: string) => void} changed */
function control(input, value, changed) {
  const props = { class: "tr-input", "aria-label": input.name, "data-input": input.name };
  let made;
  if (input.type === "select") made = el("select", props, ...input.options.map((option) => el("option", { value: option }, option)));
  else if (input.type === "text-input") made = el("input", { ...props, type: "text" });
  else made = el("textarea", { ...props, rows: 3 });
  if (input.type !== "select" || input.options.includes(value)) made.value = value;
  made.addEventListener("input", () => changed(made.value));
  return made;
}

/** @param {string} markdown @param {Context} context */
function text(markdown, { labels }) {
  const root = el("div", { dir: "auto" });
  const drawn = new Markdown(root, labels.markdown);
  drawn.append(markdown);
  drawn.finish();
  return root;
}

/** @param {string} turn @param {Form} form @param {Context} context */
function openForm(turn, form, context) {
  const { labels, announcer } = context;
  const draft = new Draft(turn, form.id);
  const address = `${context.turns}/${encodeURIComponent(turn)}/form`;
  const foreign = form.inputs.some((input) => !TEXTS.has(input.type) && !FILES.has(input.type));
  /** @type {Map<string, FileField>} */
  const fields = new Map();
  /** @type {Record<string, any>} */
  const values = Object.fromEntries(form.inputs.map((input) => [input.name, draft.values[input.name] ?? input.default]));
  const controls = new Map(form.inputs.map((input) => {
    const keep = (/** @type {any} */ value) => {
      values[input.name] = value;
      draft.keep(values);
    };
    if (!FILES.has(input.type)) return [input.name, control(input, values[input.name], keep)];
    const before = Array.isArray(values[input.name]) ? values[input.name] : [];
    const url = `${address}/file?form=${encodeURIComponent(form.id)}&input=${encodeURIComponent(input.name)}`;
    const field = new FileField(input, url, before, context, () => keep(field.value));
    fields.set(input.name, field);
    return [input.name, field.root];
  }));
  for (const [name, made] of controls) values[name] = fields.has(name) ? fields.get(name)?.value : made.value;
  const body = el("div", { class: "tr-form-body" });
  form.content.split(SLOT).forEach((part, place) => {
    const slot = place % 2 ? controls.get(part) : null;
    if (slot && !slot.parentNode) body.append(slot);
    else if (place % 2 === 0 && part.trim()) body.append(text(part, context));
  });
  for (const [name, made] of controls) if (!made.parentNode) body.append(el(fields.has(name) ? "div" : "label", { class: "tr-field" }, name, made));

  const problem = el("p", { class: "tr-problem", role: "alert" });
  const buttons = form.actions.map((action) => {
    const kind = action.style === "primary" ? "tr-button tr-primary" : "tr-button";
    return el("button", { type: "button", class: kind, disabled: foreign, on: { click: () => send(action.id) } }, action.title || action.id);
  });
  /** @type {{disabled: boolean}[]} */
  const all = [...buttons, ...[...controls].map(([name, made]) => fields.get(name) ?? made)];
  /** @param {string} action */
  const send = async (action) => {
    problem.textContent = [...fields.values()].map((field) => field.trouble).find(Boolean) ?? "";
    if (problem.textContent) return;
    for (const each of all) each.disabled = true;
    const code = await post(address, { form: form.id, inputs: values, action });
    if (!code) {
      draft.keep(null);
      announcer.say(labels.form_sent);
      return;
    }
    for (const each of all) each.disabled = false;
    problem.textContent = /** @type {Record<string, string>} */ (labels.form_problems)[code] ?? labels.form_failed;
  };
  const until = form.expires_at ? el("span", { class: "tr-hint", text: fill(labels.form_until, { time: shortTime(form.expires_at, labels) }) }) : null;
  const hint = foreign ? el("p", { class: "tr-hint", text: labels.form_foreign }) : null;
  return el("div", { class: "tr-form", role: "form", "aria-label": form.title || labels.form },
    el("strong", { text: form.title || labels.form }), body, hint, el("div", { class: "tr-buttons" }, ...buttons, until), problem);
}

/** @param {string} url @param {object} body @returns {Promise<string>} code of what went wrong */
async function post(url, body) {
  try {
    const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    return answer.ok ? "" : String((await answer.json()).code);
  } catch {
    return "unreachable";
  }
}

/** @param {Form} form @param {Context} context */
function closedForm(form, context) {
  const { labels } = context;
  const words = form.expired ? labels.form_expired : form.choice ? fill(labels.form_choice, { title: form.title || labels.form, choice: form.choice }) : labels.form_submitted;
  const line = el("p", { class: "tr-note tr-still" }, icon(form.expired ? "error" : "check"), words);
  if (!form.rendered) return line;
  return el("details", { class: "tr-fold" }, el("summary", {}, icon("chevron"), el("span", { class: "tr-clip", text: words })), el("div", { class: "tr-fold-body" }, text(form.rendered, context)));
}

/** @param {Context} context */
export function humanInput(context) {
  const root = el("div", { class: "tr-forms", hidden: true });
  /** @type {Map<string, {said: string, node: Node}>} what stands there keeps what was typed into it */
  let shown = new Map();
  return {
    root,
    keys: ["forms", "state"],
    /** @param {import("./protocol.js").Turn} turn */
    update(turn) {
      const forms = turn.forms ?? [];
      root.hidden = !forms.length;
      const next = new Map();
      for (const form of forms) {
        const open = form.open && turn.state === "paused";
        const said = JSON.stringify([form, open]);
        const known = shown.get(form.id);
        const node = known?.said === said ? known.node : open ? openForm(turn.id, form, context) : closedForm(form, context);
        next.set(form.id, { said, node });
      }
      const nodes = [...next.values()].map(({ node }) => node);
      if (nodes.length !== root.childNodes.length || nodes.some((node, place) => node !== root.childNodes[place])) root.replaceChildren(...nodes);
      shown = next;
    },
  };
}
