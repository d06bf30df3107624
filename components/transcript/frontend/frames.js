/** Draws what changed once per animation frame, however many events arrived in between. */

/** requestAnimationFrame stands still in a hidden tab; what is there must still be right when it is looked at. */
const HIDDEN_MS = 250;
const PAUSE_MS = 50;

export class Frames {
  /** @type {Set<{draw(): void}>} */
  #waiting = new Set();
  #frame = 0;
  #timer = 0;
  #flushed = 0;

  constructor() {
    this.onVisibility = () => this.#schedule();
    document.addEventListener("visibilitychange", this.onVisibility);
  }

  /** @param {{draw(): void}} view draws itself at the next frame */
  request(view) {
    this.#waiting.add(view);
    // After a pause nothing is gained by waiting for a frame: what is drawn now is in the next one.
    if (!this.#frame && !document.hidden && performance.now() - this.#flushed > PAUSE_MS) {
      this.#timer ||= window.setTimeout(() => this.flush());
    } else this.#schedule();
  }

  /** @param {{draw(): void}} view */
  forget(view) {
    this.#waiting.delete(view);
  }

  #schedule() {
    if (!this.#waiting.size) return;
    if (document.hidden) this.#timer ||= window.setTimeout(() => this.flush(), HIDDEN_MS);
    else this.#frame ||= requestAnimationFrame(() => this.flush());
  }

  flush() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = this.#timer = 0;
    const views = [...this.#waiting];
    this.#waiting.clear();
    for (const view of views) view.draw();
    this.#flushed = performance.now();
  }

  close() {
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.#waiting.clear();
    this.flush();
  }
}

/**
 * Does a long list of small jobs in the browser's idle time, a few milliseconds at once.
 * @param {Iterator<() => void>} jobs @returns {() => void} stops it
 */
export function inIdleSlices(jobs) {
  const SLICE_MS = 8;
  let handle = 0;
  let stopped = false;
  const idle = "requestIdleCallback" in window;
  const next = () => {
    if (stopped) return;
    handle = idle ? requestIdleCallback(run, { timeout: 200 }) : window.setTimeout(run, 16);
  };
  const run = () => {
    const end = performance.now() + SLICE_MS;
    do {
      const job = jobs.next();
      if (job.done) return;
      job.value();
    } while (performance.now() < end);
    next();
  };
  next();
  return () => {
    stopped = true;
    if (idle) cancelIdleCallback(handle);
    else clearTimeout(handle);
  };
}
