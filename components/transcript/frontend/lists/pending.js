/**
 * Conversations that wait to be deleted: no list shows them, and a line at the foot of the page takes it back.
 *
 * One for all lists of a page. The truth is the server's; after each time that is over it is asked how it went.
 */
import { Calls, Trouble } from "./calls.js";
import { counted, fill, LABELS } from "./labels.js";
import { Toast } from "./toast.js";

const AFTER_MS = 700; // when Dify should have answered
const TRYING_MS = 5_000;

/**
 * @typedef {object} Waiting
 * @property {{id: string, name: string, left: number}[]} pending  left: seconds
 * @property {number} trying
 * @property {{id: string, name: string, code: string}[]} refused
 */

class Pending {
  /** @type {Set<string>} ids that no list shows */
  hidden = new Set();
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** @type {Set<string>} refusals that were closed */
  #seen = new Set();
  #clock = 0;
  /** @type {Toast|null} */
  #toast = null;

  /** @param {() => void} listener @returns {() => void} ends it */
  follow(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param {Calls} calls @param {Waiting} waiting @param {Element} near */
  show(calls, waiting, near) {
    clearTimeout(this.#clock);
    const { pending, trying, refused } = waiting;
    for (const { id } of pending) this.hidden.add(id);
    for (const { id } of refused) this.hidden.delete(id);
    const refusal = refused.find(({ id }) => !this.#seen.has(id));
    const again = (/** @type {number} */ ms) => (this.#clock = window.setTimeout(() => this.#look(calls, near), ms));
    if (pending.length) {
      const words = counted(LABELS.deleting, pending.length, { name: pending[0].name || LABELS.unnamed });
      this.#say(near, words, { name: LABELS.undo, act: () => this.#undo(calls, pending.map(({ id }) => id), near) });
      again(Math.min(...pending.map(({ left }) => left)) * 1000 + AFTER_MS);
    } else if (trying) {
      this.#say(near, fill(LABELS.trying, { n: trying }));
      again(TRYING_MS);
    } else if (refusal) {
      this.#seen.add(refusal.id);
      this.#say(near, fill(LABELS.refused, { name: refusal.name || LABELS.unnamed, code: refusal.code }));
    } else {
      this.#toast?.close();
      this.#toast = null;
    }
    this.#tell();
  }

  /** @param {Calls} calls @param {string[]} ids @param {Element} near */
  async delete(calls, ids, near) {
    this.show(calls, await calls.post("conversations/delete", { ids }), near);
  }

  /** @param {Calls} calls @param {string[]} ids @param {Element} near */
  async #undo(calls, ids, near) {
    try {
      const { kept } = await calls.post("conversations/undo", { ids });
      for (const id of kept) this.hidden.delete(id);
      clearTimeout(this.#clock);
      this.#say(near, kept.length ? LABELS.undone : LABELS.too_late);
      this.#clock = window.setTimeout(() => this.#look(calls, near), TRYING_MS);
      this.#tell();
    } catch (error) {
      this.#say(near, error instanceof Trouble ? error.message : LABELS.problems.offline);
      this.#clock = window.setTimeout(() => this.#look(calls, near), AFTER_MS);
    }
  }

  /** @param {Calls} calls @param {Element} near */
  async #look(calls, near) {
    try {
      this.show(calls, await calls.get("conversations/pending"), near);
    } catch {
      this.#clock = window.setTimeout(() => this.#look(calls, near), TRYING_MS);
    }
  }

  /** @param {Element} near @param {string} words @param {{name: string, act: () => void}|null} [button] */
  #say(near, words, button = null) {
    this.#toast ??= new Toast(near);
    this.#toast.say(words, button);
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }
}

export const pending = new Pending();
