/** What an answer brought along: the documents it cites, and files. */
import { el, icon, iconButton, safeAddress } from "./dom.js";
import { fill } from "./labels.js";

/** @typedef {import("./protocol.js").Turn} Turn */
/** @typedef {import("./turn.js").Context} Context */

/** @param {import("./protocol.js").Citation} citation @param {Context} context @param {() => void} close */
function segment(citation, { labels }, close) {
  const format = new Intl.NumberFormat(labels.locale || undefined, { maximumFractionDigits: 2 });
  const score = citation.score == null ? "" : fill(labels.score, { score: format.format(citation.score) });
  const under = [citation.dataset_name, score].filter(Boolean).join(" · ");
  return [
    el("div", { class: "tr-panel-head" },
      el("strong", { class: "tr-clip", text: citation.document_name }),
      iconButton("close", labels.close, close)),
    under ? el("p", { class: "tr-panel-under", text: under }) : null,
    el("p", { class: "tr-panel-text", dir: "auto", tabindex: "0", text: citation.content || labels.no_segment }),
  ].filter((part) => part !== null);
}

/** Numbered chips; one of them at a time opens its segment below. @param {Context} context */
export function citations(context) {
  const { labels, scroll } = context;
  const list = el("ol", { class: "tr-chips" });
  const panel = el("div", { class: "tr-panel", hidden: true });
  const root = el("section", { class: "tr-citations", "aria-label": labels.sources, hidden: true }, list, panel);
  /** @type {HTMLButtonElement|null} */
  let open = null;

  const close = () => {
    open?.setAttribute("aria-expanded", "false");
    open?.focus({ preventScroll: true });
    open = null;
    panel.hidden = true;
  };
  panel.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && close());

  /** @param {import("./protocol.js").Citation} citation @param {number} place */
  const chip = (citation, place) => {
    const number = el("span", { class: "tr-number", text: String(citation.position ?? place + 1) });
    const name = el("span", { class: "tr-clip", text: citation.document_name });
    const button = el("button", { type: "button", class: "tr-chip", "aria-expanded": "false", title: citation.document_name }, number, name);
    button.addEventListener("click", () => {
      scroll.release();
      if (open === button) return close();
      open?.setAttribute("aria-expanded", "false");
      open = button;
      button.setAttribute("aria-expanded", "true");
      panel.replaceChildren(...segment(citation, context, close));
      panel.hidden = false;
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

/** @param {number|undefined} bytes @param {string} locale */
function sizeText(bytes, locale) {
  if (!bytes) return "";
  const [unit, value] = bytes < 1e6 ? ["kilobyte", bytes / 1e3] : ["megabyte", bytes / 1e6];
  const options = { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 };
  return new Intl.NumberFormat(locale || undefined, /** @type {any} */ (options)).format(/** @type {number} */ (value));
}

/** @param {import("./protocol.js").FileEntry} file @param {Context} context */
function fileCard(file, { labels }) {
  const address = safeAddress(file.url);
  const name = file.name || labels.file;
  const link = address && { href: address.href, target: "_blank", rel: "noopener noreferrer" };
  const picture = file.type === "image" || file.mime_type?.startsWith("image/");
  if (picture && address?.own) { // an image from elsewhere would tell a stranger who reads
    const image = el("img", { src: address.href, alt: name, loading: "lazy", decoding: "async" });
    return el("li", {}, el("a", { class: "tr-picture", ...link }, image));
  }
  const side = el("span", { class: "tr-row-side", text: sizeText(file.size, labels.locale) });
  return el("li", {}, el(link ? "a" : "span", { class: "tr-file", ...link }, icon(picture ? "image" : "file"), el("span", { class: "tr-clip", text: name }), side));
}

/** @param {Context} context */
export function files(context) {
  const root = el("ul", { class: "tr-files", "aria-label": context.labels.files, hidden: true });
  return {
    root,
    keys: ["files"],
    /** @param {Turn} turn */
    update(turn) {
      const all = turn.files ?? [];
      root.hidden = !all.length;
      root.replaceChildren(...all.map((file) => fileCard(file, context)));
    },
  };
}
