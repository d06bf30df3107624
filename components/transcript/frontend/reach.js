/** Whether the site is reached and knows the conversation, and what stands on the page while it does not. */
import { el } from "./dom.js";

export class Reach {
  /** The page's run has had us try once more: should that fail, it is not run again at once. */
  #hastened = false;

  /**
   * @param {HTMLElement} log where the turns are
   * @param {Record<string, any>} labels
   * @param {object} page
   * @param {() => boolean} page.unasked nothing was asked in it yet
   * @param {() => void} page.run has the page run
   * @param {() => void} page.empty takes the turns away
   */
  constructor(log, labels, page) {
    this.log = log;
    this.labels = labels;
    this.page = page;
    this.pill = el("p", { class: "tr-pill", "aria-live": "polite" });
    this.gone = el("p", { class: "tr-gone", role: "alert", text: labels.unavailable });
  }

  /** @param {import("./live.js").Connection} connection */
  take(connection) {
    if (connection === "lost" && this.gone.isConnected) return;
    if (connection === "gone" && this.page.unasked() && !this.gone.isConnected) {
      // Nothing was asked yet: a site that was started anew knows it again as soon as its page has run.
      this.pill.textContent = this.labels.reconnecting;
      if (!this.#hastened) this.page.run();
      this.#hastened = false;
      return;
    }
    this.pill.textContent = connection === "lost" ? this.labels.reconnecting : "";
    const gone = connection === "gone" || connection === "signed_out";
    if (gone === this.gone.isConnected) return;
    this.log.toggleAttribute("data-gone", gone);
    if (!gone) return this.gone.remove();
    this.gone.replaceChildren(...(connection === "signed_out" ? this.#signedOut() : [this.labels.unavailable]));
    this.page.empty();
    this.log.append(this.gone);
  }

  /** The page has run: what was not known before may be now. @returns {boolean} whether to try at once */
  hasten() {
    if (!this.pill.textContent) return false;
    this.#hastened = true;
    return true;
  }

  /** What was typed is kept, and is there again after signing in. */
  #signedOut() {
    const url = new URL("signin", document.baseURI);
    url.searchParams.set("next", location.pathname + location.search);
    return [`${this.labels.signed_out} `, el("a", { href: url.href, target: "_self", text: this.labels.sign_in })];
  }
}
