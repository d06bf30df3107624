// Footnotes: `[^label]` in the text, `[^label]: …` anywhere; numbered in the order in which they are first mentioned.

const LABEL = /^\[\^([^\]\s]{1,100})\]/;

function definition(state, startLine, endLine, silent) {
  if (state.sCount[startLine] >= 4 || state.level > 0 || state.blkIndent > 0 || state.env.insideFootnote) return false;
  const start = state.bMarks[startLine] + state.tShift[startLine];
  if (state.src.charCodeAt(start) !== 0x5b) return false;
  const match = LABEL.exec(state.src.slice(start, start + 110));
  if (!match || state.src[start + match[0].length] !== ":") return false;
  if (silent) return true;
  const lines = [state.src.slice(start + match[0].length + 1, state.eMarks[startLine]).trimStart()];
  let line = startLine + 1;
  let end = line;
  for (; line < endLine; line++) {
    if (state.isEmpty(line)) {
      lines.push("");
      continue;
    }
    const lazy = line === end && state.sCount[line] < 4;
    if (lazy ? startsBlock(state, line, endLine) : state.sCount[line] < 4) break;
    lines.push(state.getLines(line, line + 1, lazy ? 0 : 4, false));
    end = line + 1;
  }
  const open = state.push("footnote_open", "li", 1);
  open.meta = { label: match[1] };
  open.map = [startLine, end];
  const first = state.tokens.length;
  state.env.insideFootnote = true;
  state.md.block.parse(lines.slice(0, end - startLine).join("\n"), state.md, state.env, state.tokens);
  state.env.insideFootnote = false;
  for (let i = first; i < state.tokens.length; i++) {
    state.tokens[i].level += 1;
    if (state.tokens[i].map) state.tokens[i].map = state.tokens[i].map.map((row) => row + startLine);
  }
  state.push("footnote_close", "li", -1);
  state.line = end;
  return true;
}

/** Whether a line begins something that a paragraph does not swallow. */
function startsBlock(state, line, endLine) {
  const before = state.parentType;
  state.parentType = "paragraph";
  const rules = state.md.block.ruler.getRules("paragraph");
  const starts = rules.some((rule) => rule(state, line, endLine, true));
  state.parentType = before;
  return starts;
}

function mention(state, silent) {
  if (state.src.charCodeAt(state.pos) !== 0x5b || state.src.charCodeAt(state.pos + 1) !== 0x5e) return false;
  const match = LABEL.exec(state.src.slice(state.pos, state.pos + 110));
  if (!match || state.pos + match[0].length > state.posMax) return false;
  if (!silent) state.push("footnote_mention", "", 0).meta = { label: match[1] };
  state.pos += match[0].length;
  return true;
}

/** @param {import("markdown-it")} md */
export function addFootnotes(md) {
  const { escapeHtml } = md.utils;
  md.block.ruler.before("reference", "footnote", definition, { alt: ["paragraph", "reference"] });
  md.inline.ruler.before("link", "footnote_mention", mention);
  md.renderer.rules.footnote_open = (tokens, index) => `<li data-label="${escapeHtml(tokens[index].meta.label)}">`;
  md.renderer.rules.footnote_close = () => "</li>";
  md.renderer.rules.footnote_mention = (tokens, index) =>
    `<sup class="md-mention" data-label="${escapeHtml(tokens[index].meta.label)}"></sup>`;
}

/** The footnotes of one answer: a section at its foot, and the numbers of the mentions above it. */
export class Footnotes {
  /** @param {HTMLElement} root @param {string} prefix of every id @param {{footnotes: string, backToText: string}} labels */
  constructor(root, prefix, labels) {
    this.root = root;
    this.prefix = prefix;
    this.labels = labels;
    /** @type {HTMLElement | null} */
    this.section = null;
    /** @type {Map<string, number>} */
    this.numbers = new Map();
  }

  /** Puts a definition into the section; the first one of a label wins. */
  add(item) {
    if (!this.section) {
      this.section = document.createElement("section");
      this.section.className = "md-footnotes";
      this.section.setAttribute("role", "doc-endnotes");
      this.section.setAttribute("aria-label", this.labels.footnotes);
      this.section.append(document.createElement("ol"));
      this.root.append(this.section);
    }
    this.section.firstElementChild.append(item);
  }

  /** Numbers the mentions inside `element` as they come; settle() corrects what the end of the answer shows to be wrong. */
  number(element) {
    for (const mention of element.querySelectorAll("sup.md-mention")) {
      const label = mention.dataset.label;
      if (!this.numbers.has(label)) this.numbers.set(label, this.numbers.size + 1);
      this.#link(mention, this.numbers.get(label));
    }
  }

  #link(mention, number, times = 1) {
    const id = `${this.prefix}-ref-${number}${times > 1 ? `-${times}` : ""}`;
    const target = `#${this.prefix}-note-${number}`;
    let link = mention.firstElementChild;
    if (!link) {
      link = document.createElement("a");
      link.setAttribute("role", "doc-noteref");
      link.dataset.md = "jump";
      mention.append(link);
    }
    if (link.getAttribute("href") !== target) link.setAttribute("href", target);
    if (link.id !== id) link.id = id;
    if (link.textContent !== String(number)) link.textContent = String(number);
  }

  /** The whole answer is there: final numbers, the way back, and `[^x]` as text where nothing defines x. */
  settle() {
    const defined = new Map();
    for (const item of this.section?.querySelectorAll(":scope > ol > li") ?? []) {
      if (!defined.has(item.dataset.label)) defined.set(item.dataset.label, item);
      else item.remove();
    }
    const order = [];
    const visit = (mentions) => {
      for (const mention of mentions) {
        const { label } = mention.dataset;
        if (!defined.has(label)) mention.replaceWith(`[^${label}]`);
        else if (!order.includes(label)) order.push(label);
      }
    };
    const body = [...this.root.querySelectorAll("sup.md-mention")].filter((mention) => !this.section?.contains(mention));
    visit(body);
    for (let i = 0; i < order.length; i++) visit(defined.get(order[i]).querySelectorAll("sup.md-mention"));
    if (!this.section) return;
    if (!defined.size) {
      this.section.remove(); // what looked like a definition was none
      this.section = null;
      return;
    }
    for (const label of defined.keys()) if (!order.includes(label)) order.push(label);
    const list = this.section.firstElementChild;
    const times = new Map();
    this.numbers = new Map(order.map((label, i) => [label, i + 1]));
    const mentions = [...body, ...order.flatMap((label) => [...defined.get(label).querySelectorAll("sup.md-mention")])];
    for (const mention of mentions.filter((mention) => mention.isConnected)) {
      const { label } = mention.dataset;
      times.set(label, (times.get(label) ?? 0) + 1);
      this.#link(mention, this.numbers.get(label), times.get(label));
    }
    order.forEach((label, i) => {
      const item = defined.get(label);
      if (list.children[i] !== item) list.insertBefore(item, list.children[i] ?? null);
      item.id = `${this.prefix}-note-${i + 1}`;
      item.querySelectorAll("a.md-back").forEach((link) => link.remove());
      for (let k = 1; k <= (times.get(label) ?? 0); k++) this.#back(item, i + 1, k);
    });
  }

  #back(item, number, times) {
    const link = document.createElement("a");
    link.className = "md-back";
    link.href = `#${this.prefix}-ref-${number}${times > 1 ? `-${times}` : ""}`;
    link.setAttribute("role", "doc-backlink");
    link.setAttribute("aria-label", this.labels.backToText.replace("{n}", String(number)));
    link.dataset.md = "jump";
    link.textContent = "↩\uFE0E";
    const last = item.lastElementChild;
    const into = last?.tagName === "P" ? last : item;
    into.append(" ", link);
  }
}
