/** Requests to this site about a person's conversations. */
import { fill, LABELS } from "./labels.js";

/** What went wrong, in words for a person. */
export class Trouble extends Error {
  /** @param {string} code @param {string} [message] the server's words @param {Record<string, string|number>} [values] */
  constructor(code, message = "", values = {}) {
    const words = /** @type {Record<string, string>} */ (LABELS.problems)[code] ?? LABELS.problems.other;
    super(fill(words, { message: message || code, ...values }));
    this.code = code;
    /** @type {Record<string, any>} the whole answer */
    this.said = {};
  }
}

export class Calls {
  /** @param {string} app slug */
  constructor(app) {
    this.app = app;
  }

  /** @param {string} path @param {Record<string, string|number|null|undefined>} [query] */
  address(path, query = {}) {
    const url = new URL(path, document.baseURI);
    url.searchParams.set("app", this.app);
    for (const [name, value] of Object.entries(query)) if (value != null && value !== "") url.searchParams.set(name, String(value));
    return url;
  }

  /** @param {string} path @param {Record<string, any>} [query] @param {AbortSignal} [signal] */
  get(path, query, signal) {
    return this.#ask(this.address(path, query), { signal });
  }

  /** @param {string} path @param {object} body */
  post(path, body) {
    return this.#ask(this.address(path), {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
  }

  /** @param {URL} url @param {RequestInit} options */
  async #ask(url, options) {
    let answer;
    try {
      answer = await fetch(url, { cache: "no-store", ...options });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new Trouble("offline");
    }
    const said = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Trouble(said.code ?? String(answer.status), said.message), { said });
    return said;
  }
}

/** @param {string} id */
export const of = (id) => `conversations/${encodeURIComponent(id)}`;
