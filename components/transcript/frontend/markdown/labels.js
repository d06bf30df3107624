// The words of an answer.

/**
 * Every word that an answer shows besides its own. `{…}` is filled in.
 * @typedef {object} Labels
 * @property {string} copy
 * @property {string} copied
 * @property {string} notCopied
 * @property {string} copyCode accessible name of the copy button
 * @property {string} code accessible name of a code block
 * @property {string} codeIn the same with its {language}
 * @property {string} table accessible name of a table's box
 * @property {string} formula accessible name of a displayed formula's box
 * @property {string} taskDone
 * @property {string} taskOpen
 * @property {string} image what stands for a picture that may not be shown
 * @property {string} showImage with {host}
 * @property {string} openImage with {host}
 * @property {string} imageBlocked
 * @property {string} showFormatted
 * @property {string} restIsPlain
 * @property {string} download
 * @property {string} showMore with {n}
 * @property {string} footnotes accessible name of the footnotes
 * @property {string} backToText with {n}
 * @property {string} diagram text for a diagram's picture, with {kind}
 * @property {string} diagramRegion accessible name of a diagram's box
 * @property {string} diagramFailed
 * @property {string} showSource
 * @property {string} showDiagram
 */

/** @type {Labels} */
export const DEFAULT_LABELS = {
  copy: "Copy",
  copied: "Copied",
  notCopied: "Not copied",
  copyCode: "Copy code",
  code: "Code",
  codeIn: "Code, {language}",
  table: "Table",
  formula: "Formula",
  taskDone: "Done",
  taskOpen: "To do",
  image: "Image",
  showImage: "Show image from {host}",
  openImage: "Open image from {host}",
  imageBlocked: "This site does not load images from elsewhere.",
  showFormatted: "Show formatted",
  restIsPlain: "The rest of this long answer is plain text.",
  download: "Download all of it",
  showMore: "Show more ({n})",
  footnotes: "Footnotes",
  backToText: "Back to mention {n}",
  diagram: "Diagram ({kind}); its source follows under “Show source”",
  diagramRegion: "Diagram",
  diagramFailed: "This diagram could not be drawn; above is its source.",
  showSource: "Show source",
  showDiagram: "Show diagram",
};
