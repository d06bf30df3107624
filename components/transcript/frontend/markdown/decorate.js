// What turns sanitised nodes into an answer: boxes that scroll, copy buttons, check boxes, formulas, placeholders for pictures.
import { codeBox, highlight } from "./code.js";
import { drawFormula } from "./maths.js";
import { DATA_IMAGE_LIMIT, ROW_LIMIT } from "./limits.js";

/**
 * @typedef {object} Decoration
 * @property {import("../markdown.js").Labels} labels
 * @property {number} formulasLeft how many formulas may still be drawn
 * @property {() => void} later is told that a code block waits to be coloured
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
    box.append(button("formatted", labels.showFormatted));
  }
  const formulas = holder.querySelectorAll(".md-maths");
  formulas.forEach((mark, i) => formula(mark, i < how.formulasLeft, labels));
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

function formula(mark, allowed, labels) {
  const tex = mark.textContent;
  const display = mark.dataset.display === "yes";
  mark.removeAttribute("data-display");
  mark.dataset.key = `${display ? "d" : "i"}${allowed ? "" : "-"}${tex}`;
  if (display) mark.classList.add("md-display");
  if (allowed) {
    mark.replaceChildren(drawFormula(tex, display));
    if (display) {
      mark.tabIndex = 0;
      mark.setAttribute("role", "group");
      mark.setAttribute("aria-label", labels.formula);
    }
    return;
  }
  const code = document.createElement("code");
  code.textContent = tex;
  mark.classList.add("md-undrawn");
  mark.replaceChildren(code);
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
  for (let i = ROW_LIMIT; i < rows.length; i++) rows[i].remove();
  moreRows(box, rows.length, labels);
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
