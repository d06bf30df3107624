/** What an answer changed in the conversation's variables: one line below it, which opens the difference. */
import { el, icon } from "./dom.js";
import { fill } from "./labels.js";
import { openPopover } from "./popover.js";

/** @typedef {import("./turn.js").Context} Context */
/** @typedef {{name: string, type: string, secret: boolean, lines: string[]}} Change  a line begins with +, - or a space */

/** @param {string} line */
const drawn = (line) => el(line[0] === "+" ? "ins" : line[0] === "-" ? "del" : "span", { text: `${line}\n` });

/** @param {Change} change @param {Context} context */
function row({ name, type, secret, lines }, { labels }) {
  const head = el("dt", {}, el("strong", { text: name }), " ", type);
  const none = secret ? labels.changes_secret : labels.changes_empty;
  const body = lines.length ? el("pre", { tabindex: "0", dir: "auto" }, ...lines.map(drawn)) : none;
  return [head, el("dd", {}, body)];
}

/** The page of all variables, in this app. @param {import("./protocol.js").Turn} turn */
function pageOf(turn) {
  const address = new URL("variables", document.baseURI);
  const app = new URL(location.href).searchParams.get("app");
  if (app) address.searchParams.set("app", app);
  address.searchParams.set("c", turn.conversation_id ?? "");
  return address.href;
}

/** @param {HTMLElement} list @param {string} turn @param {Context} context */
async function load(list, turn, context) {
  const { labels } = context;
  try {
    const answer = await fetch(`${context.turns}/${encodeURIComponent(turn)}/variables`);
    if (!answer.ok) throw new Error(String(answer.status));
    const { changes } = await answer.json();
    const rows = /** @type {Change[]} */ (changes).flatMap((change) => row(change, context));
    list.replaceChildren(...(rows.length ? rows : [el("dd", { text: labels.changes_forgotten })]));
  } catch {
    list.replaceChildren(el("dd", { role: "alert", text: labels.changes_failed }));
  }
}

/** @param {Context} context */
export function changes(context) {
  const { labels } = context;
  const words = el("span", { class: "tr-clip" });
  const button = el("button", { type: "button", class: "tr-chip", "aria-haspopup": "dialog", "aria-expanded": "false" },
    icon("data"), words);
  const root = el("p", { class: "tr-changes", hidden: true }, button);
  /** @type {import("./protocol.js").Turn|null} */
  let shown = null;
  button.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    openPopover(event, labels.changes, context, () => {
      const list = el("dl", { class: "tr-change-list" }, el("dd", { text: labels.changes_loading }));
      const all = el("a", { class: "tr-change-all", href: shown && pageOf(shown), autofocus: true, text: labels.changes_all });
      if (shown) load(list, shown.id, context);
      return { body: [list, all] };
    });
  });
  return {
    root,
    keys: ["changed_variables"],
    /** @param {import("./protocol.js").Turn} turn */
    update(turn) {
      const names = turn.changed_variables ?? [];
      shown = turn;
      root.hidden = !names.length;
      const line = names.length === 1 ? labels.changed_one : labels.changed_many;
      words.textContent = fill(line, { n: names.length, names: names.join(", ") });
    },
  };
}
