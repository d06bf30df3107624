/** Files of a question or an answer: pictures in a gallery, sound and video in players, everything else as cards. */
import { el, icon, safeAddress } from "./dom.js";
import { rows } from "./fold.js";
import { fill } from "./labels.js";
import { openLightbox } from "./lightbox.js";

/** @typedef {import("./protocol.js").FileEntry} FileEntry */
/** @typedef {import("./turn.js").Context} Context */
/** @typedef {"image"|"audio"|"video"|"document"} Kind */

const SYMBOLS = /** @type {const} */ ({ image: "image", audio: "audio", video: "video", document: "file" });
const SOUND = new Set(["mp3", "m4a", "wav", "ogg", "oga", "flac", "mpga"]);
const FILM = new Set(["mp4", "webm"]);
const PICTURES = new Set(["png", "jpg", "jpeg", "gif", "webp"]);

/** @param {FileEntry} file */
const ending = (file) => /\.(\w{1,8})$/.exec(file.name ?? "")?.[1].toLowerCase() ?? "";

/** What it is shown as, by what is said of it; the server looks at its bytes. @param {FileEntry} file @returns {Kind} */
function kindOf(file) {
  const end = ending(file);
  const [kind, rest] = (file.mime_type ?? "").split("/");
  if (end === "svg" || rest?.startsWith("svg")) return "document";
  if (kind === "image" || PICTURES.has(end) || (!kind && !end && file.type === "image")) return "image";
  if (kind === "audio" || SOUND.has(end)) return "audio";
  if (kind === "video" || FILM.has(end)) return "video";
  return "document";
}

/** "1.2 MB". @param {number|undefined|null} bytes @param {string} locale */
export function sizeText(bytes, locale) {
  if (!bytes) return "";
  const [unit, value] = bytes < 1e3 ? ["byte", bytes] : bytes < 1e6 ? ["kilobyte", bytes / 1e3] : ["megabyte", bytes / 1e6];
  const options = { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", maximumFractionDigits: value < 10 ? 1 : 0 };
  return new Intl.NumberFormat(locale || undefined, /** @type {any} */ (options)).format(/** @type {number} */ (value));
}

/** One that can be shown. @param {FileEntry} file */
const isPicture = (file) => Boolean(kindOf(file) === "image" && file.id && !file.elsewhere && !file.ignored);

/** @param {FileEntry} file @param {Context["labels"]} labels */
const nameOf = (file, labels) => file.name || labels.file_kinds[kindOf(file)];

/** @param {FileEntry} file @param {string} turn @param {Context} context @param {boolean} [saved] */
function addressOf(file, turn, { files }, saved = false) {
  return `${files}/${encodeURIComponent(turn)}/${encodeURIComponent(file.id ?? "")}${saved ? "?download=1" : ""}`;
}

/** A card that saves the file, or leads to where it stands. @param {FileEntry} file @param {string} turn @param {Context} context @param {string} [remark] */
function card(file, turn, context, remark = "") {
  const { labels } = context;
  const name = nameOf(file, labels);
  const away = safeAddress(file.elsewhere);
  const kind = kindOf(file);
  const host = away ? new URL(away.href).host : "";
  const side = [ending(file).toUpperCase(), sizeText(file.size, labels.locale), host, remark, file.ignored ? labels.file_ignored : ""].filter(Boolean).join(" · ");
  const inner = [icon(SYMBOLS[kind]), el("span", { class: "tr-file-words" }, el("span", { class: "tr-clip", dir: "auto", text: name }), side ? el("span", { class: "tr-row-side", text: side }) : null)];
  if (away) {
    // Never fetched by us: that would tell a stranger who reads.
    return el("a", { class: "tr-file", href: away.href, target: "_blank", rel: "noopener noreferrer", title: labels.file_elsewhere }, ...inner, icon("elsewhere"));
  }
  if (!file.id || file.ignored) return el("span", { class: "tr-file" }, ...inner);
  return el("a", { class: "tr-file", href: addressOf(file, turn, context, true), download: name, title: fill(labels.file_save, { name }) }, ...inner, icon("download"));
}

/** @param {Kind} kind @param {FileEntry} file @param {string} turn @param {Context} context */
function player(kind, file, turn, context) {
  const name = nameOf(file, context.labels);
  const media = el(kind, { controls: true, preload: "none", src: addressOf(file, turn, context), "aria-label": name });
  const root = el("li", { class: `tr-${kind}` }, media, card(file, turn, context));
  media.addEventListener("error", () => media.remove()); // the card is left, to save it
  return root;
}

/**
 * @param {Context} context @param {string} label
 * @returns {{root: HTMLElement, update: (files: FileEntry[], turn: string) => void}}
 */
export function fileList(context, label) {
  const root = el("ul", { class: "tr-files", "aria-label": label, hidden: true });
  /** @type {FileEntry[]} */
  let pictures = [];

  /** @param {FileEntry} file @param {string} turn */
  const picture = (file, turn) => {
    const name = nameOf(file, context.labels);
    const image = el("img", { src: addressOf(file, turn, context), alt: name, loading: "lazy", decoding: "async" });
    const button = el("button", { type: "button", class: "tr-picture", "aria-haspopup": "dialog", "aria-label": fill(context.labels.picture_open, { name }) }, image);
    const item = el("li", { class: "tr-pictured" }, button);
    button.addEventListener("click", () => {
      const shown = pictures.map((one) => ({ name: nameOf(one, context.labels), src: addressOf(one, turn, context), save: addressOf(one, turn, context, true) }));
      openLightbox(shown, pictures.findIndex(({ id }) => id === file.id), context);
    });
    image.addEventListener("error", () => item.replaceChildren(card(file, turn, context, context.labels.file_unshown)));
    return item;
  };

  /** @param {{file: FileEntry, turn: string}} one */
  const item = ({ file, turn }) => {
    if (isPicture(file)) return picture(file, turn);
    const kind = kindOf(file);
    const plays = (kind === "audio" || kind === "video") && file.id && !file.elsewhere && !file.ignored;
    return plays ? player(kind, file, turn, context) : el("li", {}, card(file, turn, context));
  };
  const draw = rows(root, (/** @type {{file: FileEntry, turn: string, place: number}} */ { place }) => String(place), item);

  return {
    root,
    update(files, turn) {
      const all = files.map((file, place) => ({ file, turn, place }));
      pictures = files.filter(isPicture);
      // Pictures stand together, whatever came between them.
      draw([...all.filter(({ file }) => isPicture(file)), ...all.filter(({ file }) => !isPicture(file))]);
      root.hidden = !files.length;
      root.classList.toggle("tr-many", pictures.length > 1);
    },
  };
}

/** What the answer brought. @param {Context} context */
export function files(context) {
  const list = fileList(context, context.labels.files);
  return {
    root: list.root,
    keys: ["files", "id"],
    /** @param {import("./protocol.js").Turn} turn */
    update: (turn) => list.update(turn.files ?? [], turn.id),
  };
}
