/** One picture of a gallery, as large as the window or larger: zoom, move, turn over, copy, save. Esc closes it. */
import { el, icon, iconButton } from "./dom.js";
import { fill } from "./labels.js";

/** @typedef {{name: string, src: string, save: string}} Picture */

const ZOOMS = [1, 1.5, 2, 3, 4, 6];

/** The picture as PNG, which every clipboard takes. @param {HTMLImageElement} image @returns {Promise<Blob>} */
function asPng(image) {
  const canvas = el("canvas", { width: image.naturalWidth, height: image.naturalHeight });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return new Promise((resolve, reject) => canvas.toBlob((/** @type {Blob|null} */ blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"));
}

/** @param {Picture[]} pictures @param {number} place @param {import("./turn.js").Context} context */
export function openLightbox(pictures, place, { root, labels }) {
  let zoom = 0;
  const image = el("img", { alt: "", decoding: "async" });
  const stage = el("div", { class: "tr-stage", tabindex: "0", role: "group" }, image);
  const name = el("strong", { class: "tr-clip", dir: "auto" });
  const count = el("span", { class: "tr-row-side" });
  const save = el("a", { class: "tr-tool", "aria-label": labels.picture_save, title: labels.picture_save, download: "" }, icon("download"));
  const status = el("span", { class: "tr-hidden", role: "status" });

  const copy = async () => {
    const ready = image.decode().then(() => asPng(image));
    let said = labels.picture_copied;
    try {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": ready })]);
    } catch {
      said = labels.copy_failed;
    }
    status.textContent = said;
    name.textContent = said;
    setTimeout(() => (name.textContent = pictures[place].name), 1_500);
  };
  const scale = () => {
    const factor = ZOOMS[zoom];
    image.style.maxWidth = image.style.maxHeight = `${factor * 100}%`;
    // A picture that is smaller than the window grows only when it is asked to.
    image.style.width = zoom ? `${Math.min(image.naturalWidth, stage.clientWidth) * factor}px` : "";
    stage.classList.toggle("tr-zoomed", zoom > 0);
    nearer.disabled = zoom === ZOOMS.length - 1;
    farther.disabled = zoom === 0;
  };
  const zoomTo = (/** @type {number} */ next) => {
    zoom = Math.max(0, Math.min(ZOOMS.length - 1, next));
    scale();
  };
  const show = (/** @type {number} */ next) => {
    place = (next + pictures.length) % pictures.length;
    const picture = pictures[place];
    image.src = picture.src;
    image.alt = name.textContent = picture.name;
    save.href = picture.save;
    save.download = picture.name;
    count.textContent = pictures.length > 1 ? fill(labels.place_of, { n: place + 1, count: pictures.length }) : "";
    status.textContent = [picture.name, count.textContent].filter(Boolean).join(", ");
    zoomTo(0);
  };
  const nearer = iconButton("zoom_in", labels.zoom_in, () => zoomTo(zoom + 1));
  const farther = iconButton("zoom_out", labels.zoom_out, () => zoomTo(zoom - 1));
  const previous = iconButton("previous", labels.picture_previous, () => show(place - 1));
  const next = iconButton("chevron", labels.picture_next, () => show(place + 1));
  previous.hidden = next.hidden = pictures.length < 2;
  const head = el("div", { class: "tr-panel-head" }, name, count, previous, next, farther, nearer,
    iconButton("copy", labels.picture_copy, copy), save, iconButton("close", labels.close, () => dialog.close()));
  // A modal dialog of the browser's own: it keeps the focus inside, closes with Esc, and gives the focus back.
  const dialog = el("dialog", { class: "tr-lightbox", "aria-label": labels.picture }, head, stage, status);

  image.addEventListener("click", () => zoomTo(zoom ? 0 : 2));
  stage.addEventListener("click", (/** @type {MouseEvent} */ event) => event.target === stage && dialog.close());
  dialog.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation(); // Esc stops no answer, letters are no shortcuts of the page
    const moves = { ArrowLeft: () => show(place - 1), ArrowRight: () => show(place + 1), "+": () => zoomTo(zoom + 1), "=": () => zoomTo(zoom + 1), "-": () => zoomTo(zoom - 1), 0: () => zoomTo(0) };
    const move = /** @type {Record<string, () => void>} */ (moves)[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey || (zoom && event.key.startsWith("Arrow"))) return; // arrows move a picture that is larger than the window
    event.preventDefault();
    move();
  });
  dialog.addEventListener("close", () => dialog.remove());
  root.append(dialog); // in the root, so that it inherits colours
  show(place);
  dialog.showModal();
  stage.focus();
}
