/**
 * Keeps the keyboard's place: a control that goes away under the focus (Stop, once the answer has ended; a suggestion
 * that was taken) would leave it nowhere, and the next Tab would begin at the top of the page.
 */

/** Where one goes on asking: the page's own, below the transcript. */
const COMPOSER = '[data-testid="stBottom"] textarea';

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
  }

  #lost() {
    const held = this.#held;
    return held !== null && (!held.isConnected || held.matches(":disabled") || !held.checkVisibility());
  }

  #restore() {
    const held = /** @type {HTMLElement} */ (this.#held);
    this.#held = null;
    const turns = /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll(".tr-turn"));
    const composer = /** @type {HTMLElement|null} */ (document.querySelector(COMPOSER));
    // On a touch screen the composer's focus would bring up the keyboard.
    const asking = composer && !matchMedia("(pointer: coarse)").matches ? composer : null;
    const next = held.closest(".tr-older") ? turns[0] : asking ?? turns[turns.length - 1];
    if (!next) return;
    if (next !== composer) next.tabIndex = -1;
    next.focus({ preventScroll: true });
  }

  close() {
    this.#listening.abort();
    this.changes.disconnect();
  }
}
