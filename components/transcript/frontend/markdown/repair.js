// What is done to blocks that were finished: corrections at the end of an answer, and drawing one of them again.
import { holders, lineOffsets, outline, partHtml } from "./blocks.js";
import { meaning, recorder } from "./references.js";
import { TEXT_LIMIT } from "./limits.js";
import { morph } from "./safety.js";

/** @typedef {import("./drawing.js").Drawing} Drawing */

/**
 * Corrects what only the whole text shows: draws blocks that were cut otherwise, and finds those with links whose definition
 * came late.
 * @param {Drawing} drawing
 * @param {string} text of the whole answer
 * @returns {import("./drawing.js").Block[]} to be drawn again
 */
export function repair(drawing, text) {
  const env = { references: Object.create(null) };
  if (!drawing.allowance.wasUsedUp && text.length <= TEXT_LIMIT) {
    const offsets = lineOffsets(text);
    const parts = outline(text, env);
    const at = parts.findIndex((part, i) => !matches(drawing.blocks[i], part, offsets, text));
    if (at >= 0 || drawing.blocks.length > parts.length) redo(drawing, text, at < 0 ? parts.length : at, env.references);
  } else {
    env.references = drawing.references;
  }
  drawing.references = env.references;
  return drawing.blocks.filter((block) => {
    if (block.poured) return false;
    const stale = [...block.lookups].some(([label, meant]) => meaning(env.references[label]) !== meant);
    return stale || (drawing.reopened && text.slice(block.start, block.end).includes("[^"));
  });
}

function redo(drawing, text, from, references) {
  for (const block of drawing.blocks.splice(from)) block.element?.remove();
  const last = drawing.blocks.at(-1);
  drawing.offset = last ? last.end : 0;
  drawing.formulas = last ? last.formulasBefore + last.formulas : 0;
  drawing.elements = drawing.blocks.reduce((sum, block) => sum + block.elements, 0);
  drawing.references = references;
  drawing.growing = drawing.fence = null;
  drawing.read(text, text.length, false, true);
}

/**
 * Draws a finished block once more, over itself.
 * @param {Drawing} drawing
 * @param {string} text of the whole answer
 * @param {import("./drawing.js").Block} block
 */
export function redraw(drawing, text, block) {
  const source = text.slice(block.start, block.end);
  const lookups = new Map();
  const env = { references: recorder(drawing.references, lookups), unlimited: block.unlimited };
  const [part] = outline(source, env);
  if (!part || !block.element) return;
  lookups.clear();
  const [holder] = holders([partHtml(part, source, env)]);
  const { element, formulas } = drawing.decorate(holder, block.formulasBefore);
  block.lookups = lookups;
  block.formulas = formulas;
  if (block.element.nodeName === element.nodeName && block.element.className === element.className) {
    morph(block.element, element);
  } else {
    block.element.replaceWith(element);
    block.element = element;
  }
}

/** Makes the last finished block one that may go on, as if finish() had not been called. */
export function reopen(drawing) {
  drawing.reopened = true; // mentions that nothing defined have become text: they may be mentions after all
  const block = drawing.blocks.pop();
  if (!block) return;
  drawing.offset = block.start;
  drawing.formulas = block.formulasBefore;
  drawing.elements -= block.elements;
  if (block.element) drawing.open = [block.element];
}

function matches(block, part, offsets, text) {
  if (!block || block.type !== part.type || block.start !== offsets[part.start]) return false;
  return text.slice(block.start, block.end).trimEnd() === text.slice(offsets[part.start], offsets[part.end]).trimEnd();
}
