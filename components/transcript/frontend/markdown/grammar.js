// What counts as markdown in an answer: one configured markdown-it, shared by every answer on the page.
//
// Its core chain starts after the block phase: blocks.js runs md.block.parse() itself, because it needs the outline of a
// text before it decides what of it to draw.
import { MarkdownIt } from "../vendor/markdown-libs.js";
import { addMaths } from "./maths.js";
import { addFootnotes } from "./footnotes.js";
import { closeHalfOpen } from "./half_open.js";
import { ASKED_FOR, INLINE_LIMIT } from "./limits.js";

const LINK = /^(?:https?:\/\/|mailto:)/i;
const RASTER = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=]+$/i;
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u3000-\u303f\uff00-\uffef]/u;
/** Full-width punctuation ends a bare address: nobody means it to be part of one. */
const CJK_PUNCTUATION = /[\u3000-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]/;
/** What follows `www.`: a host, a port, a path. */
const ADDRESS = /^(?:[\p{L}\p{N}-]{1,63}\.)+[\p{L}]{2,24}(?::\d{1,5})?(?:[/?#][^\s<>|*`"]*)?/u;
const PICTURE_DATA = /data:image\/[a-z]{3,4};base64,[a-z0-9+/=]*/gi;
const NESTING = 150;

const md = new MarkdownIt({ html: false, linkify: true, typographer: false, breaks: true, maxNesting: NESTING });
md.core.ruler.disable(["normalize", "block"]);
// One gate for links and pictures; a link to a picture's bytes is then drawn as its text alone.
md.validateLink = (url) => LINK.test(url) || RASTER.test(url);
md.renderer.rules.link_open = (tokens, index, options, env, self) =>
  LINK.test(tokens[index].attrGet("href")) ? self.renderToken(tokens, index, options) : "<span>";
md.renderer.rules.link_close = (tokens, index) => (opensLink(tokens, index) ? "</a>" : "</span>");

linkifyCarefully(md);
emphasiseBesideCjk(md);
addMaths(md);
addFootnotes(md);
addImages(md);
addTasks(md);
addLists(md);
md.core.ruler.before("inline", "half_open", closeLastLeaf);
md.core.ruler.before("inline", "long_inline", plainWhereTooLong);

/** Bare http, https and www addresses and e-mail; never `main.rs` or `README.md`, whose endings are countries too. */
function linkifyCarefully(md) {
  const { linkify } = md;
  linkify.set({ fuzzyLink: false, fuzzyIP: false, fuzzyEmail: true });
  linkify.add("ftp:", null).add("//", null);
  linkify.add("www.", {
    validate(text, pos) {
      const match = ADDRESS.exec(text.slice(pos, pos + 2048));
      return match ? match[0].replace(/[.,;:!?'")\]}]+$/, "").length : 0;
    },
    normalize(match) {
      match.url = `https://${match.url}`;
    },
  });
  const find = linkify.match.bind(linkify);
  linkify.match = (text) => {
    const found = find(text);
    for (const match of found ?? []) {
      const end = match.text.search(CJK_PUNCTUATION);
      if (end <= 0) continue;
      match.lastIndex -= match.text.length - end;
      match.url = match.url.slice(0, match.url.length - (match.text.length - end));
      match.text = match.raw = match.text.slice(0, end);
    }
    return found;
  };
}

/**
 * CommonMark's flanking rules expect spaces between words, so that `**注意：**请` stays raw. Chinese, Japanese and Korean have
 * none: beside one of their characters a delimiter may open and close as it could beside a space.
 */
function emphasiseBesideCjk(md) {
  md.inline.State = class extends md.inline.State {
    scanDelims(start, canSplitWord) {
      const scanned = super.scanDelims(start, canSplitWord);
      if (!canSplitWord) return scanned;
      const before = this.src.slice(Math.max(0, start - 2), start);
      const after = this.src.slice(start + scanned.length, start + scanned.length + 2);
      const last = [...before].at(-1) ?? " ";
      const next = [...after][0] ?? " ";
      if (!CJK.test(last) && !CJK.test(next)) return scanned;
      return { ...scanned, can_open: !/\s/.test(next), can_close: !/\s/.test(last) };
    }
  };
}

/** Whether the link that closes at `index` was one that may be clicked. */
function opensLink(tokens, index) {
  let open = index;
  while (tokens[open].type !== "link_open") open--; // links do not nest
  return LINK.test(tokens[open].attrGet("href"));
}

/** An image never becomes an <img> here: the renderer leaves a mark that decorate.js turns into a button. */
function addImages(md) {
  const { escapeHtml } = md.utils;
  md.renderer.rules.image = (tokens, index, options, env, self) => {
    const token = tokens[index];
    const alt = self.renderInlineAsText(token.children ?? [], options, env);
    return `<span class="md-image" data-src="${escapeHtml(token.attrGet("src") ?? "")}" data-alt="${escapeHtml(alt)}"></span>`;
  };
}

/** `- [x] done`: the marker goes, the item is marked. */
function addTasks(md) {
  md.core.ruler.before("inline", "tasks", (state) => {
    const { tokens } = state;
    for (let i = 2; i < tokens.length; i++) {
      const kinds = tokens.slice(i - 2, i + 1).map((token) => token.type);
      if (kinds.join() !== "list_item_open,paragraph_open,inline") continue;
      const match = /^\[([ xX])\](?:[ \t]+|(?=\n)|$)/.exec(tokens[i].content);
      if (!match) continue;
      tokens[i].content = tokens[i].content.slice(match[0].length);
      tokens[i - 2].attrSet("class", "md-task");
      tokens[i - 2].attrSet("data-done", match[1] === " " ? "no" : "yes");
    }
  });
}

/**
 * Paragraphs of a tight list keep their <p>, and the list is marked instead: an item drawn while the list was tight stays as
 * it is when a later blank line makes the list loose.
 */
function addLists(md) {
  md.core.ruler.before("inline", "lists", (state) => {
    const lists = [];
    for (const token of state.tokens) {
      token.block = false; // no line feeds between elements: they would be nodes that come and go
      if (token.type === "bullet_list_open" || token.type === "ordered_list_open") {
        token.attrJoin("class", "md-tight");
        lists.push(token);
      } else if (token.type === "bullet_list_close" || token.type === "ordered_list_close") {
        lists.pop();
      } else if (token.type === "paragraph_open" || token.type === "paragraph_close") {
        const list = lists.at(-1);
        if (!token.hidden && list && token.level === list.level + 2) list.attrSet("class", "md-loose");
        token.hidden = false;
      }
    }
  });
}

/** While an answer streams, what its last leaf has opened and not yet closed is closed for the eye only. */
function closeLastLeaf(state) {
  const { tokens, env } = state;
  if (!env.open) return;
  for (let i = tokens.length - 1; i >= 0; i--) {
    const token = tokens[i];
    if (token.type !== "inline") {
      if (/^(fence|code_block|hr|maths_block)$/.test(token.type)) return;
      continue;
    }
    const parent = tokens[i - 1].type;
    const cell = parent === "td_open" || parent === "th_open";
    if (cell && token.content === "") continue; // cells that markdown-it made up to fill the row
    const wholeLines = parent === "heading_open" || cell;
    if (wholeLines ? env.endsLine : token.map && token.map[1] < env.lines) return;
    token.content = closeHalfOpen(token.content, md);
    return;
  }
}

/** Text no person wrote as one paragraph: shown as it is, unless the reader asks for it formatted. */
function plainWhereTooLong(state) {
  const limit = INLINE_LIMIT * (state.env.unlimited ? ASKED_FOR : 1);
  for (const token of state.tokens) {
    if (token.type !== "inline" || token.content.length <= limit) continue;
    if (token.content.replace(PICTURE_DATA, "").length > limit) token.type = "long_inline";
  }
}
md.renderer.rules.long_inline = (tokens, index) => `<span class="md-long">${md.utils.escapeHtml(tokens[index].content)}</span>`;

md.renderer.rules.fence = md.renderer.rules.code_block = (tokens, index, options, env) => {
  const token = tokens[index];
  const language = (token.info ?? "").trim().split(/[\s{,]/, 1)[0];
  const { escapeHtml } = md.utils;
  const open = env.open && token.type === "fence" && isOpenFence(token) ? ' data-open="yes"' : "";
  return `<pre data-language="${escapeHtml(language)}"${open}><code>${escapeHtml(token.content)}</code></pre>`;
};

/**
 * Whether a fence still waits for its closing line: markdown-it draws both alike, but an open one has one line more in it.
 * @param {{content: string, map: [number, number]}} token
 */
export function isOpenFence(token) {
  const lines = token.content.split("\n").length - (token.content === "" || token.content.endsWith("\n") ? 1 : 0);
  return lines >= token.map[1] - token.map[0] - 1;
}

export { md };
