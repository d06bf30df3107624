/** What went into a step and what came out of it: fetched when its row is opened, shown as text. */
import { el, icon } from "./dom.js";
import { block } from "./fold.js";
import { fill } from "./labels.js";

/** @typedef {import("./protocol.js").Step} Step */
/** @typedef {import("./turn.js").Context} Context */
/** @typedef {{name: string, text: string, size: number}} Part  size: its characters before it was cut off */

let ids = 0;

class StepData {
  #state = "";

  /** @param {string} url @param {Context} context */
  constructor(url, context) {
    this.url = url;
    this.context = context;
    this.panel = el("div", { class: "tr-step-data", id: `tr-step-${(ids += 1)}`, hidden: true });
  }

  /** @param {Step} step @param {string} title @returns {HTMLElement} the row's title, which opens the panel */
  button(step, title) {
    const made = el("button", { type: "button", class: "tr-row-title tr-step-open", "aria-controls": this.panel.id, "aria-expanded": String(!this.panel.hidden) }, title, icon("chevron"));
    made.addEventListener("click", () => {
      this.context.scroll.release();
      this.panel.hidden = !this.panel.hidden;
      made.setAttribute("aria-expanded", String(!this.panel.hidden));
      this.refresh(step);
    });
    this.refresh(step);
    return made;
  }

  /** What came out is known only when the step has ended. @param {Step} step */
  async refresh(step) {
    if (this.panel.hidden || this.#state === step.state) return;
    this.#state = step.state;
    const { labels } = this.context;
    if (!this.panel.childNodes.length) this.panel.append(el("p", { class: "tr-row-text", text: labels.step_data_loading }));
    try {
      const answer = await fetch(this.url);
      if (!answer.ok) throw new Error(String(answer.status));
      this.#draw((await answer.json()).parts);
    } catch {
      this.#state = "";
      this.panel.replaceChildren(el("p", { class: "tr-row-text", role: "alert", text: labels.step_data_failed }));
    }
  }

  /** @param {Part[]} parts */
  #draw(parts) {
    const { labels } = this.context;
    const count = new Intl.NumberFormat(labels.locale || undefined);
    const drawn = parts.flatMap(({ name, text, size }) => {
      const title = labels.step_data[/** @type {"inputs"} */ (name)] ?? name;
      const cut = [...text].length < size ? fill(labels.step_data_cut, { n: count.format([...text].length), size: count.format(size) }) : "";
      return [block(title, text), cut ? el("p", { class: "tr-label", text: cut }) : null];
    });
    const none = el("p", { class: "tr-row-text", text: labels.step_data_none });
    this.panel.replaceChildren(...(drawn.length ? drawn.filter((part) => part !== null) : [none]));
  }
}

/** Those of one turn: what is open stays open while its row is drawn anew. @param {Context} context */
export function stepData(context) {
  /** @type {Map<string, StepData>} */
  const known = new Map();
  /** @param {string} turn @param {Step} step */
  return (turn, step) => {
    const name = `${step.kind}-${step.id}`;
    let data = known.get(name);
    const url = `${context.turns}/${encodeURIComponent(turn)}/steps/${encodeURIComponent(name)}`;
    if (!data) known.set(name, (data = new StepData(url, context)));
    return data;
  };
}
