// Code blocks: a label, a copy button, colours from highlight.js, and a box of their own to scroll in.
import { hljs } from "../vendor/markdown-libs.js";
import { HIGHLIGHT_AT_ONCE, HIGHLIGHT_LIMIT } from "./limits.js";

/**
 * Puts a <pre data-language> into its box.
 * @param {HTMLPreElement} pre
 * @param {import("../markdown.js").Labels} labels
 * @returns {HTMLElement}
 */
export function codeBox(pre, labels) {
  const { language, open } = pre.dataset;
  const box = document.createElement("div");
  box.className = "md-code";
  box.dataset.language = language;
  const bar = document.createElement("div");
  bar.className = "md-code-bar";
  const name = document.createElement("span");
  name.className = "md-code-language";
  name.textContent = language.slice(0, 40) || labels.code;
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "md-button md-copy";
  copy.dataset.md = "copy";
  copy.setAttribute("aria-label", labels.copyCode);
  copy.textContent = labels.copy;
  bar.append(name, copy);
  pre.tabIndex = 0;
  pre.setAttribute("role", "group");
  pre.setAttribute("aria-label", language ? labels.codeIn.replace("{language}", language.slice(0, 40)) : labels.code);
  pre.removeAttribute("data-language");
  pre.removeAttribute("data-open");
  if (open) box.dataset.open = "yes";
  pre.replaceWith(box);
  box.append(bar, pre);
  return box;
}

/**
 * Colours a finished code block, at once if it is small.
 * @param {HTMLElement} box
 * @param {() => void} later is told that a block waits for colourBox()
 */
export function highlight(box, later) {
  const code = box.querySelector("code");
  const { language } = box.dataset;
  const text = code.textContent;
  if (!knows(language) || text.length > HIGHLIGHT_LIMIT) return;
  if (text.length <= HIGHLIGHT_AT_ONCE) {
    const nodes = coloured(text, language);
    if (nodes) code.replaceChildren(nodes);
    return;
  }
  box.dataset.waits = "yes";
  later();
}

/** Colours a block whatever its length. @param {HTMLElement} box */
export function colourBox(box) {
  const code = box.querySelector("code");
  const nodes = coloured(code.textContent, box.dataset.language);
  if (nodes) code.replaceChildren(nodes);
}

/** @param {string} language */
export function knows(language) {
  return Boolean(language && hljs.getLanguage(language));
}

/** The block coloured last is coloured again and again while the list around it streams. */
const cache = { key: "", nodes: /** @type {DocumentFragment | null} */ (null) };

function coloured(text, language) {
  const key = `${language}\n${text}`;
  if (cache.key !== key) {
    cache.key = key;
    cache.nodes = colour(text, language);
  }
  return cache.nodes?.cloneNode(true) ?? null;
}

/**
 * @param {string} text
 * @param {string} language
 * @param {number} [from] characters at the beginning to leave out
 * @returns {DocumentFragment | null} null if it is better left plain
 */
export function colour(text, language, from = 0) {
  try {
    const nodes = build(hljs.highlight(text, { language, ignoreIllegals: true }).value, from);
    return nodes.textContent === text.slice(from) ? nodes : null;
  } catch {
    return null; // an unforeseen text in a language's definition
  }
}

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'" };
const PIECE = /<span class="([\w\s-]*)">|<\/span>|([^<]+)/g;

/** Nodes of highlight.js' output, which is text, entities and <span class>; anything else would not be understood. */
function build(html, from) {
  const fragment = document.createDocumentFragment();
  const classes = [];
  /** @type {Node[]} */
  let path = [fragment];
  let at = 0;
  for (const [piece, className, escaped] of html.matchAll(PIECE)) {
    if (escaped === undefined) {
      if (piece === "</span>") classes.pop();
      else classes.push(className);
      path = path.slice(0, classes.length + 1);
      if (piece !== "</span>") path.length = classes.length; // a new span of its own, made when it has text
      continue;
    }
    const text = escaped.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity]);
    const shown = text.slice(Math.max(0, from - at));
    at += text.length;
    if (!shown) continue;
    while (path.length <= classes.length) {
      const span = document.createElement("span");
      span.className = classes[path.length - 1];
      path.push(path.at(-1).appendChild(span));
    }
    path.at(-1).appendChild(document.createTextNode(shown));
  }
  return fragment;
}
