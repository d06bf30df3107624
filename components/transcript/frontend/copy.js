/** Copying an answer: as its markdown at once, or, from a small menu, as the text that is read. */
import { copyButton } from "./clipboard.js";
import { el, iconButton } from "./dom.js";
import { copyText } from "./markdown/clipboard.js";
import { openPopover } from "./popover.js";

/** What is drawn for hands and not for reading. */
const NO_TEXT = "button, .md-code-bar, .katex-html, .md-back";

/** The words of a drawn answer, without the signs of its markdown. @param {Element} drawn */
function textOf(drawn) {
  const copy = /** @type {HTMLElement} */ (drawn.cloneNode(true));
  for (const node of copy.querySelectorAll(NO_TEXT)) node.remove();
  for (const maths of copy.querySelectorAll(".katex")) {
    maths.replaceWith(maths.querySelector("annotation")?.textContent ?? "");
  }
  for (const item of copy.querySelectorAll("li")) {
    const place = [.../** @type {Element} */ (item.parentNode).children].indexOf(item);
    for (const words of item.querySelectorAll(":scope > p")) words.replaceWith(...words.childNodes, "\n");
    item.prepend(item.parentElement?.tagName === "OL" ? `${Number(item.parentElement.getAttribute("start") ?? 1) + place}. ` : "• ");
  }
  // innerText knows lines, and those only where it is laid out.
  const place = el("div", { class: "tr-aside", "aria-hidden": "true" }, copy);
  drawn.after(place);
  const text = copy.innerText;
  place.remove();
  return text.replace(/\n{3,}/g, "\n\n").trim();
}

/**
 * @param {import("./turn.js").Context} context @param {() => string} markdown
 * @param {() => Element|null|undefined} drawn
 */
export function copying(context, markdown, drawn) {
  const { labels, announcer } = context;
  const copy = copyButton(labels.copy, markdown, context);
  const menu = iconButton("expand", labels.copy_as, (event) => openPopover(event, labels.copy_as, context, (close) => {
    const choice = (/** @type {string} */ name, /** @type {() => string} */ text, /** @type {boolean} */ first) =>
      el("button", { type: "button", class: "tr-button", autofocus: first, on: { click: async () => {
        const copied = await copyText(text());
        announcer.say(copied ? labels.copied : labels.copy_failed);
        close();
      } } }, name);
    const place = drawn();
    return { body: [el("div", { class: "tr-buttons" }, choice(labels.copy_markdown, markdown, true),
      choice(labels.copy_text, () => (place ? textOf(place) : markdown()), false))] };
  }));
  menu.classList.add("tr-narrow");
  menu.setAttribute("aria-haspopup", "dialog");
  return [copy, menu];
}
