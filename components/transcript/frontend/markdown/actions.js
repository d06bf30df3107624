// What the buttons inside an answer do. One listener per answer: elements come and go while it streams.
import { copyText } from "./clipboard.js";
import { hostOf } from "./decorate.js";
import { drawDiagram } from "./diagrams.js";

/**
 * @param {HTMLElement} root
 * @param {import("../markdown.js").Labels} labels
 * @param {{formatted: (button: HTMLElement) => void, rows: (button: HTMLElement) => void, download: () => void}} more
 * @returns {() => void} takes the listener away
 */
export function listen(root, labels, more) {
  const onClick = (event) => {
    const target = event.target.closest?.("[data-md]");
    if (!target || !root.contains(target)) return;
    const focused = document.activeElement === target;
    const block = blockOf(target, root);
    const action = target.dataset.md;
    if (action === "copy") copyCode(target, labels);
    else if (action === "image") showImage(target, labels);
    else if (action === "source") toggleSource(target, labels);
    else if (action === "jump") jump(event, target, root);
    else if (action === "formatted") more.formatted(target);
    else if (action === "rows") more.rows(target);
    else if (action === "diagram") drawDiagram(target.closest(".md-code"), labels);
    else if (action === "download") more.download();
    if (focused && !target.isConnected) keepPlace(block.isConnected ? block : root);
  };
  root.addEventListener("click", onClick);
  return () => root.removeEventListener("click", onClick);
}

/** The child of `root` that holds `element`. */
function blockOf(element, root) {
  let block = element;
  while (block.parentElement !== root) block = block.parentElement;
  return block;
}

/** A button that has done its work is gone: the keyboard goes on from where it stood. */
function keepPlace(place) {
  if (document.activeElement !== document.body) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

async function copyCode(button, labels) {
  const copied = await copyText(button.closest(".md-code").querySelector("code").textContent.replace(/\n$/, ""));
  button.textContent = copied ? labels.copied : labels.notCopied;
  button.dataset.done = copied ? "yes" : "no";
  setTimeout(() => {
    button.textContent = labels.copy;
    delete button.dataset.done;
  }, 1_600);
}

/** The reader wants the picture. The page's policy may still say no: then a plain link is what is left. */
function showImage(button, labels) {
  const { src, alt } = button.dataset;
  const image = document.createElement("img");
  image.className = "md-picture";
  image.referrerPolicy = "no-referrer";
  image.alt = alt;
  image.dataset.key = button.dataset.key;
  image.addEventListener("error", () => {
    const link = document.createElement("a");
    link.href = src;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.textContent = labels.openImage.replace("{host}", hostOf(src));
    const note = document.createElement("span");
    note.className = "md-note";
    note.setAttribute("role", "status");
    note.append(`${labels.imageBlocked} `, link);
    const focused = document.activeElement === document.body;
    image.replaceWith(note);
    if (focused) link.focus({ preventScroll: true });
  });
  image.src = src;
  button.replaceWith(image);
}

function toggleSource(button, labels) {
  const box = button.closest(".md-code");
  const shown = box.classList.toggle("md-source-shown");
  button.textContent = shown ? labels.showDiagram : labels.showSource;
}

/** To a footnote and back, without touching the address of the page. */
function jump(event, link, root) {
  event.preventDefault();
  const target = root.querySelector(`[id="${CSS.escape(link.getAttribute("href").slice(1))}"]`);
  if (!target) return;
  target.scrollIntoView({ block: "nearest" });
  if (!target.matches("a")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
}
