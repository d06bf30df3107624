// What turns sanitised nodes into an answer: boxes that scroll, copy buttons, check boxes, formulas, placeholders for pictures.
import { codeBox, colourBox, highlight } from "./code.js";
import { drawFormula } from "./maths.js";
import { CELL_LIMIT, DATA_IMAGE_LIMIT, ROW_LIMIT } from "./limits.js";

/**
 * @typedef {object} Decoration
 * @property {import("../markdown.js").Labels} labels
 * @property {number} formulasLeft how many formulas may still be drawn
 * @property {number} until as performance.now(); formulas past it show their source until the browser is idle
 * @property {() => void} later is told that a formula waits to be drawn or a code block to be coloured
 */

/**
 * @param {HTMLElement} holder a holder of the sanitised nodes
 * @param {Decoration} how
 * @returns {{element: HTMLElement | null, formulas: number}} its element and how many formulas it holds
 */
export function decorate(holder, how) {
  const { labels } = how;
  for (const pre of holder.querySelectorAll("pre[data-language]")) {
    const box = codeBox(pre, labels);
    if (!box.dataset.open) highlight(box, how.later);
  }
  for (const table of holder.querySelectorAll("table")) tableBox(table, labels);
  for (const item of holder.querySelectorAll("li.md-task")) taskBox(item, labels);
  for (const mark of holder.querySelectorAll("span.md-image")) mark.replaceWith(picture(mark, labels));
  for (const long of holder.querySelectorAll("span.md-long")) long.after(button("formatted", labels.showFormatted));
  for (const box of holder.querySelectorAll("div.md-plain")) {
    box.firstElementChild.tabIndex = 0;
    if (!box.classList.contains("md-never")) box.append(button("formatted", labels.showFormatted));
  }
  const formulas = holder.querySelectorAll(".md-maths");
  formulas.forEach((mark, i) => {
    if (i >= how.formulasLeft) formulaAsText(mark, "-");
    else if (performance.now() < how.until) showFormula(mark, labels);
    else {
      formulaAsText(mark, "~");
      mark.dataset.waits = "yes";
      how.later();
    }
  });
  return { element: /** @type {HTMLElement | null} */ (holder.firstElementChild), formulas: formulas.length };
}

/** @param {string} action @param {string} text */
export function button(action, text) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "md-button";
  made.dataset.md = action;
  made.textContent = text;
  return made;
}

/** @param {HTMLElement} mark its text is the formula's source @param {import("../markdown.js").Labels} labels */
function showFormula(mark, labels) {
  const tex = mark.textContent;
  const display = takeDisplay(mark);
  mark.dataset.key = `${display ? "d" : "i"}${tex}`;
  mark.replaceChildren(drawFormula(tex, display));
  if (!display) return;
  mark.tabIndex = 0;
  mark.setAttribute("role", "group");
  mark.setAttribute("aria-label", labels.formula);
}

/** Leaves a formula's source where the formula would stand. @param {HTMLElement} mark @param {string} why part of its key */
function formulaAsText(mark, why) {
  const tex = mark.textContent;
  mark.dataset.key = `${takeDisplay(mark) ? "d" : "i"}${why}${tex}`;
  const code = document.createElement("code");
  code.textContent = tex;
  mark.classList.add("md-undrawn");
  mark.replaceChildren(code);
}

/** Whether a formula stands on lines of its own. @param {HTMLElement} mark */
function takeDisplay(mark) {
  if (mark.dataset.display === "yes") mark.classList.add("md-display");
  mark.removeAttribute("data-display");
  return mark.classList.contains("md-display");
}

/** Does one thing that was put off: draws a formula or colours a code block. @returns {boolean} whether there was one */
export function doOneLater(root, labels) {
  const waits = root.querySelector("[data-waits]");
  if (!waits) return false;
  delete waits.dataset.waits;
  if (waits.classList.contains("md-code")) colourBox(waits);
  else {
    waits.classList.remove("md-undrawn");
    showFormula(waits, labels);
  }
  return true;
}

function tableBox(table, labels) {
  const box = document.createElement("div");
  box.className = "md-table";
  const scroll = document.createElement("div");
  scroll.className = "md-scroll";
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "group");
  scroll.setAttribute("aria-label", labels.table);
  table.replaceWith(box);
  box.append(scroll);
  scroll.append(table);
  for (const cell of table.querySelectorAll("th")) cell.scope = "col";
  const rows = table.querySelectorAll("tbody > tr");
  for (let i = rowLimit(box); i < rows.length; i++) rows[i].remove();
  moreRows(box, rows.length, labels);
}

/** Rows of a table that are shown at once. @param {HTMLElement} box */
export function rowLimit(box) {
  const columns = box.querySelectorAll("thead th").length;
  return Math.min(ROW_LIMIT, Math.ceil(CELL_LIMIT / Math.max(1, columns)));
}

/** Says how many rows a table has left out, and offers them. @param {HTMLElement} box @param {number} total */
export function moreRows(box, total, labels) {
  const left = total - box.querySelectorAll("tbody > tr").length;
  let more = box.querySelector(":scope > [data-md=rows]");
  if (left <= 0) {
    more?.remove();
    return;
  }
  if (!more) {
    more = button("rows", "");
    box.append(more);
  }
  more.textContent = labels.showMore.replace("{n}", String(left));
}

function taskBox(item, labels) {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.disabled = true;
  const done = item.dataset.done === "yes";
  if (done) box.setAttribute("checked", "");
  box.setAttribute("aria-label", done ? labels.taskDone : labels.taskOpen);
  item.removeAttribute("data-done");
  const first = item.firstElementChild;
  (first?.tagName === "P" ? first : item).prepend(box);
}

/** A picture from elsewhere is not fetched: whoever serves it would learn who reads the answer, and when. */
function picture(mark, labels) {
  const { src, alt } = mark.dataset;
  if (/^https?:/i.test(src)) {
    const host = hostOf(src);
    if (host) {
      const show = button("image", labels.showImage.replace("{host}", host));
      show.classList.add("md-image");
      show.dataset.src = src;
      show.dataset.alt = alt;
      show.dataset.key = src + alt;
      if (alt) {
        const name = document.createElement("span");
        name.className = "md-image-alt";
        name.textContent = alt;
        show.prepend(name, " ");
      }
      return show;
    }
  } else if (src.startsWith("data:") && src.length <= DATA_IMAGE_LIMIT) {
    const image = document.createElement("img");
    image.alt = alt;
    image.src = src;
    image.className = "md-picture";
    return image;
  }
  const text = document.createElement("span");
  text.className = "md-refused";
  text.textContent = alt || labels.image;
  return text;
}

/** @param {string} url */
export function hostOf(url) {
  try {
    return new URL(url).host;
  } catch {
    return "";
  }
}
