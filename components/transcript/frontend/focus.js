/**
 * Keeps the keyboard's place: a control that goes away under the focus (Stop, once the answer has ended; a suggestion
 * that was taken) would leave it nowhere, and the next Tab would begin at the top of the page.
 */

/** Where one goes on asking: the page's own, below the transcript. */
const COMPOSER = '[data-testid="stBottom"] textarea';
/** Streamlit may draw the list of conversations a moment before or after a conversation is opened from it. */
const OPENED_MS = [50, 250, 1_000];

/** What had the focus last, anywhere on the page. @type {Element|null} */
let latest = null;
document.addEventListener("focusin", ({ target }) => (latest = /** @type {Element} */ (target)));

export class Focus {
  /** @type {HTMLElement|null} has the focus, or had it until it went away */
  #held = null;
  #listening = new AbortController();

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    const { signal } = this.#listening;
    root.addEventListener("focusin", ({ target }) => (this.#held = /** @type {HTMLElement} */ (target)), { signal });
    root.addEventListener("focusout", () => {
      if (!this.#lost()) this.#held = null;
    }, { signal });
    this.changes = new MutationObserver(() => this.#lost() && this.#restore());
    this.changes.observe(root, { subtree: true, attributeFilter: ["hidden", "disabled"] });
    const opener = latest;
    this.timers = OPENED_MS.map((ms) => window.setTimeout(() => opener && this.#follow(opener), ms));
  }

  /** This conversation was opened by a button that was drawn anew meanwhile: its focus went with it. @param {Element} opener */
  #follow(opener) {
    if (!opener.isConnected && document.activeElement === document.body) this.#composer?.focus({ preventScroll: true });
  }

  /** Not on a touch screen, where its focus would bring up the keyboard. @returns {HTMLElement|null} */
  get #composer() {
    return matchMedia("(pointer: coarse)").matches ? null : document.querySelector(COMPOSER);
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
    for (const timer of this.timers) clearTimeout(timer);
    this.#listening.abort();
    this.changes.disconnect();
  }
}

/** Older turns came above what the reader looks at, and are not drawn yet. @param {NodeListOf<HTMLElement>} turns */
function firstInSight(turns) {
  return [...turns].find((turn) => turn.hasChildNodes() && turn.getBoundingClientRect().top >= 0) ?? turns[0];
}
