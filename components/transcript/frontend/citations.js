/** The passages an answer rests on: numbered chips, one of which at a time opens what is known of its passage. */
import { copyButton } from "./clipboard.js";
import { el, iconButton } from "./dom.js";
import { fill } from "./labels.js";

/** @typedef {import("./protocol.js").Turn} Turn */
/** @typedef {import("./protocol.js").Citation} Citation */
/** @typedef {import("./turn.js").Context} Context */

const IDS = ["document_id", "dataset_id", "segment_id"];

/** What is known besides the passage, in words; what is not has no row. @param {Citation} citation @param {number} place @param {number} count @param {Context["labels"]} labels @returns {[string, string, boolean][]} name, value, to be copied */
function facts(citation, place, count, labels) {
  const format = new Intl.NumberFormat(labels.locale || undefined, { maximumFractionDigits: 3 });
  const shown = { ...citation, place: fill(labels.place_of, { n: place + 1, count }) };
  return Object.entries(labels.citation_rows).flatMap(([key, name]) => {
    const value = /** @type {Record<string, unknown>} */ (shown)[key];
    if (value == null || value === "" || (key === "place" && count < 2)) return [];
    return [/** @type {[string, string, boolean]} */ ([name, typeof value === "number" ? format.format(value) : String(value), IDS.includes(key)])];
  });
}

/** @param {Citation} citation @param {number} place @param {number} count @param {Context} context @param {() => void} close */
function passage(citation, place, count, context, close) {
  const { labels } = context;
  const list = el("dl", {}, ...facts(citation, place, count, labels).flatMap(([name, value, copied]) => [
    el("dt", { text: name }),
    el("dd", {}, el("span", { class: copied ? "tr-id" : null, dir: "auto", text: value }), copied ? copyButton(fill(labels.details_copy, { name }), () => value, context) : null),
  ]));
  return [
    el("div", { class: "tr-panel-head" },
      el("strong", { class: "tr-clip", dir: "auto", text: nameOf(citation, labels) }),
      iconButton("close", labels.close, close)),
    citation.summary ? el("p", { class: "tr-panel-under", dir: "auto", text: citation.summary }) : null,
    el("p", { class: "tr-panel-text", dir: "auto", tabindex: "0", text: citation.content || labels.no_segment }),
    list.childElementCount ? list : null,
  ].filter((part) => part !== null);
}

/** @param {Citation} citation @param {Context["labels"]} labels */
const nameOf = (citation, labels) => citation.document_name || citation.dataset_name || labels.source;

/** @param {Context} context */
export function citations(context) {
  const { labels, scroll } = context;
  const list = el("ol", { class: "tr-chips" });
  const panel = el("div", { class: "tr-panel", role: "region", "aria-label": labels.source, hidden: true });
  const root = el("section", { class: "tr-citations", "aria-label": labels.sources, hidden: true }, list, panel);
  /** @type {HTMLButtonElement|null} */
  let open = null;

  const close = () => {
    const opener = open;
    open?.setAttribute("aria-expanded", "false");
    open = null;
    opener?.focus({ preventScroll: true });
    panel.hidden = true;
  };
  root.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && open) {
      event.preventDefault(); // it stops no answer
      close();
    }
  });

  /** @param {Citation} citation @param {number} place @param {Citation[]} all */
  const chip = (citation, place, all) => {
    const name = nameOf(citation, labels);
    const number = el("span", { class: "tr-number", text: String(citation.position || place + 1) });
    const button = el("button", { type: "button", class: "tr-chip", "aria-expanded": "false", title: name }, number, el("span", { class: "tr-clip", dir: "auto", text: name }));
    button.addEventListener("click", () => {
      scroll.release();
      if (open === button) return close();
      open?.setAttribute("aria-expanded", "false");
      open = button;
      button.setAttribute("aria-expanded", "true");
      panel.replaceChildren(...passage(citation, place, all.length, context, close));
      panel.hidden = false;
      panel.scrollIntoView({ block: "nearest" }); // below the last words it would open behind the composer
    });
    return el("li", {}, button);
  };

  return {
    root,
    keys: ["citations"],
    /** @param {Turn} turn */
    update(turn) {
      const found = turn.citations ?? [];
      open = null;
      panel.hidden = true;
      root.hidden = !found.length;
      list.replaceChildren(...found.map(chip));
    },
  };
}
