/**
 * Attempts of one question: only one of neighbouring ones is shown, with ‹ 2/3 › to change between them.
 *
 * To Dify each is a message of its own. One whose question was asked again later, after others, stays where it is.
 */
import { el, icon } from "./dom.js";
import { fill } from "./labels.js";

/** @typedef {import("./turn.js").TurnView} TurnView */
/** @typedef {import("./turn.js").Context} Context */
/** @typedef {{place: number, of: number, go: (step: -1|1) => void}} Standing  place counts from 1 */

/** @param {TurnView} view */
const groupOf = ({ turn }) => turn.attempt_of || turn.id;

export class Attempts {
  /** @type {Map<string, string>} by group, the turn that the reader chose; else it is the newest */
  #chosen = new Map();

  /** @param {Context} context */
  constructor(context) {
    this.context = context;
  }

  /** A new attempt is what the reader wants to see. @param {TurnView} view */
  arrived(view) {
    this.#chosen.delete(groupOf(view));
  }

  /** @param {TurnView[]} views all, in order */
  arrange(views) {
    /** @type {Map<string, TurnView[]>} */
    const groups = new Map();
    for (const view of views) {
      const group = groups.get(groupOf(view));
      if (group) group.push(view);
      else groups.set(groupOf(view), [view]);
    }
    for (const [place, view] of views.entries()) {
      const key = groupOf(view);
      const group = /** @type {TurnView[]} */ (groups.get(key));
      view.root.hidden = group.length > 1 && this.#shownOf(views, place, key) !== view;
      const at = group.indexOf(view);
      view.stand(group.length < 2 ? null : { place: at + 1, of: group.length, go: (step) => this.#go(views, group, at + step) });
    }
  }

  /** The one of its neighbours that is shown. @param {TurnView[]} views @param {number} place @param {string} key */
  #shownOf(views, place, key) {
    let [from, to] = [place, place];
    while (from > 0 && groupOf(views[from - 1]) === key) from -= 1;
    while (to + 1 < views.length && groupOf(views[to + 1]) === key) to += 1;
    const slot = views.slice(from, to + 1);
    return slot.find((view) => view.turn.id === this.#chosen.get(key)) ?? slot.at(-1);
  }

  /** @param {TurnView[]} views @param {TurnView[]} group @param {number} to */
  #go(views, group, to) {
    const view = group[to];
    if (!view) return;
    const { announcer, labels, scroll } = this.context;
    this.#chosen.set(groupOf(view), view.turn.id);
    scroll.release();
    if (!view.drawn) view.draw();
    this.arrange(views);
    /** @type {HTMLElement|null} */ (view.root.querySelector(".tr-attempts"))?.focus({ preventScroll: true });
    view.root.scrollIntoView({ block: "nearest" });
    announcer.say(fill(labels.attempt, { n: to + 1, of: group.length }));
  }
}

/** ‹ 2/3 › beside a question; made where there is more than one attempt. @param {Context} context */
export function switcher({ labels }) {
  const place = el("span");
  /** @type {Standing|null} */
  let now = null;
  /** @type {ReturnType<typeof controls>|null} */
  let made = null;
  return {
    root: place,
    /** @param {Standing|null} standing null: the only attempt */
    stand(standing) {
      now = standing;
      place.hidden = !standing;
      if (!standing) return;
      if (!made) place.append((made = controls(labels, (by) => now?.go(by))).root);
      made.say(standing);
    },
  };
}

/** @param {Context["labels"]} labels @param {(by: -1|1) => void} go */
function controls(labels, go) {
  const step = (/** @type {-1|1} */ by, /** @type {string} */ name) =>
    el("button", { type: "button", class: `tr-tool tr-step-${by < 0 ? "back" : "on"}`, "aria-label": name, title: name, tabindex: "-1", on: { click: () => go(by) } }, icon("chevron"));
  const [back, on] = [step(-1, labels.attempt_back), step(1, labels.attempt_on)];
  const count = el("span");
  // One stop of the Tab key; the arrow keys change.
  const root = el("span", { class: "tr-attempts", role: "group", tabindex: "0", title: labels.attempts_hint }, back, count, on);
  root.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    go(by);
  });
  return {
    root,
    say(/** @type {Standing} */ { place, of }) {
      count.textContent = `${place}/${of}`;
      root.setAttribute("aria-label", fill(labels.attempt, { n: place, of }));
      back.disabled = place === 1;
      on.disabled = place === of;
    },
  };
}
