/**
 * The one probe, the same in every column, put into each page before its own scripts.
 *
 * A MutationObserver notes when the first and the last words came into the document. Only after a mutation is one
 * animation frame asked for, and only there is the text measured, once: what is counted is frames that really brought
 * new text. Times are unix milliseconds.
 */
(() => {
  if (window !== window.top) return;
  const clock = () => performance.timeOrigin + performance.now();

  class Watch {
    /** @param {string} selector the running answer @param {string} lastWords */
    constructor(selector, lastWords) {
      Object.assign(this, { selector, lastWords, node: null, length: 0, asked: 0, spent: 0, frames: [], longTasks: [] });
      this.first = this.last = 0;
      this.before = document.querySelector(selector); // the answer to an earlier question
      this.done = new Promise((resolve) => (this.resolve = resolve));
      this.mutations = new MutationObserver(() => this.timed(() => this.look()));
      this.mutations.observe(document.body, { subtree: true, childList: true, characterData: true });
      this.tasks = new PerformanceObserver((list) => {
        for (const task of list.getEntries()) this.longTasks.push([performance.timeOrigin + task.startTime, task.duration]);
      });
      this.tasks.observe({ type: "longtask" });
    }

    /** The probe's own cost is part of the result. @param {() => void} work */
    timed(work) {
      const start = performance.now();
      work();
      this.spent += performance.now() - start;
    }

    look() {
      if (!this.node?.isConnected) this.node = document.querySelector(this.selector);
      if (this.node === this.before) this.node = null;
      if (!this.node) return;
      if (!this.first && this.node.textContent.trim()) this.first = clock();
      if (this.first && !this.last && lastText(this.node).endsWith(this.lastWords)) {
        this.last = clock();
        this.resolve();
      }
      this.asked ||= requestAnimationFrame((at) => this.timed(() => this.count(at)));
    }

    count(at) {
      this.asked = 0;
      const length = this.node?.textContent.length ?? 0;
      if (length > this.length) this.frames.push(performance.timeOrigin + at);
      this.length = length;
    }

    /** Resolves when the last words are there, or after so many ms. @param {number} patience */
    end(patience) {
      return Promise.race([this.done, new Promise((resolve) => setTimeout(resolve, patience))]);
    }

    result() {
      this.mutations.disconnect();
      this.tasks.disconnect();
      const { first, last, frames, longTasks, spent, length } = this;
      return { first, last, frames, longTasks, spent, length, skew: Date.now() - clock() };
    }
  }

  /** The end of the answer's text, found from its end. @param {Node} node */
  function lastText(node) {
    for (let at = deepest(node); at && at !== node; at = before(at, node)) {
      if (at.nodeType === Node.TEXT_NODE && at.data.trim()) return at.data.trimEnd();
    }
    return "";
  }

  const deepest = (node) => {
    while (node.lastChild) node = node.lastChild;
    return node;
  };
  const before = (node, root) => {
    while (node !== root && !node.previousSibling) node = node.parentNode;
    return node === root ? null : deepest(node.previousSibling);
  };

  /**
   * Resolves with the ms since the navigation began when this text is in the document; null after so many ms.
   * @param {string} words @param {number} patience
   */
  function seen(words, patience) {
    return new Promise((resolve) => {
      const look = () => {
        if (!document.body?.textContent.includes(words)) return;
        mutations.disconnect();
        resolve(performance.now());
      };
      const mutations = new MutationObserver(look);
      mutations.observe(document, { subtree: true, childList: true, characterData: true });
      setTimeout(() => resolve(null), patience);
      look();
    });
  }

  /**
   * Resolves at the frame in which an element that holds these words is drawn.
   * @param {string} selector @param {string} words
   */
  function shown(selector, words) {
    return new Promise((resolve) => {
      const look = () => {
        const drawn = (found) => found.textContent.includes(words) && found.checkVisibility();
        if ([...document.querySelectorAll(selector)].some(drawn)) resolve();
        else requestAnimationFrame(look);
      };
      look();
    });
  }

  /**
   * Clicks, and resolves with the ms until the last change of the page that comes of it: the app has run, and half a
   * second brought nothing more.
   * @param {Element} widget
   */
  function settled(widget) {
    return new Promise((resolve) => {
      const start = performance.now();
      let last = start;
      const mutations = new MutationObserver(() => (last = performance.now()));
      mutations.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
      widget.click();
      const timer = setInterval(() => {
        const state = document.querySelector("[data-test-script-state]").dataset.testScriptState;
        if (state !== "notRunning" || performance.now() - last < 500) return;
        clearInterval(timer);
        mutations.disconnect();
        resolve(last - start);
      }, 50);
    });
  }

  /** What is heard: when it began, and the silences until it ended. */
  class Voice {
    constructor() {
      Object.assign(this, { playing: 0, gaps: 0, silence: 0, waiting: 0 });
      this.done = new Promise((resolve) => (this.resolve = resolve));
      const { play } = HTMLMediaElement.prototype;
      const voice = this;
      HTMLMediaElement.prototype.play = function () {
        voice.listen(this);
        return play.call(this);
      };
    }

    /** @param {HTMLMediaElement} element */
    listen(element) {
      if (this.element === element) return;
      this.element = element;
      element.addEventListener("playing", () => {
        if (this.playing && this.waiting) this.silence += clock() - this.waiting;
        this.playing ||= clock();
        this.waiting = 0;
      });
      element.addEventListener("waiting", () => {
        if (!this.playing) return;
        this.gaps += 1;
        this.waiting = clock();
      });
      element.addEventListener("ended", () => this.resolve());
    }

    /** @param {number} patience */
    async end(patience) {
      await Promise.race([this.done, new Promise((resolve) => setTimeout(resolve, patience))]);
      return { playing: this.playing, gaps: this.gaps, silence: this.silence };
    }
  }

  window.probe = { voice: new Voice(), seen, shown, settled, watch: (selector, lastWords) => (window.probe.now = new Watch(selector, lastWords)) && null };
})();
