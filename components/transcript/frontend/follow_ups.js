/** Questions that may follow the newest answer: asked for once it is whole, in nobody's way until they come. */
import { el } from "./dom.js";
import { sendId } from "./protocol.js";

const ASK_AGAIN_MS = 5_000;

export class FollowUps {
  #turn = "";
  #asking = new AbortController();

  /** @param {import("./turn.js").Context} context */
  constructor(context) {
    this.context = context;
    this.root = el("div", { class: "tr-suggestions tr-follow-ups", role: "group", "aria-label": context.labels.suggestions, hidden: true });
  }

  /** @param {import("./protocol.js").Turn|undefined} newest */
  update(newest) {
    const turn = newest?.state === "complete" && newest.message_id && !newest.annotation ? newest.id : "";
    if (turn === this.#turn) return;
    this.close();
    this.#turn = turn;
    this.root.hidden = true;
    if (turn && this.context.allow.follow_ups) this.#ask(turn);
  }

  /** @param {string} turn */
  async #ask(turn) {
    const { signal } = (this.#asking = new AbortController());
    try {
      const answer = await fetch(`${this.context.turns}/${encodeURIComponent(turn)}/suggestions`, { signal });
      if (!answer.ok) return;
      const { questions } = await answer.json();
      if (!signal.aborted) this.#show(questions);
    } catch {
      // nobody waits for them
    }
  }

  /** @param {string[]} questions */
  #show(questions) {
    const buttons = questions.filter((question) => question.trim()).map((query) => {
      const ask = () => {
        for (const each of buttons) each.disabled = true;
        this.context.act({ act: "ask", query, send_id: sendId() });
        setTimeout(() => buttons.forEach((each) => (each.disabled = false)), ASK_AGAIN_MS);
      };
      return el("button", { type: "button", class: "tr-suggestion", text: query, dir: "auto", on: { click: ask } });
    });
    this.root.replaceChildren(...buttons);
    this.root.hidden = !buttons.length;
    this.context.scroll.refresh();
  }

  close() {
    this.#asking.abort();
  }
}
