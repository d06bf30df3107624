// Text that is still arriving, line by line: the last one is kept back while it could still become another kind of block.

/** Quotes, indents and list markers before what a line holds. */
const CONTAINER = /^(?:[ \t]|>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))*/;
/** A line that is nothing but the beginning of a marker. */
const MARKER = new RegExp(
  `^(?:${[
    /#{1,6}/, /\+/, /\d{1,9}[.)]?/, // heading, list
    /(?:\*[ \t]*)+/, /(?:-[ \t]*)+/, /(?:_[ \t]*)+/, /=+/, // list, rule, underline of a heading, emphasis
    /`{1,2}/, /~{1,2}/, /[|:][|:\- \t]*/, // fence, table
    /\$/, /\\/, /!/, /\[\^[^\]\s]{0,100}\]?/, // formula, picture, footnote
  ].map((part) => part.source).join("|")})$`,
);
const FENCE_START = /^(?:`{3,}[^`]{0,200}|~{3,}.{0,200})$/;
const FENCE_END = /^[ \t>]*(?:`+|~+)[ \t]*$/;
const TASK_START = /^\[[ xX]?\]?$/;
const LABEL_START = /^\[[^\[\]]{0,60}\]?$/;
const DEFINITION = /^\[[^\]]{1,200}\]:/;
const FOOTNOTE = /^\[\^[^\]\s]{1,100}\]:/;
const PIPE_MAX = 2_000;

/**
 * Where the part of `text` ends that may be drawn.
 * @param {string} text the open part of an answer
 * @param {{inFence: boolean, inTable: boolean, inParagraph: boolean}} leaf what its last line is part of, read as it stands
 * @returns {number}
 */
export function keepBack(text, leaf) {
  const start = text.lastIndexOf("\n") + 1;
  const line = text.slice(start);
  if (leaf.inFence) return FENCE_END.test(line) ? start : text.length;
  const container = CONTAINER.exec(line)[0];
  const rest = line.slice(container.length);
  const before = leaf.inTable || !leaf.inParagraph ? -1 : pipeLine(text, start);
  if (line === "") return before >= 0 ? before : start;
  if (before >= 0 && /^[|:\- \t]*$/.test(rest)) return before;
  if (rest === "" ? container.trim() !== "" : isUndecided(rest, container)) return start;
  if (rest[0] === "|" && !leaf.inTable && rest.length < PIPE_MAX) return start;
  return text.length;
}

function isUndecided(rest, container) {
  if (MARKER.test(rest) || FENCE_START.test(rest)) return true;
  if (LABEL_START.test(rest)) return true;
  if (TASK_START.test(rest) && /[-+*.)][ \t]*$/.test(container)) return true;
  return DEFINITION.test(rest) && !FOOTNOTE.test(rest) && rest.length < PIPE_MAX;
}

/** Where the line above `start` begins if it could be the header row of a table, else -1. */
function pipeLine(text, start) {
  if (start < 2) return -1;
  const above = text.lastIndexOf("\n", start - 2) + 1;
  const line = text.slice(above, start - 1);
  return line.length < PIPE_MAX && /^\|.*\S/.test(line.slice(CONTAINER.exec(line)[0].length)) ? above : -1;
}
