/** Goes to one message of the conversation, over older pages where need be, and marks it. */

const HOLD_MS = 3_000; // for which the message stays in its place while what is around it is being drawn
const ABOVE_PX = 16;
const MOVES = ["wheel", "touchmove", "keydown", "pointerdown"]; // the reader goes elsewhere

export class Find {
  #done = false;
  #held = new AbortController();

  /**
   * @param {string|undefined} id of the message
   * @param {import("./conversation.js").Conversation} conversation
   * @param {import("./older.js").Older} older
   * @param {import("./scroll.js").Scroll} scroll
   */
  constructor(id, conversation, older, scroll) {
    this.id = id;
    this.conversation = conversation;
    this.older = older;
    this.scroll = scroll;
    this.#done = !id;
  }

  /** Turns have come. */
  look() {
    if (this.#done) return;
    const view = this.conversation.views.find(({ turn }) => turn.message_id === this.id || turn.id === this.id);
    if (view) return this.#show(view);
    if (this.older.cursor === null) this.#done = true; // it is in no page
    else void this.older.load();
  }

  /** @param {import("./turn.js").TurnView} view */
  #show(view) {
    this.#done = true;
    if (!view.drawn) view.draw();
    view.root.classList.add("tr-found");
    view.root.tabIndex = -1;
    view.root.focus({ preventScroll: true });
    const go = () => {
      this.scroll.release();
      this.scroll.bring(view.root, ABOVE_PX);
    };
    const sizes = new ResizeObserver(go);
    sizes.observe(this.conversation.root);
    const { signal } = this.#held;
    const clock = window.setTimeout(() => this.close(), HOLD_MS);
    for (const move of MOVES) addEventListener(move, () => this.close(), { signal, passive: true });
    signal.addEventListener("abort", () => {
      clearTimeout(clock);
      sizes.disconnect();
    });
    go();
  }

  close() {
    this.#done = true;
    this.#held.abort();
  }
}
