// Mermaid diagrams, drawn when their fence is closed. The library (3.5 MB) is fetched with the first one.
import { DIAGRAM_AT_ONCE, DIAGRAM_LIMIT, DIAGRAMS_AT_ONCE } from "./limits.js";
import { button } from "./decorate.js";

/** For slices and branches: text of the page's own colour is readable on each. */
const HUES = {
  light: ["#a9c4ee", "#f3c79f", "#aed9b6", "#e0b5d2", "#d6d19c", "#a3d6db", "#cfbff0", "#eaaca8"],
  dark: ["#2f5a96", "#84562a", "#2f6a42", "#763d65", "#666129", "#2a666d", "#5a478c", "#823f3b"],
};

let library = null;
let serial = 0;
/** One after the other: mermaid keeps its configuration in one place. */
let queue = Promise.resolve();

function load() {
  library ??= import("../vendor/mermaid.js").then((module) => module.default);
  library.catch(() => {
    library = null; // a later diagram tries again
  });
  return library;
}

/** Whether the page around `element` is dark: told by an ancestor's data-theme, else by its background. */
function isDark(element) {
  const told = element.closest("[data-theme]")?.dataset.theme;
  if (told) return told === "dark";
  const background = getComputedStyle(element).getPropertyValue("--st-background-color").trim();
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(background);
  if (!hex) return matchMedia("(prefers-color-scheme: dark)").matches;
  const [red, green, blue] = hex.slice(1).map((part) => parseInt(part, 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

/** The page's colours for mermaid, which takes hex only and derives shades from them. */
function colours(box) {
  const { color, backgroundColor, borderTopColor } = getComputedStyle(box);
  const surface = flat(backgroundColor);
  const text = flat(color, surface);
  const line = mix(text, surface, 0.45);
  const fill = mix(text, surface, 0.06);
  const hues = isDark(box) ? HUES.dark : HUES.light;
  const series = hues.flatMap((hue, i) => [[`pie${i + 1}`, hue], [`cScale${i}`, hue], [`cScaleLabel${i}`, text]]);
  return {
    ...Object.fromEntries(series), pieStrokeColor: surface, pieOuterStrokeColor: line, pieTitleTextSize: "18px",
    darkMode: isDark(box), background: surface, fontSize: "15px",
    primaryColor: fill, primaryTextColor: text, primaryBorderColor: line,
    secondaryColor: mix(text, surface, 0.1), tertiaryColor: surface, tertiaryBorderColor: flat(borderTopColor, surface),
    lineColor: mix(text, surface, 0.6), textColor: text, titleColor: text, edgeLabelBackground: surface,
    noteBkgColor: mix(text, surface, 0.1), noteTextColor: text, noteBorderColor: line,
    dropShadow: "none", useGradient: false,
  };
}

/** Any CSS colour as #rrggbb, laid over another one. */
function flat(colour, under = "#ffffff") {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  for (context.fillStyle of [under, colour]) context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** `share` of one #rrggbb in another. */
function mix(colour, other, share) {
  const part = (hex, at) => parseInt(hex.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) => Math.round(part(colour, at) * share + part(other, at) * (1 - share)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Shows the diagram of a code box above its source, which stays there to be copied. A picture in an <img> can neither run
 * nor fetch anything, whatever its source says.
 * @param {HTMLElement} box
 * @param {import("../markdown.js").Labels} labels
 * @returns {Promise<void>}
 */
export function drawDiagram(box, labels) {
  box.querySelector("[data-md=diagram]")?.remove();
  queue = queue.then(breath).then(() => draw(box, labels));
  return queue;
}

/** Drawing holds up the page: what the reader does goes between two diagrams. */
const breath = () => new Promise((resolve) => setTimeout(resolve));

/**
 * Draws the diagrams of an answer; those that would take long, and more than a few, only when the reader asks.
 * @param {HTMLElement[]} boxes not drawn yet
 * @param {import("../markdown.js").Labels} labels
 * @returns {Promise<void>[]}
 */
export function drawDiagrams(boxes, labels) {
  const length = (box) => box.querySelector("code").textContent.length;
  const small = boxes.filter((box) => length(box) <= DIAGRAM_AT_ONCE || length(box) > DIAGRAM_LIMIT).slice(0, DIAGRAMS_AT_ONCE);
  for (const box of boxes) {
    if (small.includes(box) || box.querySelector("[data-md=diagram]")) continue;
    box.querySelector(".md-copy").before(button("diagram", labels.showDiagram));
  }
  return small.map((box) => drawDiagram(box, labels));
}

/**
 * Tags as text, but for line breaks: mermaid measures labels as live HTML, whatever its settings say. A class
 * diagram's «stereotype» keeps its double brackets.
 * @param {string} source
 */
function tamed(source) {
  return source.replace(/<(?=[a-z/!?])/gi, (bracket, at) => {
    if (/^<br\s*\/?>/i.test(source.slice(at, at + 12))) return bracket;
    const stereotype = source[at - 1] === "<" && /^<[\w ]+>>/.test(source.slice(at, at + 80));
    return stereotype ? bracket : "#lt;";
  });
}

async function draw(box, labels) {
  if (!box.isConnected) return;
  const source = box.querySelector("code").textContent;
  try {
    if (source.length > DIAGRAM_LIMIT) throw new Error("too long");
    const mermaid = await load();
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      theme: "base",
      themeVariables: colours(box),
      layout: "dagre", // elk is not bundled
      fontFamily: "system-ui, sans-serif",
      htmlLabels: false,
      flowchart: { htmlLabels: false },
      suppressErrorRendering: true,
      maxTextSize: DIAGRAM_LIMIT,
      maxEdges: 300,
      secure: [
        "secure", "securityLevel", "startOnLoad", "maxTextSize", "maxEdges", "suppressErrorRendering", "theme",
        "themeCSS", "themeVariables", "layout", "fontFamily", "altFontFamily", "htmlLabels", "dompurifyConfig",
      ],
    });
    const { svg } = await mermaid.render(`md-diagram-${++serial}`, tamed(source));
    if (!box.isConnected) return;
    await show(box, svg, source, labels);
  } catch {
    if (!box.isConnected || box.querySelector(".md-note")) return;
    const note = document.createElement("p");
    note.className = "md-note";
    note.textContent = labels.diagramFailed;
    box.append(note);
  }
}

async function show(box, svg, source, labels) {
  const size = /viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"/.exec(svg);
  const sized = size ? svg.replace(/^(<svg[^>]*?) width="[^"]*"/, `$1 width="${size[1]}" height="${size[2]}"`) : svg;
  const image = document.createElement("img");
  image.alt = labels.diagram.replace("{kind}", source.trim().split(/\s/, 1)[0].slice(0, 40));
  if (size) image.width = Math.ceil(Number(size[1]));
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(sized)}`;
  await image.decode();
  let frame = box.querySelector(".md-diagram");
  if (!frame) {
    frame = document.createElement("div");
    frame.className = "md-diagram";
    frame.tabIndex = 0;
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", labels.diagramRegion);
    box.querySelector(".md-code-bar").after(frame);
    const toggle = button("source", labels.showSource);
    box.querySelector(".md-copy").before(toggle);
  }
  frame.replaceChildren(image);
  box.classList.add("md-drawn");
}
