// What a reader asks for past a limit: text formatted after all, the next rows of a table, the formulas left out.
import { holders, outline, partHtml } from "./blocks.js";
import { button, decorate, moreRows, rowLimit } from "./decorate.js";
import { redraw } from "./repair.js";

/** @typedef {import("./drawing.js").Drawing} Drawing */

/**
 * @param {HTMLElement} pressed
 * @param {Drawing} drawing
 * @param {string} text of the answer
 * @returns {boolean} whether there is now text that has not been drawn
 */
export function showFormatted(pressed, drawing, text) {
  if (drawing.rest?.element.contains(pressed)) {
    drawing.rest.element.remove();
    drawing.rest = null;
    drawing.allowance.extend(drawing);
    return true;
  }
  if (pressed.classList.contains("md-more")) {
    pressed.remove();
    drawing.allowance.formulas = Infinity;
    const left = drawing.blocks.filter(({ element }) => element?.querySelector(".md-undrawn"));
    const some = () => {
      const start = performance.now();
      while (left.length && performance.now() - start < 20) redraw(drawing, text, left.shift());
      if (left.length) setTimeout(some);
    };
    some();
    return false;
  }
  const block = drawing.blocks.find(({ element }) => element?.contains(pressed));
  if (block) {
    block.unlimited = true;
    redraw(drawing, text, block);
  }
  return false;
}

/**
 * The next rows of a long table.
 * @param {HTMLElement} pressed
 * @param {Drawing} drawing
 * @param {string} text of the answer
 */
export function showRows(pressed, drawing, text) {
  const box = pressed.closest(".md-table");
  const block = [...drawing.blocks, drawing.growing?.block].find((candidate) => candidate?.element === box);
  if (!block) return;
  const lines = text.slice(block.start, block.end).trimEnd().split("\n");
  const shown = box.querySelectorAll("tbody > tr").length;
  const source = [lines[0], lines[1], ...lines.slice(2 + shown, 2 + shown + rowLimit(box))].join("\n");
  const env = { references: drawing.references };
  const [holder] = holders([partHtml(outline(source, env)[0], source, env)]);
  const { element } = decorate(holder, { labels: drawing.labels, formulasLeft: 0, until: 0, later() {} });
  box.querySelector("tbody").append(...element.querySelectorAll("tbody > tr"));
  moreRows(box, lines.length - 2, drawing.labels);
}

/** Says at the foot of a finished answer that it holds more formulas than were drawn. */
export function offerFormulas(root, labels) {
  if (!root.querySelector(".md-undrawn:not([data-waits])") || root.querySelector(":scope > .md-more")) return;
  const more = button("formatted", labels.showFormatted);
  more.classList.add("md-more");
  root.append(more);
}

/** Saves the answer as a file: exactly its characters. @param {string} source */
export function download(source) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([source], { type: "text/markdown;charset=utf-8" }));
  link.download = "answer.md";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
