/**
 * Keeps the keyboard's place: a control that goes away under the focus (Stop, once the answer has ended; a suggestion
 * that was taken) would leave it nowhere, and the next Tab would begin at the top of the page.
 */
import { overlayIsOpen } from "./overlays.js";

/** Where one goes on asking: the page's own, below the transcript. */
const COMPOSER = '[data-testid="stBottom"] textarea';
/** There the focus of a field would bring up the keyboard. */
const TOUCH = matchMedia("(pointer: coarse)");
/** Streamlit may draw the composer, and the list that a conversation is opened from, long after the conversation. */
const LOOK_MS = 100;
const BEGINNING_MS = 10_000;

export class Focus {
  /** @type {HTMLElement|null} has the focus, or had it until it went away */
  #held = null;
  #listening = new AbortController();

  /** @param {HTMLElement} root @param {() => HTMLElement|null} field where one asks in this conversation */
  constructor(root, field) {
    this.root = root;
    this.field = field;
    const { signal } = this.#listening;
    root.addEventListener("focusin", ({ target }) => (this.#held = /** @type {HTMLElement} */ (target)), { signal });
    root.addEventListener("focusout", () => {
      if (!this.#lost()) this.#held = null;
    }, { signal });
    this.changes = new MutationObserver(() => this.#lost() && this.#restore());
    this.changes.observe(root, { subtree: true, attributeFilter: ["hidden", "disabled"] });
    const until = Date.now() + BEGINNING_MS;
    this.beginning = window.setInterval(() => (Date.now() > until ? this.#begun() : this.#begin()), LOOK_MS);
    for (const act of ["keydown", "pointerdown"]) document.addEventListener(act, () => this.#begun(), { capture: true, signal });
  }

  /** Who has not done anything yet, and has the focus nowhere, begins in the composer: once, if it stays there. */
  #begin() {
    const field = TOUCH.matches ? null : this.field();
    if (field && document.activeElement === field) this.#begun();
    else if (document.activeElement === document.body && !overlayIsOpen()) field?.focus({ preventScroll: true });
  }

  #begun() {
    clearInterval(this.beginning);
  }

  /** @returns {HTMLElement|null} */
  get #composer() {
    return TOUCH.matches ? null : document.querySelector(COMPOSER);
  }

  #lost() {
    const held = this.#held;
    return held !== null && (!held.isConnected || held.matches(":disabled") || !held.checkVisibility());
  }

  #restore() {
    const held = /** @type {HTMLElement} */ (this.#held);
    this.#held = null;
    const turns = /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll(".tr-turn"));
    const next = held.closest(".tr-older") ? firstInSight(turns) : this.#composer ?? turns[turns.length - 1];
    if (!next) return;
    if (next.matches(".tr-turn")) next.tabIndex = -1;
    next.focus({ preventScroll: true });
  }

  close() {
    this.#begun();
    this.#listening.abort();
    this.changes.disconnect();
  }
}

/** Older turns came above what the reader looks at, and are not drawn yet. @param {NodeListOf<HTMLElement>} turns */
function firstInSight(turns) {
  return [...turns].find((turn) => turn.hasChildNodes() && turn.getBoundingClientRect().top >= 0) ?? turns[0];
}
