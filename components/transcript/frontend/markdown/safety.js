// The second wall. The grammar lets no HTML through; DOMPurify then keeps only what the grammar can make.
import { DOMPurify } from "../vendor/markdown-libs.js";

const TAGS = (
  "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong s a br hr span div sup table thead tbody tr th td"
).split(" ");
/** Marks for decorate.js; what they hold is never an address by itself. */
const MARKS = ["data-src", "data-alt", "data-language", "data-open", "data-display", "data-label", "data-done"];
const ATTRIBUTES = ["class", "href", "title", "start", "style", ...MARKS];
const LINK = /^(?:https?:\/\/|mailto:)/i;
/** The only inline style that the grammar writes: how a table's column is aligned. */
const ALIGNMENT = /^text-align:\s?(?:left|center|right);?$/;

const answers = DOMPurify(window);
answers.addHook("afterSanitizeAttributes", (node) => {
  if (node.hasAttribute("style") && !ALIGNMENT.test(node.getAttribute("style"))) node.removeAttribute("style");
  if (node.tagName !== "A") return;
  if (!LINK.test(node.getAttribute("href") ?? "")) {
    node.removeAttribute("href");
    return;
  }
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

/**
 * Makes nodes of the renderer's HTML.
 * @param {string} html
 * @returns {DocumentFragment}
 */
export function sanitize(html) {
  return answers.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ADD_URI_SAFE_ATTR: MARKS,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}

const formulas = DOMPurify(window);
/** What KaTeX's own output needs besides HTML: MathML for readers, SVG for stretched signs. */
const FORMULA = {
  USE_PROFILES: { html: true, mathMl: true, svg: true },
  ADD_TAGS: ["semantics", "annotation"],
  ADD_ATTR: ["encoding"],
  FORBID_TAGS: ["a", "img", "image", "use", "form", "input", "button", "video", "audio", "picture", "source", "style"],
  FORBID_ATTR: ["href", "src", "id", "name"],
  RETURN_DOM_FRAGMENT: true,
};

/**
 * @param {string} html KaTeX's output
 * @returns {DocumentFragment}
 */
export function sanitizeFormula(html) {
  return formulas.sanitize(html, FORMULA);
}

/**
 * Makes `from` look like `to` with as few changes as possible: nodes that need none stay the same nodes, and text that only
 * grew is appended to, so that a selection or the focus in it survives. Takes `to` apart.
 * @param {Element} from
 * @param {Element} to
 */
export function morph(from, to) {
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  if (from.dataset?.key && from.dataset.key === to.dataset.key && from.childNodes.length) return;
  // code that waits to be coloured keeps the colours it got line by line
  if (from.nodeName === "CODE" && !to.firstElementChild && from.textContent === to.textContent) return;
  let old = from.firstChild;
  for (let node = to.firstChild; node; ) {
    const following = node.nextSibling;
    if (!old) from.append(node);
    else {
      const kept = old;
      old = old.nextSibling;
      if (kept.nodeType === 3 && node.nodeType === 3) grow(kept, node.data);
      else if (same(kept, node)) morph(kept, node);
      else kept.replaceWith(node);
    }
    node = following;
  }
  while (old) {
    const following = old.nextSibling;
    old.remove();
    old = following;
  }
}

function same(a, b) {
  return a.nodeType === 1 && b.nodeType === 1 && a.nodeName === b.nodeName && a.dataset?.key === b.dataset?.key;
}

function grow(text, data) {
  if (text.data === data) return;
  if (data.startsWith(text.data)) text.appendData(data.slice(text.data.length));
  else text.data = data;
}
