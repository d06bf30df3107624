/** A button that copies text. */
import { icon, iconButton } from "./dom.js";
import { copyText } from "./markdown/clipboard.js";

const SHOWN_MS = 1_600;

/**
 * A button that copies and says so by its symbol and in the status line.
 * @param {string} name @param {() => string} text
 * @param {{labels: import("./labels.js").Labels, announcer: import("./announcer.js").Announcer}} context
 */
export function copyButton(name, text, { labels, announcer }) {
  let timer = 0;
  const button = iconButton("copy", name, async () => {
    const copied = await copyText(text());
    announcer.say(copied ? labels.copied : labels.copy_failed);
    button.replaceChildren(icon(copied ? "check" : "error"));
    button.title = copied ? labels.copied : labels.copy_failed;
    button.classList.toggle("tr-done", copied);
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      button.replaceChildren(icon("copy"));
      button.title = name;
      button.classList.remove("tr-done");
    }, SHOWN_MS);
  });
  return button;
}
