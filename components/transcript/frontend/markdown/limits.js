// What an answer may cost to draw. Past a limit the text is shown exactly as it came, with a way to have it formatted.

/** Characters of an answer that are formatted; the rest is one plain block. */
export const TEXT_LIMIT = 200_000;
/** Elements of an answer's formatted text: layout gets slow with many, however few characters they hold. */
export const ELEMENT_LIMIT = 10_000;
/** Characters of one block that can only be drawn as a whole, such as a quote. */
export const BLOCK_LIMIT = 30_000;
/** Characters of one paragraph, heading or cell. */
export const INLINE_LIMIT = 10_000;
/** Rows of a table shown at once. */
export const ROW_LIMIT = 500;
/** Cells of a table shown at once. */
export const CELL_LIMIT = 5_000;
/** Columns of a table. */
export const COLUMN_LIMIT = 50;
/** Formulas in an answer. */
export const FORMULA_LIMIT = 200;
/** Lists and quotes inside each other. */
export const NESTING_LIMIT = 50;
/** How many times the columns and characters of a block a reader may ask for: past that a page would stand still. */
export const ASKED_FOR = 4;
/** Characters of a code block that are coloured. */
export const HIGHLIGHT_LIMIT = 40_000;
/** Characters of a code block coloured at once; larger ones wait until the browser is idle. */
export const HIGHLIGHT_AT_ONCE = 8_000;
/** Characters of a diagram that is drawn unasked, and how many of those in an answer: mermaid holds up the page meanwhile. */
export const DIAGRAM_AT_ONCE = 2_000;
export const DIAGRAMS_AT_ONCE = 10;
/** Characters of a diagram. */
export const DIAGRAM_LIMIT = 20_000;
/** Characters of a picture inside the answer itself (a data: address). */
export const DATA_IMAGE_LIMIT = 2_000_000;
