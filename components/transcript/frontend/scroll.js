/**
 * Keeps the reader where the reader wants to be: at the newest words if that is where they are, else in place.
 *
 * Everything hangs on one ResizeObserver, which runs after layout and before paint, so following the text costs no
 * layout of its own. It wants a scroller that leaves the position alone; Streamlit's `stMain` does, whereas the
 * scroll-to-bottom container of an automatically pinned chat input pulls readers down (use `with st.bottom:`).
 */

const AT_BOTTOM_PX = 32;
const MOVED_PX = 4;
const FAR_PX = 160;

/** @param {Element} element @returns {HTMLElement} nearest ancestor that scrolls, else the document's own scroller */
function scrollerOf(element) {
  for (let node = element.parentElement; node; node = node.parentElement) {
    if (node === document.body || node === document.documentElement) break;
    if (/auto|scroll|overlay/.test(getComputedStyle(node).overflowY)) return node;
  }
  return /** @type {HTMLElement} */ (document.scrollingElement ?? document.documentElement);
}

export class Scroll {
  /** Follow the newest words? */
  stuck = true;
  #top = 0;
  #far = false;
  /** @type {Element|null} Streamlit's sticky foot, which lies over the transcript's end */
  #foot = null;

  /** @param {HTMLElement} root @param {(far: boolean) => void} onFar the latest words are out of sight, or back */
  constructor(root, onFar) {
    this.root = root;
    this.onFar = onFar;
    this.onScroll = () => this.#read();
    this.sizes = new ResizeObserver(() => this.#settle());
    this.scroller = scrollerOf(root);
    this.#attach();
  }

  /** A document's own scrolling is told to the document. */
  get #target() {
    return this.scroller === document.scrollingElement ? document : this.scroller;
  }

  #attach() {
    this.#target.addEventListener("scroll", this.onScroll, { passive: true });
    this.sizes.observe(this.root);
    this.sizes.observe(this.scroller);
  }

  /** Something around the transcript may have changed: another scroller, the composer. */
  refresh() {
    const scroller = scrollerOf(this.root);
    if (this.scroller !== scroller) {
      this.close();
      this.scroller = scroller;
      this.#attach();
    }
    this.#findFoot();
  }

  /** The composer may come to the page after us. */
  #findFoot() {
    if (this.#foot?.isConnected) return;
    this.#foot = this.scroller.querySelector('[data-testid="stBottom"]');
    if (this.#foot) this.sizes.observe(this.#foot);
  }

  #settle() {
    this.#findFoot();
    const covered = this.#foot ? `${/** @type {HTMLElement} */ (this.#foot).offsetHeight}px` : "0px";
    if (this.root.style.getPropertyValue("--tr-covered") !== covered) {
      this.root.style.setProperty("--tr-covered", covered);
    }
    // Nothing was asked yet: the app's opening is read from its beginning.
    if (this.stuck && this.root.querySelector(".tr-turn")) this.#toBottom();
    else this.#read();
  }

  #distance() {
    const { scrollHeight, clientHeight, scrollTop } = this.scroller;
    return scrollHeight - clientHeight - scrollTop;
  }

  #toBottom() {
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: "instant" });
    this.#top = this.scroller.scrollTop;
    this.#show(false);
  }

  #read() {
    const top = this.scroller.scrollTop;
    const distance = this.#distance();
    // Shrinking content moves the reader up as well, but leaves them at the end.
    if (top < this.#top - 1 && distance > MOVED_PX) this.stuck = false;
    else if (distance <= (top > this.#top ? AT_BOTTOM_PX : MOVED_PX)) this.stuck = true;
    this.#top = top;
    this.#show(!this.stuck && distance > FAR_PX);
  }

  /** @param {boolean} far */
  #show(far) {
    if (far === this.#far) return;
    this.#far = far;
    this.onFar(far);
  }

  /** Go to the newest words and stay there. */
  stick() {
    this.stuck = true;
    this.#toBottom();
  }

  /** The reader opened something here: what is below may grow, what they look at stays. */
  release() {
    this.stuck = false;
  }

  /** Scrolls to an element, so that so many pixels are left above it; what is around the scroller stays.
   * @param {Element} element @param {number} above */
  bring(element, above) {
    this.scroller.scrollBy({ top: element.getBoundingClientRect().top - this.#edge - above, behavior: "instant" });
  }

  /** Where the top of the scroller is on the screen. */
  get #edge() {
    return this.scroller === document.scrollingElement ? 0 : this.scroller.getBoundingClientRect().top;
  }

  /** Changes the page above the reader without moving what they read. @param {() => void} change */
  keep(change) {
    if (this.stuck) {
      change();
      return;
    }
    const edge = this.#edge;
    const turns = [...this.root.querySelectorAll(".tr-turn")];
    const anchor = turns.find((turn) => turn.getBoundingClientRect().bottom > edge);
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change();
    if (!anchor?.isConnected) return;
    const moved = anchor.getBoundingClientRect().top - before;
    if (moved) this.scroller.scrollBy({ top: moved, behavior: "instant" });
    this.#top = this.scroller.scrollTop;
  }

  close() {
    this.#target.removeEventListener("scroll", this.onScroll);
    this.sizes.disconnect();
    this.#foot = null;
  }
}
