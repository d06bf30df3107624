// What the tests call inside the page: answers drawn whole or as a stream, and what an onlooker would have seen.
import { Markdown } from "/markdown.js";

const RAW = /\*\*|\$\$|```|~~|\]\(/;

export const violations = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  violations.push(`${violatedDirective} ${blockedURI}`);
});

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A place for an answer, instead of those that are there or beside them. */
function newRoot(beside) {
  const root = document.createElement("div");
  if (!beside) document.querySelector("main").replaceChildren();
  return document.querySelector("main").appendChild(root);
}

/** HTML in which the serial numbers of ids and diagrams are left out. */
function html(root) {
  return root.innerHTML.replace(/\bmd\d+-/g, "md-").replace(/md-diagram-\d+/g, "md-diagram");
}

async function drawn(answer) {
  while (answer.resting) await wait(1);
  answer.draw();
  while (answer.pending) {
    await wait(1);
    answer.draw();
  }
}

/** Draws `source` in one go; the answer and its root stay in window for more questions. */
async function whole(source, labels) {
  window.root = newRoot();
  window.answer = new Markdown(window.root, labels);
  window.answer.replace(source);
  window.answer.finish();
  await window.answer.settled;
  return html(window.root);
}

/** Draws `source` in pieces that end at `cuts`, and writes down what should not have been seen. */
async function stream(source, cuts) {
  const root = (window.root = newRoot());
  const answer = (window.answer = new Markdown(root));
  const finished = new Set();
  const faults = [];
  let added = 0;
  const observer = new MutationObserver(() => {});
  observer.observe(root, { childList: true, subtree: true, characterData: true, attributes: true });
  const block = (node) => {
    while (node && node.parentNode !== root) node = node.parentNode;
    return node;
  };
  let at = 0;
  for (const cut of cuts) {
    answer.append(source.slice(at, cut));
    at = cut;
    await drawn(answer);
    for (const { target, type, addedNodes, removedNodes } of observer.takeRecords()) {
      added += addedNodes.length;
      for (const node of removedNodes) if (finished.has(node)) faults.push(`${at}: removed ${node.outerHTML.slice(0, 80)}`);
      if (target !== root && finished.has(block(target))) faults.push(`${at}: ${type} in ${block(target).outerHTML.slice(0, 80)}`);
    }
    const blocks = [...root.children].filter((child) => !child.matches(".md-footnotes"));
    for (const child of blocks.slice(0, -1)) finished.add(child);
    for (const child of [...blocks.slice(-2), ...root.querySelectorAll(".md-footnotes")]) {
      const visible = child.cloneNode(true);
      for (const hidden of visible.querySelectorAll("code, .katex")) hidden.remove();
      const raw = RAW.exec(visible.textContent.replace(/\[\w+\]\((?:javascript|file):\S*/g, ""));
      if (raw) faults.push(`${at}: ${raw[0]} visible in ${visible.textContent.slice(Math.max(0, raw.index - 30), raw.index + 30)}`);
    }
  }
  const before = [...root.children];
  answer.finish();
  await answer.settled;
  const kept = before.filter((child) => child.parentNode === root).length;
  return { html: html(root), faults: faults.slice(0, 20), added, kept, blocks: before.length, text: answer.text };
}

Object.assign(window, { Markdown, whole, stream, violations, drawn, newRoot });
